"""Where each region of a map lies: by its outline, or on a tile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage.maps import outlines, tiles
from triage.maps.tiles import WIDTH, Caption
from triage.regions import districts, villages
from triage.tables import RegionShape

Level = Literal["districts", "villages"]
_REGENCY_LENGTH, _DISTRICT_LENGTH, _VILLAGE_LENGTH = 5, 8, 13
# More regions than this are drawn without words on them.
_MOST_NAMED = 60
_TALLEST = 1_100


@dataclass(frozen=True, slots=True)
class Area:
    """A region: `path` and middle in the units of its plan, and its name in lines to write there."""

    code: str
    name: str
    path: str
    x: float
    y: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Areas in the order of their codes, and how their units lie on a canvas `tiles.WIDTH` wide.

    A point is drawn at `left + scale * x`, `top + scale * y`.
    """

    areas: tuple[Area, ...]
    height: float
    scale: float
    left: float
    top: float
    outlined: bool
    captions: tuple[Caption, ...] = ()

    @property
    def named(self) -> bool:
        """Whether there is room for words on the areas."""
        return len(self.areas) <= _MOST_NAMED and not self.captions


def plan(session: Session, level: Level, within: str) -> Plan:
    """Lay out the kecamatan of a regency, or the villages of a regency or kecamatan (`within`).

    Raises LookupError where `within` is no such region.
    """
    names = _names(level, within)
    if not names:
        raise LookupError(f"no {level} in {within}")
    found = _stored(session, level, within)
    if names.keys() <= found.keys():
        return _by_outlines(names, found)
    return _by_tiles(level, within, names)


def _names(level: Level, within: str) -> Mapping[str, str]:
    if level == "districts":
        return districts(within)
    inside = [
        village
        for village in villages(within[:_REGENCY_LENGTH])
        if f"{village.code}.".startswith(f"{within}.")
    ]
    return {village.code: village.name for village in sorted(inside, key=lambda village: village.code)}


def _stored(session: Session, level: Level, within: str) -> dict[str, RegionShape]:
    length = _DISTRICT_LENGTH if level == "districts" else _VILLAGE_LENGTH
    rows = session.scalars(
        select(RegionShape).where(
            RegionShape.code.startswith(f"{within}.", autoescape=True),
            func.length(RegionShape.code) == length,
        )
    )
    return {row.code: row for row in rows}


def _by_outlines(names: Mapping[str, str], found: Mapping[str, RegionShape]) -> Plan:
    left, top, right, bottom = outlines.box(found[code].path for code in names)
    scale = min(WIDTH / (right - left), _TALLEST / (bottom - top))
    areas = [
        Area(code, name, found[code].path, found[code].x, found[code].y, (name,))
        for code, name in names.items()
    ]
    return Plan(
        areas=tuple(areas), height=(bottom - top) * scale, scale=scale,
        left=(WIDTH - (right - left) * scale) / 2 - left * scale, top=-top * scale, outlined=True,
    )  # fmt: skip


def _by_tiles(level: Level, within: str, names: Mapping[str, str]) -> Plan:
    captions: list[Caption] = []
    if level == "villages" and len(within) == _REGENCY_LENGTH:
        groups = [
            (district, {code: name for code, name in names.items() if code.startswith(f"{number}.")})
            for number, district in districts(within).items()
        ]
        laid, captions, height = tiles.squares(groups)
    else:
        laid = tiles.grid(names, columns=4 if level == "districts" else 3)
        height = max(tile.bottom for tile in laid)
    areas = [Area(tile.code, names[tile.code], tile.path, tile.x, tile.y, tile.lines) for tile in laid]
    return Plan(
        areas=tuple(areas),
        height=height,
        scale=1.0,
        left=0.0,
        top=0.0,
        outlined=False,
        captions=tuple(captions),
    )
