"""Cards: whatever a fact-check says, it stays in its place, readable, with the verdict over the claim."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageColor

from triage import cards
from triage.archive.entries import CurrentFactCheck
from triage.cards import FRAMES, Card, Shape
from triage.cards.drawing import paint
from triage.cards.fitting import LINE, drawable, fitted, font
from triage.cards.layout import BRAND, INK, PAPER, SOFT, STRONG, TINT, WHITE, Layout, layout
from triage.columns import now
from triage.verdicts import Tone, verdicts

OFFICE = "KIM dan Diskominfo Kabupaten Lumajang"
URL = "https://penjaga.lumajangkab.go.id/fakta/123"
HOSTILE = "😱🔥 نص عربي \u202eterbalik\u202c a\u0300\u0301\u0302\u0303\u0304 \x00\x1b\ufeff 𝗛𝗢𝗔𝗞𝗦"
TEXTS = {
    "short": "Tidak.",
    "middle": "Letusan gunung api tidak dapat dipastikan sampai ke jamnya. Petugas memantau siang malam.",
    "long": "Kabar ini tidak benar karena semua tempat sudah diperiksa " * 40,
    "unbroken": "a" * 400,
    "wide": "W" * 400,
    "wide words": "WAMMOWW MWWWMAM " * 40,
    "capitals": "AWAS SEMERU MELETUS MALAM INI JUGA " * 20,
    "address": "https://contoh.example/" + "sangatpanjang/" * 40,
    "words and endless": "Lihat https://" + "x" * 380,
    "hostile": HOSTILE,
    "nothing": "",
    "emoji": "😱🔥",
}
CODES = [*(code for code, verdict in verdicts().items() if verdict.publishable), ""]
SHAPES: tuple[Shape, ...] = ("kotak", "cerita", "tautan")


def entry(text: str = TEXTS["middle"], verdict: str = "hoaks", **fields: object) -> CurrentFactCheck:
    moment = now()
    values: dict[str, object] = {
        "id": 123, "version": 1, "origin": "own", "searchable": True, "title": "Semeru meletus malam ini",
        "claim": text, "explanation": text, "what_to_do": "", "ask": "", "verdict": verdict, "harm": "other",
        "language": "id", "publisher": OFFICE, "checked_on": date(2026, 11, 5), "url": "",
        "evidence": ({"label": text, "url": ""},) * 3, "created_at": moment, "updated_at": moment,
        "retracted_at": None, "peer_id": None,
    }  # fmt: skip
    return CurrentFactCheck(**(values | fields))  # type: ignore[arg-type]


def made(text: str = TEXTS["middle"], verdict: str = "hoaks", **fields: object) -> Card:
    return cards.card(entry(text, verdict, **fields), OFFICE, URL)


def boxes(laid: Layout) -> list[tuple[str, tuple[int, int, int, int]]]:
    return [
        *((words.name, words.box) for words in laid.words),
        *(("code", code.box) for code in laid.codes),
        *(("mark", mark) for mark in laid.marks),
        *(
            ("sign", (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius))
            for one in laid.signs
        ),
    ]


def holds(card: Card, shape: Shape) -> Layout:
    """Assert that everything is within the frame, and that nothing overlaps; return the layout."""
    frame, laid = FRAMES[shape], layout(card, shape)
    for name, (left, top, right, bottom) in boxes(laid):
        assert frame.margin <= left < right <= frame.width - frame.margin, name
        assert frame.top <= top < bottom <= frame.bottom, name
    for (one, a), (other, b) in combinations(boxes(laid), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, (one, a, other, b)
    for words in laid.words:
        left, top, right, bottom = words.box
        face = font(words.weight, words.fitted.size)
        assert all(face.getlength(line) <= right - left for line in words.fitted.lines), words
        assert len(words.fitted.lines) * words.fitted.size * LINE <= bottom - top + 1, words
    return laid


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_text_stays_in_its_box_and_no_boxes_overlap(shape: Shape, text: str) -> None:
    holds(made(text), shape)
    holds(cards.card(entry(text), text or OFFICE, f"https://{'x' * 200}.example/fakta/1"), shape)


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=700), st.sampled_from(SHAPES), st.sampled_from(CODES))
def test_any_text_does(text: str, shape: Shape, code: str) -> None:
    holds(made(text, code), shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_by_pixel_each_text_is_drawn_within_its_box_and_the_margins_are_untouched(
    shape: Shape, text: str
) -> None:
    laid = layout(made(text), shape)
    frame, whole = FRAMES[shape], paint(laid)
    bare = paint(Layout(laid.width, laid.height, laid.fills))
    for words in laid.words:
        alone = paint(Layout(laid.width, laid.height, laid.fills, words=[words]))
        drawn = ImageChops.difference(alone, bare).getbbox()
        assert drawn is not None, words.name
        left, top, right, bottom = words.box
        # The outline of a round letter may hang over by a pixel.
        assert left - 2 <= drawn[0] < drawn[2] <= right + 2, words.name
        assert top <= drawn[1] < drawn[3] <= bottom, words.name
    touched = ImageChops.difference(whole, bare).getbbox()
    assert touched is not None
    assert touched[0] >= frame.margin - 2
    assert touched[2] <= frame.width - frame.margin + 2
    assert touched[1] >= frame.top
    assert touched[3] <= frame.bottom


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_story_leaves_250_pixels_above_and_below_to_the_apps(text: str) -> None:
    picture = paint(layout(made(text), "cerita"))
    assert picture.size == (1080, 1920)
    for top, bottom in ((0, 250), (1670, 1920)):
        rows = picture.crop((0, top, 1080, bottom))
        # Each row is of one colour.
        assert ImageChops.difference(rows, rows.crop((0, 0, 1, 250)).resize((1080, 250))).getbbox() is None


@pytest.mark.parametrize(
    ("shape", "size"), [("kotak", (1080, 1080)), ("cerita", (1080, 1920)), ("tautan", (1200, 630))]
)
def test_the_sizes_that_apps_ask_for_in_few_bytes(shape: Shape, size: tuple[int, int]) -> None:
    for text in TEXTS.values():
        png = cards.png(made(text), shape)
        assert Image.open(io.BytesIO(png)).size == size
        assert len(png) < 200_000
    small = cards.png(made(), shape, small=True)
    assert Image.open(io.BytesIO(small)).width == cards.SMALL
    assert len(small) < 25_000


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", CODES)
def test_every_text_stands_out_from_what_is_below_it(shape: Shape, code: str) -> None:
    laid = layout(made(verdict=code), shape)
    bare = paint(Layout(laid.width, laid.height, laid.fills))
    for words in laid.words:
        assert contrast(words.colour, words.on) >= 4.5, words.name
        inside = bare.crop(words.box).getcolors()
        assert inside is not None, words.name
        assert [colour for _, colour in inside] == [ImageColor.getrgb(words.on)], words.name
    assert {words.colour for words in laid.words} <= {WHITE, INK, SOFT, BRAND, STRONG[verdict_tone(code)]}
    assert {words.on for words in laid.words} == {PAPER, TINT[verdict_tone(code)], STRONG[verdict_tone(code)]}


def verdict_tone(code: str) -> Tone:
    return verdicts()[code].tone if code else "open"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("code", CODES)
def test_the_verdict_stands_over_the_claim_whole_and_larger_in_word_sign_and_colour(
    shape: Shape, code: str
) -> None:
    laid = layout(made(verdict=code), shape)
    by_name = {words.name: words for words in laid.words}
    word, claim = by_name["word"], by_name["claim"]
    label = verdicts()[code].label if code else "Sudah pernah diperiksa"
    assert word.fitted.lines == (label.upper(),)
    assert not word.fitted.cut
    assert word.box[3] <= claim.box[1]
    assert word.fitted.size > claim.fitted.size
    assert by_name["truth"].fitted.size > claim.fitted.size
    assert label.upper() in by_name["claim label"].fitted.lines[0]
    assert by_name["claim label"].box[3] <= claim.box[1]
    (sign,) = laid.signs
    assert sign.sign == (verdicts()[code].sign if code else "i")
    if sign.sign == "✕":
        assert paint(laid).getpixel((sign.x, sign.y)) == ImageColor.getrgb(STRONG["false"])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "url", [URL, "https://desa.id/fakta/1", f"https://{'kabupaten' * 5}.go.id/fakta/99999"]
)
def test_the_qr_code_on_the_picture_leads_to_the_page(shape: Shape, url: str) -> None:
    card = cards.card(entry(), OFFICE, url)
    (code,) = layout(card, shape).codes
    picture = Image.open(io.BytesIO(cards.png(card, shape))).convert("L").crop(code.box)
    level = "l" if shape == "tautan" and len(url) > 60 else "m"
    expected = [list(row) for row in segno.make(url, error=level, micro=False, boost_error=False).matrix]
    silence = (picture.width - len(expected) * code.pixels) // 2
    assert silence >= 4 * code.pixels
    assert code.pixels >= 3
    start, grey = silence + code.pixels // 2, picture.tobytes()
    places = range(start, start + len(expected) * code.pixels, code.pixels)
    read = [[int(grey[y * picture.width + x] < 128) for x in places] for y in places]
    assert read == expected
    ring = picture.crop((0, 0, picture.width, silence - 1))
    assert min(ring.tobytes()) > 200


def test_an_address_that_no_code_holds_is_left_in_words() -> None:
    card = cards.card(entry(), OFFICE, f"https://{'x' * 4_000}.example/fakta/1")
    assert layout(card, "kotak").codes == []
    holds(card, "kotak")


def test_the_truth_is_told_in_whole_sentences_as_long_as_one_fits() -> None:
    for shape in SHAPES:
        truth = next(words for words in layout(made(), shape).words if words.name == "truth")
        told = " ".join(truth.fitted.lines)
        assert told.startswith("Letusan gunung api tidak dapat dipastikan sampai ke jamnya.")
        assert told.endswith(".")
        assert not truth.fitted.cut
    for text in ("long", "unbroken"):
        truth = next(words for words in layout(made(TEXTS[text]), "kotak").words if words.name == "truth")
        assert "".join(truth.fitted.lines).replace(" ", "").endswith("…lanjutannyadihalaman")


def test_what_is_not_said_leaves_no_gap_and_never_the_heading_as_truth() -> None:
    card = made(explanation="", claim="")
    assert card.truth == ("Isinya tidak benar.",)
    assert card.claim == "Semeru meletus malam ini"
    assert card.claim_label == "Yang diperiksa"
    starter = cards.card(entry(origin="starter"), OFFICE, URL)
    assert (starter.claim, starter.source, starter.checked) == (
        "Semeru meletus malam ini", "Dari arsip awal Penjaga", "",
    )  # fmt: skip


def test_telephone_numbers_in_the_claim_are_masked() -> None:
    assert "0812-3456-7890" not in made(claim="Hubungi 0812-3456-7890 sekarang").claim


def test_the_words_beside_the_picture_say_the_same_with_the_verdict_first() -> None:
    told = cards.alt_text(made())
    assert told.startswith("Hoaks. Isinya tidak benar. Kabar yang beredar: “Letusan")
    for said in (
        "Yang sebenarnya: Letusan",
        "Diperiksa 5 November 2026.",
        f"{OFFICE}.",
        "penjaga.lumajangkab.go.id/fakta/123",
    ):
        assert said in told
    assert "… lanjutannya di halaman" in cards.alt_text(made(TEXTS["long"]))


def test_letters_that_the_font_lacks_are_plain_or_left_out() -> None:
    assert drawable("𝗛𝗢𝗔𝗞𝗦 😱 “Semeru” \u202eterbalik") == "HOAKS “Semeru” terbalik"
    assert drawable(HOSTILE) == "terbalik à HOAKS"


def test_lines_are_balanced_and_short_of_their_box() -> None:
    found = fitted(
        "Letusan gunung api tidak dapat dipastikan sampai ke jamnya.", 1000, 200, (54,), balanced=True
    )
    assert found.lines == ("Letusan gunung api tidak dapat", "dipastikan sampai ke jamnya.")


def test_the_same_words_make_the_same_bytes_and_another_name_only_with_other_words() -> None:
    one = made("Satu kalimat saja yang lain.")
    first = cards.png(one, "kotak")
    cards.drawing._kept.clear()
    assert cards.png(made("Satu kalimat saja yang lain."), "kotak") == first
    assert cards.etag(one, "kotak") == cards.etag(made("Satu kalimat saja yang lain."), "kotak")
    names = {cards.etag(one, shape, small=small) for shape in SHAPES for small in (True, False)}
    assert len(names | {cards.etag(replace(one, word="Benar"), "kotak")}) == 7


def test_many_at_once_are_drawn_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing, most, lock = 0, 0, threading.Lock()
    real = cards.drawing.paint

    def counted(made: Layout) -> Image.Image:
        nonlocal drawing, most
        with lock:
            drawing += 1
            most = max(most, drawing)
        picture = real(made)
        with lock:
            drawing -= 1
        return picture

    monkeypatch.setattr(cards.drawing, "paint", counted)
    found: list[bytes] = []
    cards.drawing._kept.clear()
    several = [made(f"Kalimat nomor {number % 3}.") for number in range(12)]
    threads = [
        threading.Thread(target=lambda one=one: found.append(cards.png(one, "tautan"))) for one in several
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert len(found) == 12
    assert len(set(found)) == 3


def test_no_more_pictures_are_kept_than_fit() -> None:
    for number in range(cards.drawing.MOST_KEPT + 3):
        cards.drawing._kept[(made(f"Nomor {number}."), "tautan", True)] = b""
    cards.png(made("Yang terakhir."), "tautan", small=True)
    assert len(cards.drawing._kept) == cards.drawing.MOST_KEPT
    cards.drawing._kept.clear()
