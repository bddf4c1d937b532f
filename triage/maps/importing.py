"""Outlines for maps, from a file of boundaries into the store: the last file read is the map."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from shapely.geometry.base import BaseGeometry
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from triage import events
from triage.archive.unreadable import SourceUnreadable
from triage.db import Store
from triage.maps import coverage, geojson
from triage.maps.coverage import Outline
from triage.maps.geojson import Refused
from triage.permissions import Actor, require
from triage.regions import districts, villages
from triage.tables import RegionShape

_DISTRICT_LENGTH, _VILLAGE_LENGTH = 8, 13
# A page that shows all of a level is to stay light: so many bytes, or so many a region if they are many.
_DISTRICTS_BYTES, _VILLAGES_BYTES, _BYTES_EACH = 12_000, 20_000, 60


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: codes with an outline now, villages without one, features that were not read.

    `elsewhere`: features of other regions. `changed`: whether the map is another one now.
    """

    districts: tuple[str, ...]
    villages: tuple[str, ...]
    missing: tuple[str, ...]
    refused: tuple[Refused, ...]
    elsewhere: int
    changed: bool


def import_boundaries(store: Store, region: str, content: bytes, actor: Actor) -> Imported:
    """Read boundaries of a regency's villages or kecamatan (GeoJSON) and keep their outlines for maps.

    They take the place of all that were there; the same file again changes nothing. Raises `Forbidden`, and
    `SourceUnreadable` where there is no outline in the file that could be drawn: then the map stays as it is.
    """
    require(actor, "archive.import")
    read = geojson.read(content, region)
    outlines = _outlines(read)
    if not outlines:
        why = f"; feature {read.refused[0].number}: {read.refused[0].reason}" if read.refused else ""
        raise SourceUnreadable(f"the file has no boundary of a village or kecamatan of {region}{why}")
    with store.write() as session:
        changed = _replace(session, region, outlines)
        if changed:
            events.append(
                session, actor=actor.label, subject="map", subject_id=0, name="import",
                data={"region": region, "shapes": len(outlines), "sha256": sha256(content).hexdigest()},
            )  # fmt: skip
    codes = [outline.code for outline in outlines]
    found = frozenset(codes)
    return Imported(
        districts=tuple(code for code in districts(region) if code in found),
        villages=tuple(code for code in codes if len(code) == _VILLAGE_LENGTH),
        missing=tuple(sorted(village.code for village in villages(region) if village.code not in found)),
        refused=tuple(read.refused),
        elsewhere=read.elsewhere,
        changed=changed,
    )


def _outlines(read: geojson.Boundaries) -> list[Outline]:
    """Return outlines of the villages, and of kecamatan: made of their villages, or as the file has them."""
    with_villages = {code[:_DISTRICT_LENGTH] for code in read.polygons if len(code) == _VILLAGE_LENGTH}
    used = {code: polygon for code, polygon in read.polygons.items() if code not in with_villages}
    if not used:
        return []
    covered = coverage.covering(used)
    read.refused += [
        Refused(0, f"{code} is too small to be drawn, or lies within others")
        for code in used.keys() - covered.keys()
    ]
    small = {code: polygon for code, polygon in covered.items() if len(code) == _VILLAGE_LENGTH}
    united = coverage.united(covered, _DISTRICT_LENGTH)
    return _simple(united, _DISTRICTS_BYTES) + (_simple(small, _VILLAGES_BYTES) if small else [])


def _simple(covered: dict[str, BaseGeometry], most_bytes: int) -> list[Outline]:
    most = max(most_bytes, _BYTES_EACH * len(covered))
    found = coverage.outlined(covered, most)
    if sum(len(one.path) for one in found) > 2 * most:
        raise SourceUnreadable("the boundaries are too ragged to be simplified")
    return found


def _replace(session: Session, region: str, outlines: list[Outline]) -> bool:
    """Put outlines in the place of those of the region that are there; tell whether they are others."""
    ours = RegionShape.code.startswith(f"{region}.", autoescape=True)
    there = {(row.code, row.path, row.x, row.y) for row in session.scalars(select(RegionShape).where(ours))}
    if there == {(one.code, one.path, one.x, one.y) for one in outlines}:
        return False
    session.execute(delete(RegionShape).where(ours))
    session.add_all(RegionShape(code=one.code, path=one.path, x=one.x, y=one.y) for one in outlines)
    return True
