"""The passage that two texts have in common, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

_COMPARED = 120  # words of a wording that are looked up
_KEPT = 8  # messages that are compared just now


def longest_run(opening: Sequence[str], words: Sequence[str]) -> Sequence[str]:
    """Return the longest run of a wording's `words` that stands word for word in a message's `opening`."""
    places = _places(tuple(opening))
    compared = words[:_COMPARED]
    end = longest = 0
    runs: dict[int, int] = {}  # by the place in the message at which a run ends that ends at this word, too
    for number, word in enumerate(compared, start=1):
        runs = {place: runs.get(place - 1, 0) + 1 for place in places.get(word, ())}
        if runs and (length := max(runs.values())) > longest:
            end, longest = number, length
    return compared[end - longest : end]


@lru_cache(_KEPT)
def _places(opening: tuple[str, ...]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(opening):
        places.setdefault(word, []).append(place)
    return places
