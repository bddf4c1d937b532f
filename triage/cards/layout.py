"""Where each part of a card stands, in its three sizes: measured, so that nothing overlaps or is cut off.

From top to bottom: the verdict; joined to it, on its tint and smaller, the claim; then, largest, the truth;
at the foot who says so and where to read on. The claim never stands without the verdict over it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import segno

from triage.cards.content import MORE, Card
from triage.cards.fitting import LINE, Fitted, Weight, drawable, fitted, font
from triage.verdicts import Tone

Shape = Literal["kotak", "cerita", "tautan"]
Box = tuple[int, int, int, int]
PAPER, INK, SOFT, BRAND, WHITE = "#fbfaf6", "#16211f", "#47524f", "#0b5c57", "#ffffff"
# Of the verdict's band, and of the tint below it on which the claim stands.
STRONG: dict[Tone, str] = {"false": "#a31616", "doubt": "#7d4700", "true": "#12602f", "open": "#2f4a66"}
TINT: dict[Tone, str] = {"false": "#f9e0dc", "doubt": "#fae9c8", "true": "#dcf0e2", "open": "#dfe8f1"}
# A QR code needs four modules of silence around it, and modules that a cheap camera tells apart.
_SILENCE, _LEAST_MODULE = 4, 3
# Above and below, so many pixels of a story belong to the buttons of the apps.
_SAFE = 250
_RULE = "#cfd5d0"
_BRAND = "Penjaga · Cek Fakta"


@dataclass(frozen=True, slots=True)
class Frame:
    """Sizes in pixels of one shape. Text stands between `top` and `bottom`, `margin` from either side.

    Tuples are sizes to try, largest first. `large`: at which the truth is still read in passing. `beside`:
    the brand stands beside the verdict, not over it.
    """

    width: int
    height: int
    margin: int
    top: int
    bottom: int
    brand: int
    words: tuple[int, ...]
    meaning: tuple[int, ...]
    claim: tuple[int, ...]
    claim_lines: int
    truth: tuple[int, ...]
    large: int
    foot: tuple[int, ...]
    code: int
    gap: int
    beside: bool = False


FRAMES: dict[Shape, Frame] = {
    "kotak": Frame(
        width=1080, height=1080, margin=64, top=44, bottom=1036, brand=32, words=(108, 96, 84, 72, 60, 52),
        meaning=(38, 34, 30, 27), claim=(40, 36, 33, 31), claim_lines=3,
        truth=(88, 80, 72, 66, 60, 54, 48, 43, 38), large=54, foot=(28, 26), code=205, gap=26,
    ),
    "cerita": Frame(
        width=1080, height=1920, margin=72, top=_SAFE + 16, bottom=1920 - _SAFE - 14, brand=36,
        words=(120, 104, 90, 76, 62, 54), meaning=(42, 38, 34, 30), claim=(46, 42, 38, 35), claim_lines=5,
        truth=(104, 96, 88, 80, 72, 64, 56, 50, 44), large=64, foot=(31, 28), code=246, gap=38,
    ),
    "tautan": Frame(
        width=1200, height=630, margin=48, top=28, bottom=606, brand=28, words=(76, 66, 58, 50),
        meaning=(27, 25, 23, 21), claim=(30, 27, 25), claim_lines=2,
        truth=(60, 54, 48, 42, 38, 34, 30), large=38, foot=(23, 21), code=123, gap=15, beside=True,
    ),
}  # fmt: skip
# An address that is cut leads nowhere: it is made smaller first.
_SMALLER = (24, 21, 18, 16)


@dataclass(frozen=True, slots=True)
class Words:
    """Lines of one size, drawn from the upper left corner of their box; `on`: the colour below them."""

    name: str
    box: Box
    fitted: Fitted
    weight: Weight
    colour: str
    on: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A rectangle of one colour, its corners rounded by `radius`."""

    box: Box
    colour: str
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """The verdict's sign, left out of a disc around (`x`, `y`)."""

    sign: str
    x: int
    y: int
    radius: int
    disc: str


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code; `modules` without the silence around, which is part of `box`."""

    box: Box
    modules: tuple[bytes, ...]
    pixels: int


@dataclass(slots=True)
class Layout:
    """A card as it will be drawn, in this order: fills, signs, words, codes."""

    width: int
    height: int
    fills: list[Fill] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    marks: list[Box] = field(default_factory=list)

    def put(
        self, name: str, text: str, box: Box, sizes: tuple[int, ...], weight: Weight, colour: str, on: str
    ) -> int:
        """Fit a text into a box and add it at the top; return how high it is."""
        left, top, right, bottom = box
        found = fitted(drawable(text), right - left, bottom - top, sizes, weight)
        self.add(name, found, (left, top), right - left, weight, colour, on)
        return found.height

    def add(
        self, name: str, found: Fitted, at: tuple[int, int], width: int, weight: Weight, colour: str, on: str
    ) -> None:
        """Add a text that was fitted into a width already."""
        if found.lines:
            box = (*at, at[0] + width, at[1] + found.height)
            self.words.append(Words(name, box, found, weight, colour, on))


def layout(card: Card, shape: Shape) -> Layout:
    """Lay out a card in one of its shapes."""
    frame = FRAMES[shape]
    made = Layout(frame.width, frame.height)
    made.fills.append(Fill((0, 0, frame.width, frame.height), PAPER))
    below = _claim(made, card, frame, _verdict(made, card, frame))
    _truth(made, card, frame, below, _foot(made, card, frame))
    if frame.height - frame.bottom > _SAFE // 2:
        # Closes what is free of text, as the band does above.
        made.fills.append(Fill((0, frame.height - _SAFE // 2, frame.width, frame.height), STRONG[card.tone]))
    return made


def _verdict(made: Layout, card: Card, frame: Frame) -> int:
    """Lay out the band of the verdict; return where it ends."""
    strong, right, top = STRONG[card.tone], frame.width - frame.margin, frame.top
    start, below = _brand(made, frame, strong)
    top = top if frame.beside else below + frame.gap * 2 // 3
    side = round((frame.words[0] + 1.6 * frame.meaning[-1]) * LINE)
    left = frame.margin + side + frame.gap
    made.signs.append(Sign(card.sign, frame.margin + side // 2, top + side // 2, side // 2, WHITE))
    room = (start - frame.gap if frame.beside else right) - left
    high = round(frame.words[0] * LINE) + 1
    word = fitted(drawable(card.word).upper(), room, high, frame.words, "black")
    meaning = fitted(drawable(card.meaning), right - left, side - word.height + 1, frame.meaning, "medium")
    y = top + (side - word.height - meaning.height) // 2
    made.add("word", word, (left, y), room, "black", WHITE, strong)
    made.add("meaning", meaning, (left, y + word.height), right - left, "medium", WHITE, strong)
    end = top + side + frame.gap
    made.fills.append(Fill((0, 0, frame.width, end), strong))
    return end


def _brand(made: Layout, frame: Frame, strong: str) -> tuple[int, int]:
    """Lay out whose cards these are; return where that begins, and where it ends below."""
    top, high = frame.top, round(frame.brand * LINE)
    name = fitted(_BRAND, frame.width, high, (frame.brand,), "medium")
    wide = round(font("medium", frame.brand).getlength(_BRAND)) + 2
    apart = high + frame.gap // 2
    start = frame.width - frame.margin - apart - wide if frame.beside else frame.margin
    made.marks.append((start, top, start + high, top + high))
    made.add("brand", name, (start + apart, top), wide, "medium", WHITE, strong)
    return start, top + high


def _claim(made: Layout, card: Card, frame: Frame, top: int) -> int:
    """Lay out the claim, on the tint of its verdict; return where that ends."""
    if not drawable(card.claim):
        return top
    strong, tint = STRONG[card.tone], TINT[card.tone]
    start = y = top + frame.gap
    bar = max(8, frame.gap // 3)
    left, right = frame.margin + bar + frame.gap * 2 // 3, frame.width - frame.margin
    size = frame.meaning[-1] - 1
    label = f"{card.claim_label}: {card.word}".upper()
    y += made.put("claim label", label, (left, y, right, y + size * 2), (size,), "bold", strong, tint)
    y += frame.gap // 4
    most = round(frame.claim_lines * frame.claim[-1] * LINE) + 2
    quoted = fitted(drawable(f"“{card.claim}”"), right - left, most, frame.claim, "plain", ending="…”")
    made.add("claim", quoted, (left, y), right - left, "plain", SOFT, tint)
    y += quoted.height
    made.fills += [
        Fill((0, top, frame.width, y + frame.gap), tint),
        Fill((frame.margin, start, frame.margin + bar, y), strong, bar // 2),
    ]
    return y + frame.gap


def _truth(made: Layout, card: Card, frame: Frame, top: int, bottom: int) -> None:
    """Lay out the truth in what is left between the claim and the foot."""
    left, width = frame.margin, frame.width - 2 * frame.margin
    size = frame.meaning[0]
    label = round(size * LINE) + frame.gap // 4
    top, bottom = top + frame.gap, bottom - frame.gap
    found = _told(card, frame, width, bottom - top - label)
    # What is short stands a little above the middle of its room.
    top += (bottom - top - label - found.height) * 2 // 5
    box = (left, top, left + width, top + label)
    made.put("truth label", card.truth_label.upper(), box, (size,), "black", BRAND, PAPER)
    made.add("truth", found, (left, top + label), width, "bold", INK, PAPER)


def _told(card: Card, frame: Frame, width: int, height: int) -> Fitted:
    """Fit as many sentences of the truth as are still large; the first one in any case."""
    for number in range(len(card.truth), 1, -1):
        text = drawable(" ".join(card.truth[:number]))
        large = tuple(size for size in frame.truth if size >= frame.large)
        found = fitted(text, width, height, large, balanced=True)
        if not found.cut:
            return found
    text = drawable(card.truth[0]) or drawable(card.meaning)
    return fitted(text, width, height, frame.truth, ending=MORE, cut=card.truth_cut, balanced=True)


def _foot(made: Layout, card: Card, frame: Frame) -> int:
    """Lay out who says so, and where to read on; return where that begins."""
    right, top = frame.width - frame.margin, frame.bottom - frame.code
    edge = top - frame.gap
    made.fills.append(Fill((frame.margin, edge, right, edge + 3), _RULE))
    code = _code(card.url, right, frame)
    if code:
        made.codes.append(code)
        made.fills.append(Fill(code.box, WHITE, 10))
        right = code.box[0] - frame.gap
    rows: list[tuple[str, str, Weight, str]] = [
        ("source", card.source, "plain", SOFT),
        ("checked", card.checked, "plain", SOFT),
        ("office", card.office, "bold", INK),
        ("address", card.address, "bold", BRAND),
    ]
    rows = [row for row in rows if drawable(row[1])]
    pitch = frame.code // 4
    top += (frame.code - len(rows) * pitch) // 2
    for name, text, weight, colour in rows:
        sizes = (*frame.foot, *_SMALLER) if name == "address" else frame.foot
        made.put(name, text, (frame.margin, top, right, top + pitch), sizes, weight, colour, PAPER)
        top += pitch
    return edge


def _code(url: str, right: int, frame: Frame) -> Code | None:
    """Return the QR code of an address, None where it is too long to be read at this size.

    A long one has less to mend it with where the picture is scratched.
    """
    for level in ("m", "l"):
        try:
            matrix = segno.make(url, error=level, micro=False, boost_error=False).matrix
        except segno.DataOverflowError:
            continue
        pixels = frame.code // (len(matrix) + 2 * _SILENCE)
        if pixels >= _LEAST_MODULE:
            side = pixels * (len(matrix) + 2 * _SILENCE)
            top = frame.bottom - frame.code + (frame.code - side) // 2
            return Code((right - side, top, right, top + side), tuple(bytes(row) for row in matrix), pixels)
    return None
