"""From boundaries to outlines that fit together: neighbours keep one border, however much it is simplified.

Boundaries as they are handed around overlap a little and leave slivers between them. So all of them are put
on one grid, every border is cut where it meets another, and each face between borders goes to one region.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from triage.maps.outlines import Point, written

# The longer side of the map in units of the grid; on the widest screen a pixel is six of them.
SIDE = 4_000
# Slivers narrower than this go to the neighbour with which they share most of their border.
_SLIVER = 12
# Corners of borders with less than the square of so many units vanish first; then the size grows.
_FINEST, _COARSER, _COARSEST = 4.0, 1.25, 400.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A region's outline as a path in units of the grid, and its middle: as far from the border as can be."""

    code: str
    path: str
    x: float
    y: float


def covering(polygons: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Put polygons (longitude, latitude) on the grid, so that none overlap and neighbours share borders.

    A region that is too small for the grid, or lies wholly within others before it, is left out.
    """
    codes = list(polygons)
    laid = shapely.set_precision(_projected(np.array(list(polygons.values()), dtype=object)), 1)
    borders = shapely.union_all(shapely.boundary(laid), grid_size=1)
    faces = np.array(shapely.get_parts(shapely.polygonize([borders])), dtype=object)
    owners = _owners(faces, laid)
    return {
        code: shapely.coverage_union_all(faces[owners == place])
        for place, code in enumerate(codes)
        if np.any(owners == place)
    }


def united(coverage: Mapping[str, BaseGeometry], length: int) -> dict[str, BaseGeometry]:
    """Unite the regions of a coverage by the beginning of their codes, `length` characters long."""
    groups: dict[str, list[BaseGeometry]] = {}
    for code, polygon in coverage.items():
        groups.setdefault(code[:length], []).append(polygon)
    return {code: shapely.coverage_union_all(group) for code, group in groups.items()}


def outlined(coverage: Mapping[str, BaseGeometry], most_bytes: int) -> list[Outline]:
    """Simplify a coverage until all of its paths together are short enough, and write them."""
    exact = np.array(list(coverage.values()), dtype=object)
    size = _FINEST
    while True:
        simple = shapely.coverage_simplify(exact, size)
        paths = [_path(polygon, 4 * size**2) for polygon in simple]
        if sum(map(len, paths)) <= most_bytes or size > _COARSEST:
            break
        size *= _COARSER
    middles = [_middle(polygon) for polygon in simple]
    return [Outline(code, path, *middle) for code, path, middle in zip(coverage, paths, middles, strict=True)]


def _projected(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Project to the grid, north up: as wide as it is at the middle latitude, the longer side `SIDE`."""
    west, south, east, north = shapely.total_bounds(polygons)
    narrower = math.cos(math.radians((south + north) / 2))
    scale = SIDE / max((east - west) * narrower, north - south)
    origin, factor = np.array([west, north]), np.array([narrower * scale, -scale])
    moved: NDArray[np.object_] = shapely.transform(polygons, lambda points: (points - origin) * factor)
    return moved


def _owners(faces: NDArray[np.object_], regions: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the region (its place) that each face goes to, -1 for none: the first one that it lies in.

    A sliver goes to the neighbour with which it shares most of its border, whose it may be or not.
    """
    owners = np.full(len(faces), -1)
    inside, place = shapely.STRtree(regions).query(shapely.point_on_surface(faces), predicate="within")
    # From the last to the first, so that the first stays.
    for face, region in sorted(zip(inside, place, strict=True), reverse=True):
        owners[face] = region
    slivers = 2 * shapely.area(faces) / shapely.length(faces) < _SLIVER
    for region in range(len(regions)):
        own = np.flatnonzero(owners == region)
        if len(own):  # what a region mostly consists of is none, however narrow
            slivers[own[np.argmax(shapely.area(faces[own]))]] = False
    tree = shapely.STRtree(faces)
    for sliver in np.flatnonzero(slivers):
        touched = tree.query(faces[sliver], predicate="touches")
        near = touched[(owners[touched] != -1) & ~slivers[touched]]
        if len(near):
            shared = shapely.length(shapely.intersection(shapely.boundary(faces[near]), faces[sliver]))
            owners[sliver] = owners[near[np.argmax(shared)]]
    return owners


def _path(polygon: BaseGeometry, least: float) -> str:
    """Write a region as a path, without islets and holes of an area that is too small to be seen."""
    parts = shapely.get_parts(shapely.orient_polygons(polygon))
    largest = max(part.area for part in parts)
    shells = [part for part in parts if part.area >= min(least, largest)]
    holes = [ring for part in shells for ring in part.interiors if shapely.Polygon(ring).area >= least]
    return written(_points(ring) for ring in (*(part.exterior for part in shells), *holes))


def _points(ring: BaseGeometry) -> Sequence[Point]:
    points = [(round(x), round(y)) for x, y in shapely.get_coordinates(ring)]
    return points[:-1]


def _middle(polygon: BaseGeometry) -> tuple[float, float]:
    largest = max(shapely.get_parts(polygon), key=shapely.area)
    radius = shapely.maximum_inscribed_circle(largest, tolerance=4)
    (x, y), *_ = shapely.get_coordinates(radius)
    return round(float(x), 1), round(float(y), 1)
