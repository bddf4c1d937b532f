"""Texts measured with the font that draws them: cleaned to what it draws, broken into lines that fit."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import font_roboto
from PIL import ImageFont

from models.text import clean

Weight = Literal["plain", "medium", "bold", "black"]
_FACES = {
    "plain": font_roboto.Roboto,
    "medium": font_roboto.RobotoMedium,
    "bold": font_roboto.RobotoBold,
    "black": font_roboto.RobotoBlack,
}
# From one line to the next, in sizes of the font; accents and descenders stay within.
LINE = 1.22
# More than fits in any box; measuring the rest would only take time.
MAX_CHARACTERS = 600
# Longer words may be cut anywhere.
_LONG_WORD = 24
# Punctuation of running text that the font draws beside Latin. Anything else would be an empty box.
_DRAWN = frozenset("–—‘’“”…•€")


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines within a box at one size (pixels); `cut`: not the whole text."""

    lines: tuple[str, ...]
    size: int
    cut: bool

    @property
    def height(self) -> int:
        """Return how many pixels the lines take."""
        return round(len(self.lines) * self.size * LINE)


def font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """Return the font of a weight and size (pixels), loaded once."""
    return _loaded(weight, size)


def drawable(text: str) -> str:
    """Return what the font can draw of a text, in one line: fancy letters plain, the rest left out."""
    plain = unicodedata.normalize("NFKC", clean(text).replace("…", "..."))
    kept = (one if " " <= one < "\u0250" or one in _DRAWN else " " for one in plain)
    return " ".join("".join(kept).replace("\x7f", " ").replace("...", "…").split())


def fitted(
    text: str,
    width: int,
    height: int,
    sizes: tuple[int, ...],
    weight: Weight = "bold",
    *,
    ending: str = "…",
    cut: bool = False,
    balanced: bool = False,
) -> Fitted:
    """Break a drawable text into lines within `width` x `height` pixels, at the largest size that takes it.

    What is too much for the smallest (or already left out: `cut`) ends with `ending`. `balanced`: lines about
    as long as each other, so that no word is left alone on the last.
    """
    cut = cut or len(text) > MAX_CHARACTERS
    text = text[:MAX_CHARACTERS]
    wanted = text + ending if cut else text
    for size in sizes:
        lines = _broken(wanted, font(weight, size), width)
        if len(lines) <= _most(height, size):
            if balanced:
                lines = _balanced(wanted, font(weight, size), width, len(lines))
            return Fitted(tuple(lines), size, cut)
    size = sizes[-1]
    return Fitted(_shortened(text, font(weight, size), width, _most(height, size), ending), size, cut=True)


def _most(height: int, size: int) -> int:
    return max(1, int(height / (size * LINE)))


def _shortened(
    text: str, face: ImageFont.FreeTypeFont, width: int, most: int, ending: str
) -> tuple[str, ...]:
    """Return what fits in `most` lines together with the ending, up to a word; long ones are cut."""
    letters = bisect_right(
        range(1, len(text) + 1), most, key=lambda number: len(_broken(text[:number] + ending, face, width))
    )
    kept = text[:letters]
    whole = kept.rpartition(" ")[0]
    if whole and len(kept) - len(whole) <= _LONG_WORD and text[letters : letters + 1].strip():
        kept = whole
    return tuple(_broken(kept.rstrip(" ,;:–—") + ending, face, width)[:most])


def _balanced(text: str, face: ImageFont.FreeTypeFont, width: int, lines: int) -> list[str]:
    """Break a text within the least width in which it takes no more lines than in all of it."""
    steps = range(width // 2, width, 8)
    narrow = bisect_left(steps, -lines, key=lambda least: -len(_broken(text, face, least)))
    return _broken(text, face, steps[narrow] if narrow < len(steps) else width)


def _broken(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
            continue
        rest = word
        # An address without a space is broken where the line ends.
        while face.getlength(rest) > width:
            end = _fitting(rest, face, width)
            lines.append(rest[:end])
            rest = rest[end:]
        lines.append(rest)
    return lines


def _fitting(text: str, face: ImageFont.FreeTypeFont, width: int) -> int:
    """Return how many characters of a text fit, at least one."""
    return (
        bisect_right(range(2, len(text)), width, key=lambda end: round(face.getlength(text[:end]) + 0.5)) + 1
    )


@lru_cache(maxsize=96)
def _loaded(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FACES[weight], size)
