"""Which entries are right for a training message, and which nobody can tell: train pairs are not judged.

A third of what a good system ranks above the linked entry says the same in another publisher's words. Such
entries must be counted neither as wrong nor, when a message stands for an unknown one, left in the archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.benchmark import Pair
from models.index import Snapshot

# Of pairs of titles known to be alike the lower quartile is .49 (word cosine) or 9.6 (cosine of vectors, in
# spreads above that of unrelated titles), of judged other claims on the same topic the upper 5 % begin at .43
# or 9.0, the upper 1 % at .52 or 10.2 (id_pairs.dev, 2026-11).
_SAME_WORD, _SAME_DENSE = 0.65, 10.0
_UNSURE_WORD, _UNSURE_DENSE = 0.45, 7.5
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Labels:
    """Rows of the archive, headings and explanations, by what they are to one message.

    `right`: linked entries and near-copies of their titles. `unsure`: these, and what may be right.
    """

    right: frozenset[int]
    unsure: frozenset[int]


def label(snapshot: Snapshot, pairs: Sequence[Pair]) -> list[Labels]:
    """Label the archive for each message; entries count as alike by their headings."""
    place_of = {snapshot.wordings[row].target_id: place for place, row in enumerate(snapshot.starts)}
    linked = [frozenset(place_of[each] for each in pair.lenient if each in place_of) for pair in pairs]
    wanted = sorted(frozenset().union(*linked))
    vectors, words = snapshot.vectors_of(snapshot.starts), snapshot.word.matrix(snapshot.starts)
    alike: dict[int, Labels] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = np.array(wanted[start : start + _CHUNK])
        dense = vectors[chunk] @ vectors.T
        # What a cosine says differs from encoder to encoder.
        dense = (dense - dense.mean()) / dense.std()
        word = (words[chunk] @ words.T).toarray()
        alike.update((int(place), _alike(w, d)) for place, w, d in zip(chunk, word, dense, strict=True))
    return [
        Labels(
            _rows(snapshot, places.union(*(alike[place].right for place in places))),
            _rows(snapshot, places.union(*(alike[place].unsure for place in places))),
        )
        for places in linked
    ]


def _rows(snapshot: Snapshot, places: frozenset[int]) -> frozenset[int]:
    if not places:
        return places
    return frozenset(snapshot.rows_of(np.array(sorted(places))).tolist())


def _alike(word: NDArray[np.float32], dense: NDArray[np.float32]) -> Labels:
    def beyond(least_word: float, least_dense: float) -> frozenset[int]:
        return frozenset(np.flatnonzero((word >= least_word) | (dense >= least_dense)).tolist())

    return Labels(beyond(_SAME_WORD, _SAME_DENSE), beyond(_UNSURE_WORD, _UNSURE_DENSE))
