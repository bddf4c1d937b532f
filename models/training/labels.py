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

# Cosines of titles: of pairs known to be alike the lower quartile is .77 (words) or .94 (vectors), of judged
# other claims on the same topic the upper 5 % begin at .43 or .93 (id_pairs.dev, 2026-11).
_SAME_WORD, _SAME_DENSE = 0.65, 0.95
_UNSURE_WORD, _UNSURE_DENSE = 0.45, 0.925
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Labels:
    """Rows of the archive by what they are to one message.

    `right`: linked entries and near-copies of their titles. `unsure`: these, and what may be right.
    """

    right: frozenset[int]
    unsure: frozenset[int]


def label(snapshot: Snapshot, pairs: Sequence[Pair]) -> list[Labels]:
    """Label the archive for each message; entries must have one wording each."""
    row_of = {wording.target_id: row for row, wording in enumerate(snapshot.wordings)}
    linked = [frozenset(row_of[each] for each in pair.lenient if each in row_of) for pair in pairs]
    wanted = sorted(frozenset().union(*linked))
    alike: dict[int, Labels] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = np.array(wanted[start : start + _CHUNK])
        dense = snapshot.vectors[chunk] @ snapshot.vectors.T
        word = (snapshot.word.rows[chunk] @ snapshot.word.postings).toarray()
        alike.update((int(row), _alike(w, d)) for row, w, d in zip(chunk, word, dense, strict=True))
    return [
        Labels(
            rows.union(*(alike[row].right for row in rows)),
            rows.union(*(alike[row].unsure for row in rows)),
        )
        for rows in linked
    ]


def _alike(word: NDArray[np.float32], dense: NDArray[np.float32]) -> Labels:
    def beyond(least_word: float, least_dense: float) -> frozenset[int]:
        return frozenset(np.flatnonzero((word >= least_word) | (dense >= least_dense)).tolist())

    return Labels(beyond(_SAME_WORD, _SAME_DENSE), beyond(_UNSURE_WORD, _UNSURE_DENSE))
