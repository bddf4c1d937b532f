"""Boundaries from a GeoJSON file: which polygon is which village or kecamatan, and why others are not read.

A feature is known by what its properties hold, whatever these are called: offices name the columns of their
layers as they like. What counts is a code of Kemendagri, with dots or without.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.errors import GEOSException
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from triage.archive.unreadable import SourceUnreadable
from triage.regions import districts, is_village, region_name

MOST_BYTES, MOST_FEATURES, MOST_POINTS = 64_000_000, 20_000, 2_000_000
_CODE = re.compile(r"(\d{2})\.?(\d{2})\.?(\d{2})(?:\.?(\d{4}))?", re.ASCII)
_LONGEST_CODE, _VILLAGE_LENGTH = 13, 13
# Longitude and latitude; RFC 7946 allows nothing else, but older files name it.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326")
# A centimetre, in degrees.
_GRID = 1e-7
_POLYGONS = ("Polygon", "MultiPolygon")


class _Unusable(Exception):
    """A feature that cannot be read; its text says why."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A feature that was not read: its number in the file, from 1, and why."""

    number: int
    reason: str


@dataclass(slots=True)
class Boundaries:
    """What a file holds: polygons (longitude, latitude) by dotted code, each valid and not empty.

    `elsewhere`: how many features belong to other regions.
    """

    polygons: dict[str, BaseGeometry] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    elsewhere: int = 0


def read(content: bytes, region: str) -> Boundaries:
    """Read the villages and kecamatan of a regency. Raises `SourceUnreadable` for what is no such file."""
    found = Boundaries()
    parts: dict[str, list[BaseGeometry]] = {}
    left = MOST_POINTS
    for number, feature in enumerate(_features(content), start=1):
        try:
            code = _code(feature, region)
            if code is None:
                found.elsewhere += 1
                continue
            rings = _rings(feature)
            left -= sum(len(ring) for polygon in rings for ring in polygon)
            if left < 0:
                raise SourceUnreadable(f"the file has more than {MOST_POINTS} points; simplify it first")
            polygon = _repaired(rings)
            parts.setdefault(code, []).append(polygon)
        except _Unusable as error:
            found.refused.append(Refused(number, str(error)))
    found.polygons = {code: shapely.union_all(some) for code, some in sorted(parts.items())}
    return found


def _features(content: bytes) -> list[Any]:
    if len(content) > MOST_BYTES:
        raise SourceUnreadable(f"the file is larger than {MOST_BYTES // 1_000_000} MB; simplify it first")
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable("the file is not GeoJSON; export the layer as GeoJSON (WGS 84)") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise SourceUnreadable("the file is not a FeatureCollection of GeoJSON")
    if len(features) > MOST_FEATURES:
        raise SourceUnreadable(f"the file has more than {MOST_FEATURES} features")
    system = document.get("crs")
    if system is not None and not any(name in json.dumps(system) for name in _WGS84):
        raise SourceUnreadable("the coordinates are not WGS 84; export the layer in EPSG:4326")
    return features


def _code(feature: Any, region: str) -> str | None:
    """Return the code of a village or kecamatan of ours, or None for one of another regency."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise _Unusable("it is not a feature with properties")
    held = list(dict.fromkeys(_codes([*properties.values(), feature.get("id")])))
    ours = [code for code in held if code.startswith(f"{region}.")]
    known = [code for code in ours if is_village(region, code)]
    # A new village that we do not know is not its kecamatan.
    strange = [code for code in ours if len(code) == _VILLAGE_LENGTH and code not in known]
    if not known and not strange:
        known = [code for code in ours if code in districts(region)]
    if len(known) > 1:
        raise _Unusable(f"it names several regions: {', '.join(known)}")
    if known:
        return known[0]
    if not ours and any(region_name(code) != code for code in held):
        return None
    raise _Unusable(
        f"{strange[0]} is no village of {region} (codes of BPS are others)" if strange
        else f"no property holds the Kemendagri code of a village or kecamatan of {region}"
    )  # fmt: skip


def _codes(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # noqa: PLW2901 - a table of numbers that knows no whole ones
        if isinstance(value, bool) or not isinstance(value, int | str):
            continue
        # No longer than a code may be: turning a huge number into digits takes long.
        if isinstance(value, int) and not 0 <= value < 10**_LONGEST_CODE:
            continue
        found = _CODE.fullmatch(str(value).strip()) if len(str(value)) < 2 * _LONGEST_CODE else None
        if found:
            yield ".".join(part for part in found.groups() if part)


def _rings(feature: Mapping[str, Any]) -> list[list[list[tuple[float, float]]]]:
    """Return polygons of rings of points: longitude, latitude."""
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in _POLYGONS:
        raise _Unusable(f"it has no polygon ({kind if isinstance(kind, str) else 'no geometry'})"[:80])
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [coordinates] if kind == "Polygon" else coordinates
    return [[[_point(point) for point in _list(ring)] for ring in _list(one)] for one in _list(polygons)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _Unusable("its coordinates are not those of a polygon")
    return value


def _point(value: Any) -> tuple[float, float]:
    numbers = value[:2] if isinstance(value, list) else []
    if len(numbers) != 2 or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise _Unusable("its coordinates are not those of a polygon")
    longitude, latitude = numbers
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90) or math.isnan(longitude + latitude):
        raise _Unusable("its coordinates are not longitude and latitude (WGS 84)")
    return float(longitude), float(latitude)


def _repaired(polygons: list[list[list[tuple[float, float]]]]) -> BaseGeometry:
    """Return what rings of points enclose, an odd number of times where they cross themselves."""
    try:
        drawn = [Polygon(rings[0], rings[1:]) for rings in polygons]
        valid = shapely.union_all([one if one.is_valid else _cut_anew(one) for one in drawn])
    except (ValueError, GEOSException) as error:
        raise _Unusable("its outline is no polygon") from error
    if valid.is_empty or valid.area == 0:
        raise _Unusable("its outline encloses nothing")
    return valid


def _cut_anew(polygon: Polygon) -> BaseGeometry:
    # On a grid, since crossings that nearly meet have no answer otherwise.
    return shapely.build_area(shapely.union_all([shapely.boundary(polygon)], grid_size=_GRID))
