"""Made-up boundaries of real villages: a patchwork of crooked borders that overlap or leave slivers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from triage.regions import villages

WEST, NORTH, STEP = 112.9, -7.9, 0.04
BESIDE = 15


def codes(region: str = "35.08") -> list[str]:
    return sorted(village.code for village in villages(region))


def square(place: int, seed: int = 1, edge: int = 6) -> list[list[float]]:
    """Outline of the patch at a place; neighbours go the same crooked way, but not quite."""
    column, row = place % BESIDE, place // BESIDE
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    sloppy = Random(f"{seed} {place}")
    ring = []
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        for step in range(edge):
            x, y = x1 + (x2 - x1) * step / edge, y1 + (y2 - y1) * step / edge
            bent = Random(f"{seed} {x:.3f} {y:.3f}")
            across, down = (bent.uniform(-0.1, 0.1) + sloppy.uniform(-0.004, 0.004) for _ in "xy")
            ring.append([WEST + STEP * (x + across), NORTH - STEP * (y + down)])
    return [*ring, ring[0]]


def feature(code: str | float | None, ring: Sequence[Sequence[float]], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"NAMOBJ": "x", "KDEPUM": code, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(features: Sequence[Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def patchwork(region: str = "35.08", without: Sequence[str] = (), seed: int = 1) -> bytes:
    """A file with every village of a regency but some, kecamatan beside each other."""
    return collection([
        feature(code, square(place, seed)) for place, code in enumerate(codes(region)) if code not in without
    ])  # fmt: skip
