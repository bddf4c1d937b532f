"""The picture of a fact-check that chats and social networks show beside its link.

The verdict stands above the claim, larger than it, in word and sign: a picture is passed on without its page.
"""

from __future__ import annotations

import io
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import Literal, NamedTuple

import font_roboto
from PIL import Image, ImageDraw, ImageFont

from models.text import clean

Tone = Literal["false", "doubt", "true", "open"]
WIDTH, HEIGHT, MARGIN = 1200, 630, 60
# More than fits in any size; measuring the rest would only take time.
MAX_CHARACTERS = 400
_ROOM = WIDTH - 2 * MARGIN
_BANNER, _FOOT = 170, 60
_BACK, _INK, _SOFT = "#f6f5f0", "#1c2422", "#515d5a"
_COLOURS: dict[Tone, str] = {"false": "#9c1c1c", "doubt": "#7a4a00", "true": "#12602f", "open": "#334e68"}
# Sizes tried for the claim, largest first; at the last one it is cut.
_SIZES = (76, 64, 54, 46)
_LINE = 1.22
# What the font draws: Latin, and the punctuation of running text. Anything else would be an empty box.
_DRAWN = frozenset("–—‘’“”…•€")


class Shown(NamedTuple):
    """What a picture says: verdict in words, its sign and tone, the claim, and who checked it when."""

    verdict: str
    sign: str
    tone: Tone
    claim: str
    byline: str


@lru_cache(maxsize=128)
def draw(shown: Shown) -> bytes:
    """Draw a picture: PNG, `WIDTH` x `HEIGHT`. The same words make the same bytes."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _BACK)
    pen = ImageDraw.Draw(picture)
    colour = _COLOURS[shown.tone]
    pen.rectangle((MARGIN, MARGIN, WIDTH - MARGIN, MARGIN + _BANNER - 30), fill=colour)
    _sign(pen, shown.sign, MARGIN + 70, MARGIN + (_BANNER - 30) // 2)
    heading, size = fitted(drawable(shown.verdict).upper(), _ROOM - 170, 90, (84, 72, 60, 48))
    middle = MARGIN + (_BANNER - 30) // 2
    pen.text((MARGIN + 140, middle), heading[0], "#fff", _bold(size), anchor="lm")
    top = MARGIN + _BANNER
    lines, size = fitted(drawable(shown.claim), _ROOM, HEIGHT - MARGIN - _FOOT - top, _SIZES)
    for number, line in enumerate(lines):
        pen.text((MARGIN, top + round(number * size * _LINE)), line, _INK, _bold(size))
    foot, size = fitted(drawable(shown.byline), _ROOM - 230, 40, (30,))
    pen.text((MARGIN, HEIGHT - MARGIN), foot[0] if foot else "", _SOFT, _plain(size), anchor="ls")
    pen.text((WIDTH - MARGIN, HEIGHT - MARGIN), "Penjaga", "#0b5c57", _bold(40), anchor="rs")
    written = io.BytesIO()
    picture.quantize(64).save(written, "PNG", optimize=True)
    return written.getvalue()


def fitted(text: str, width: int, height: int, sizes: tuple[int, ...]) -> tuple[list[str], int]:
    """Break a text into lines within `width` x `height` pixels, in the largest of the sizes in which it fits.

    In the smallest, what is too much is cut, and an ellipsis says so.
    """
    for size in sizes:
        lines = _broken(text, _bold(size), width)
        most = max(1, int(height / (size * _LINE)))
        if len(lines) <= most:
            return lines, size
    font = _bold(sizes[-1])
    last = lines[most - 1]
    while last and font.getlength(f"{last}…") > width:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"], sizes[-1]


def drawable(text: str) -> str:
    """Return what the font can draw of a text, in one line: fancy letters plain, the rest left out."""
    plain = unicodedata.normalize("NFKC", clean(text).replace("…", "..."))
    kept = (one if " " <= one < "\u0250" or one in _DRAWN else " " for one in plain)
    return " ".join("".join(kept).replace("\x7f", " ").split())[:MAX_CHARACTERS]


def _broken(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
            continue
        rest = word
        # An address without a space is broken where the line ends.
        while font.getlength(rest) > width:
            cut = _fitting(rest, font, width)
            lines.append(rest[:cut])
            rest = rest[cut:]
        lines.append(rest)
    return lines


def _fitting(text: str, font: ImageFont.FreeTypeFont, width: int) -> int:
    """Return how many characters of a text fit, at least one."""
    return (
        bisect_right(range(2, len(text)), width, key=lambda end: round(font.getlength(text[:end]) + 0.5)) + 1
    )


def _sign(pen: ImageDraw.ImageDraw, sign: str, x: int, y: int) -> None:
    """Draw the sign itself; the font has not all of them."""
    size = 30
    if sign == "✕":
        pen.line((x - size, y - size, x + size, y + size), "#fff", 16)
        pen.line((x - size, y + size, x + size, y - size), "#fff", 16)
    elif sign == "✓":
        pen.line([(x - size, y), (x - 8, y + size - 4), (x + size + 4, y - size)], "#fff", 16, joint="curve")
    else:
        pen.text((x, y), sign, "#fff", _bold(96), anchor="mm")


@lru_cache(maxsize=16)
def _bold(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_roboto.RobotoBold, size)


@lru_cache(maxsize=16)
def _plain(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_roboto.Roboto, size)
