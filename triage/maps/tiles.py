"""A map without outlines: a tile for each region, in the order of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.maps.outlines import written

# The canvas of every map: so wide, whatever it shows. On the narrowest phone three units are a pixel.
WIDTH = 1_000
_GAP, _TILE_HIGH = 12, 150
_LETTER, _MOST_LINES = 19, 2
_COLUMNS, _SQUARE, _SQUARE_GAP, _CAPTION_HIGH, _ROW_GAP = 4, 38, 8, 44, 28


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a region's tile lies, its middle, and its name in lines short enough for it."""

    code: str
    path: str
    x: float
    y: float
    bottom: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that stand over a group of tiles, from the left."""

    x: float
    y: float
    text: str


def grid(names: Mapping[str, str], columns: int) -> list[Tile]:
    """Lay out regions in rows, each with its name on it."""
    wide = (WIDTH - _GAP * (columns + 1)) // columns
    tiles = []
    for place, (code, name) in enumerate(names.items()):
        left = _GAP + place % columns * (wide + _GAP)
        top = _GAP + place // columns * (_TILE_HIGH + _GAP)
        lines = shortened(name, wide // _LETTER)
        middle = left + wide / 2, top + _TILE_HIGH / 2
        tiles.append(Tile(code, _box(left, top, wide, _TILE_HIGH), *middle, top + _TILE_HIGH + _GAP, lines))
    return tiles


def squares(groups: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[list[Tile], list[Caption], float]:
    """Lay out groups of regions as small squares below the group's name; tell the height of all."""
    wide = (WIDTH - _GAP * (_COLUMNS + 1)) // _COLUMNS
    across = (wide + _SQUARE_GAP) // (_SQUARE + _SQUARE_GAP)
    tiles: list[Tile] = []
    captions: list[Caption] = []
    top = 0
    for start in range(0, len(groups), _COLUMNS):
        row = groups[start : start + _COLUMNS]
        for place, (name, regions) in enumerate(row):
            left = _GAP + place * (wide + _GAP)
            captions.append(Caption(left, top + _CAPTION_HIGH - 12, shortened(name, wide // 16)[0]))
            tiles += _within(list(regions), left, top + _CAPTION_HIGH, across)
        rows = max(-(-len(regions) // across) for _, regions in row)
        top += _CAPTION_HIGH + rows * (_SQUARE + _SQUARE_GAP) + _ROW_GAP
    return tiles, captions, top


def shortened(name: str, most: int) -> tuple[str, ...]:
    """Break a name into at most two lines of `most` characters; what does not fit ends with a full stop."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word if len(word) <= most else f"{word[: most - 1]}.")
    return tuple(lines[:_MOST_LINES])


def _within(codes: list[str], left: int, top: int, across: int) -> list[Tile]:
    step = _SQUARE + _SQUARE_GAP
    found = []
    for place, code in enumerate(codes):
        x, y = left + place % across * step, top + place // across * step
        middle = x + _SQUARE / 2, y + _SQUARE / 2
        found.append(Tile(code, _box(x, y, _SQUARE, _SQUARE), *middle, y + _SQUARE))
    return found


def _box(left: int, top: int, wide: int, high: int) -> str:
    return written([[(left, top), (left + wide, top), (left + wide, top + high), (left, top + high)]])
