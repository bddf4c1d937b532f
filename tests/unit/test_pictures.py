"""Pictures for sharing: the verdict always stands on them, and no text runs over their edge."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from triage import pictures
from triage.pictures import HEIGHT, MARGIN, WIDTH, Shown
from triage.verdicts import verdicts
from triage.web.labels import VERDICT_SIGNS

BACK = (246, 245, 240)


def drawn(claim: str, code: str = "hoaks", byline: str = "Diperiksa oleh KIM, 2 Januari 2026") -> Image.Image:
    sign, tone = VERDICT_SIGNS[code]
    png = pictures.draw(Shown(verdicts()[code].label, sign, tone, claim, byline))  # type: ignore[arg-type]
    return Image.open(io.BytesIO(png)).convert("RGB")


def edge(picture: Image.Image) -> set[tuple[int, ...]]:
    """Return the colours outside the margin; letters that hang over a little may reach into it."""
    near = MARGIN - 16
    boxes = [
        (0, 0, WIDTH, near), (0, HEIGHT - near, WIDTH, HEIGHT), (0, 0, near, HEIGHT),
        (WIDTH - near, 0, WIDTH, HEIGHT),
    ]  # fmt: skip
    return {colour for box in boxes for _, colour in picture.crop(box).getcolors(99_999) or []}


CLAIMS = ["Kabar", "kabar bantuan " * 60, "https://" + "a" * 500, "W" * 300, "", "😱🔥", "ij" * 900, "g" * 40]


@pytest.mark.parametrize(
    ("claim", "code"),
    [*((claim, "hoaks") for claim in CLAIMS), *((CLAIMS[1], code) for code in VERDICT_SIGNS)],
)
def test_no_text_runs_over_the_edge(claim: str, code: str) -> None:
    picture = drawn(claim, code, byline=claim)
    assert picture.size == (WIDTH, HEIGHT)
    (colour,) = edge(picture)
    assert all(abs(a - b) < 4 for a, b in zip(colour, BACK, strict=True))


@pytest.mark.parametrize("claim", CLAIMS, ids=range(len(CLAIMS)))
def test_the_verdict_stands_there_whatever_the_claim(claim: str) -> None:
    colours = drawn(claim).crop((MARGIN, MARGIN, WIDTH - MARGIN, MARGIN + 140)).getcolors(99_999) or []
    red = sum(count for count, (r, g, _) in colours if r > 130 and g < 60)
    white = sum(count for count, colour in colours if min(colour) > 230)
    assert red > 100_000
    # The cross and the word.
    assert white > 8_000


def test_the_same_words_make_the_same_picture_of_few_bytes() -> None:
    pictures.draw.cache_clear()
    first = pictures.draw(Shown("Hoaks", "✕", "false", "Kabar bantuan tunai", "KIM"))
    pictures.draw.cache_clear()
    assert pictures.draw(Shown("Hoaks", "✕", "false", "Kabar bantuan tunai", "KIM")) == first
    assert len(first) < 60_000


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=400), st.integers(200, 1080), st.integers(60, 400))
def test_any_text_fits(text: str, width: int, height: int) -> None:
    lines, size = pictures.fitted(pictures.drawable(text), width, height, (76, 46))
    assert all(pictures._bold(size).getlength(line) <= width for line in lines)
    assert len(lines) <= max(1, int(height / (size * 1.22)))


def test_letters_that_the_font_lacks_are_plain_or_left_out() -> None:
    assert pictures.drawable("𝗛𝗢𝗔𝗞𝗦 😱 “Semeru” \u202eterbalik") == "HOAKS “Semeru” terbalik"
