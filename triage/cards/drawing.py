"""Cards as PNG, all drawn by one thread: many requests at once take the memory of one picture."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageDraw

from triage.cards.content import Card
from triage.cards.fitting import LINE, font
from triage.cards.layout import WHITE, Box, Code, Layout, Shape, Sign, Words, layout

# Grows with every change to how cards look: readers' devices then fetch them anew.
DESIGN = 1
SMALL = 360  # pixels that a preview is wide
MOST_KEPT = 96  # pictures of some 60 kB
_COLOURS = 48
# Curves are drawn so many times as large and made smaller, which smooths their edges.
_FINE = 4
_SHIELD = (
    (16, 2), (4, 6.5), (4, 15.5), (4.6, 19.3), (6.3, 22.9), (8.9, 26), (12.2, 28.4), (16, 30),
    (19.8, 28.4), (23.1, 26), (25.7, 22.9), (27.4, 19.3), (28, 15.5), (28, 6.5),
)  # fmt: skip
_TICK = ((10, 16), (14.5, 20.5), (22.5, 12))
_Key = tuple[Card, Shape, bool]
_kept: OrderedDict[_Key, bytes] = OrderedDict()
_keeping = threading.Lock()
# Not whoever asks: the memory of a picture stays with the thread that had it.
_artist = ThreadPoolExecutor(1, "cards")


def png(card: Card, shape: Shape, *, small: bool = False) -> bytes:
    """Return a card as PNG, at its full size or `SMALL`. The same words make the same bytes.

    Whoever asks for one that was drawn lately does not wait for those being drawn.
    """
    return kept(card, shape, small=small) or _artist.submit(_drawn, (card, shape, small)).result()


def kept(card: Card, shape: Shape, *, small: bool = False) -> bytes | None:
    """Return a card that was drawn lately, None if it was not."""
    key = (card, shape, small)
    with _keeping:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
        return found


def _drawn(key: _Key) -> bytes:
    """Draw a picture and keep it, unless somebody else asked for it meanwhile."""
    card, shape, small = key
    found = kept(card, shape, small=small)
    if found is None:
        found = _encoded(paint(layout(card, shape)), small=small)
        with _keeping:
            _kept[key] = found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found


def etag(card: Card, shape: Shape, *, small: bool = False) -> str:
    """Return what names a picture by its content, without drawing it."""
    return hashlib.sha256(repr((DESIGN, card, shape, small)).encode("utf-8", "replace")).hexdigest()[:32]


def paint(made: Layout) -> Image.Image:
    """Draw a layout, RGB."""
    picture = Image.new("RGB", (made.width, made.height), WHITE)
    pen = ImageDraw.Draw(picture)
    for fill in made.fills:
        left, top, right, bottom = fill.box
        pen.rounded_rectangle((left, top, right - 1, bottom - 1), fill.radius, fill=fill.colour)
    for mark in made.marks:
        _mark(picture, mark)
    for sign in made.signs:
        _sign(picture, sign)
    for words in made.words:
        _words(pen, words)
    for code in made.codes:
        _code(pen, code)
    return picture


def _encoded(picture: Image.Image, *, small: bool) -> bytes:
    if small:
        size = (SMALL, round(picture.height * SMALL / picture.width))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    written = io.BytesIO()
    picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        written, "PNG", compress_level=9
    )
    return written.getvalue()


def _words(pen: ImageDraw.ImageDraw, words: Words) -> None:
    left, top, _, _ = words.box
    face = font(words.weight, words.fitted.size)
    for number, line in enumerate(words.fitted.lines):
        pen.text((left, top + round(number * words.fitted.size * LINE)), line, words.colour, face)


def _code(pen: ImageDraw.ImageDraw, code: Code) -> None:
    left, top, right, _ = code.box
    silence = (right - left - len(code.modules) * code.pixels) // 2
    for y, row in enumerate(code.modules):
        for x, dark in enumerate(row):
            if dark:
                at = (left + silence + x * code.pixels, top + silence + y * code.pixels)
                pen.rectangle((*at, at[0] + code.pixels - 1, at[1] + code.pixels - 1), "#000")


def _sign(picture: Image.Image, sign: Sign) -> None:
    """Draw a disc that leaves the sign out, so that the band shows through; the font has not all of them."""
    side = 2 * sign.radius * _FINE
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    pen.ellipse((0, 0, side - 1, side - 1), 255)
    middle = side // 2
    arm, thick = round(middle * 0.42), round(middle * 0.25)
    if sign.sign == "✕":
        for way in (-1, 1):
            _stroke(pen, [(middle - arm, middle - way * arm), (middle + arm, middle + way * arm)], thick)
    elif sign.sign == "✓":
        foot = (middle - arm // 4, middle + arm * 3 // 4)
        _stroke(pen, [(middle - arm, middle + arm // 8), foot, (middle + arm, middle - arm * 3 // 4)], thick)
    else:
        pen.text((middle, middle), sign.sign, 0, font("black", round(middle * 1.35)), anchor="mm")
    _stamp(picture, mask, (sign.x - sign.radius, sign.y - sign.radius), sign.disc)


def _mark(picture: Image.Image, box: Box) -> None:
    """Draw the shield of Penjaga (`static/mark.svg`), its tick left out."""
    side = (box[2] - box[0]) * _FINE
    mask = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(mask)
    unit = side / 32
    pen.polygon([(x * unit, y * unit) for x, y in _SHIELD], 255)
    _stroke(pen, [(round(x * unit), round(y * unit)) for x, y in _TICK], round(3.2 * unit))
    _stamp(picture, mask, box[:2], WHITE)


def _stroke(pen: ImageDraw.ImageDraw, points: list[tuple[int, int]], thick: int) -> None:
    pen.line(points, 0, thick, joint="curve")
    for x, y in points:
        pen.ellipse((x - thick // 2, y - thick // 2, x + thick // 2, y + thick // 2), 0)


def _stamp(picture: Image.Image, mask: Image.Image, at: tuple[int, int], colour: str) -> None:
    """Lay a colour on where the mask, drawn `_FINE` times as large, says so."""
    size = (mask.width // _FINE, mask.height // _FINE)
    picture.paste(
        colour, (*at, at[0] + size[0], at[1] + size[1]), mask.resize(size, Image.Resampling.LANCZOS)
    )
