"""Classes of a map's colours: up to five, bounded by numbers that are easily read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

MOST = 5
# Which of the five colours so many classes take: as far apart as they can be.
_COLOURS = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
_ROUND = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)


def bounds(values: Iterable[int]) -> tuple[int, ...]:
    """Return the least value of each class, ascending; none where nothing is above zero.

    Classes hold about the same number of regions each, and none is empty.
    """
    found = sorted(value for value in values if value > 0)
    if not found:
        return ()
    distinct = sorted(set(found))
    begun = distinct if len(distinct) <= MOST else [found[len(found) * part // MOST] for part in range(MOST)]
    return tuple(sorted({_rounded(value) for value in begun}))


def colour(value: int, classes: tuple[int, ...]) -> int:
    """Return the number of a value's colour: 0 for nothing, else 1 (least) to 5."""
    place = bisect_right(classes, value)
    return _COLOURS[len(classes)][place - 1] if place else 0


def ranges(classes: tuple[int, ...], most: int) -> list[tuple[int, int]]:
    """Return the least and the greatest value of each class, where `most` is the greatest of all."""
    ends = [*(following - 1 for following in classes[1:]), most] if classes else []
    return list(zip(classes, ends, strict=True))


def _rounded(value: int) -> int:
    """Return the greatest easily read number that is no more than a value above zero."""
    power = 1
    while value >= 100 * power:
        power *= 10
    if value < 10:
        return value
    return _ROUND[bisect_right(_ROUND, value // power) - 1] * power
