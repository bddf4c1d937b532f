"""How outlines are written down: SVG paths of whole numbers, each ring `M x y l dx dy ... z`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

Point = tuple[int, int]
Ring = Sequence[Point]
_NUMBER = re.compile(r"-?\d+")


def written(rings: Iterable[Ring]) -> str:
    """Write closed rings (first point not repeated) as a path, in as few characters as it takes."""
    return "".join(_ring(ring) for ring in rings)


def read(path: str) -> list[list[Point]]:
    """Return the rings of a path that `written` made."""
    return [_points([int(number) for number in _NUMBER.findall(ring)]) for ring in path.split("z") if ring]


def box(paths: Iterable[str]) -> tuple[int, int, int, int]:
    """Return the least and greatest x and y of paths: left, top, right, bottom."""
    points = [point for path in paths for ring in read(path) for point in ring]
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def room(path: str, x: float, y: float) -> float:
    """Return how wide something may be that lies within a path with its middle at a point of it."""
    meetings = [
        x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        for ring in read(path)
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]])
        if (y1 <= y) != (y2 <= y)
    ]
    before, after = (
        [x - place for place in meetings if place < x],
        [place - x for place in meetings if place >= x],
    )
    # Inside, there is an odd number of borders on either side.
    return 2 * min(*before, *after) if len(before) % 2 and len(after) % 2 else 0.0


def hatching(path: str, gap: int) -> str:
    """Return a path of lines aslant, `gap` apart, that fill what a path encloses.

    SVG knows patterns for that, but paper does not, so the lines are cut to the outline here.
    """
    # On a line aslant x + y is the same everywhere: that is where each edge of the outline meets it.
    meetings: dict[int, list[float]] = {}
    for ring in read(path):
        for (x1, y1), (x2, y2) in pairwise([*ring, ring[0]]):
            first, last = sorted((x1 + y1, x2 + y2))
            for place in range(-(-first // gap) * gap, last, gap):
                along = (place - x1 - y1) / (x2 + y2 - x1 - y1)
                meetings.setdefault(place, []).append(x1 + along * (x2 - x1))
    return "".join(
        f"M{begin} {place - begin}l{end - begin}{begin - end}"
        for place, found in sorted(meetings.items())
        for begin, end in _stretches(sorted(map(round, found)))
    )


def _stretches(places: list[int]) -> list[list[int]]:
    """Return where a line is inside, from every second border to the next; neighbours make one stretch."""
    found: list[list[int]] = []
    for begin, end in zip(places[::2], places[1::2], strict=False):
        if found and found[-1][1] == begin:
            found[-1][1] = end
        elif begin < end:
            found.append([begin, end])
    return found


def _ring(ring: Ring) -> str:
    (x, y), *_ = ring
    steps = [(right - left, lower - upper) for (left, upper), (right, lower) in pairwise(ring)]
    numbers = [number for step in steps for number in step]
    # A minus sign separates by itself.
    body = "".join(
        f"{number}" if number < 0 or not place else f" {number}" for place, number in enumerate(numbers)
    )
    return f"M{x} {y}l{body}z"


def _points(numbers: list[int]) -> list[Point]:
    return list(zip(accumulate(numbers[::2]), accumulate(numbers[1::2]), strict=True))
