"""Vectors that are kept elsewhere: in a database that finds the nearest of them by an index of its own.

Of a large archive the worker then holds the words, and of the vectors only their numbers and a sample, which
tells what cosines with texts are like that have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.dense import Vectors

# So many of the nearest are asked for by each vector of a query, and so many of the likest by words, letters
# and marks are compared, too.
_NEAREST, _LIKEST = 100, 60
# Of a segment so many vectors are kept as a sample; of a smaller one all.
_SAMPLE = 2_048


class VectorSearch(Protocol):
    """Where the vectors are."""

    def nearest(self, query: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """Return the numbers of about the `count` nearest vectors to a query, shape (dimension,)."""

    def fetch(self, keys: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors with these numbers, shape (keys, dimension); zeros for one that is gone."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The numbers of vectors, shape (vectors,), and some of the vectors: those at `places`.

    Each of the sample stands for `weights` of all, shape (sample,).
    """

    keys: NDArray[np.int64]
    places: NDArray[np.intp]
    sample: Vectors
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, keys: NDArray[np.int64], vectors: Vectors) -> Elsewhere:
        """Keep of these vectors, whose numbers are `keys`, a sample."""
        return cls(keys, np.arange(keys.size), vectors, np.ones(keys.size, np.float32))._thinned()

    @classmethod
    def joined(cls, parts: Sequence[Elsewhere]) -> Elsewhere:
        """Put all parts behind each other."""
        before = np.cumsum([0, *(part.keys.size for part in parts[:-1])])
        return cls(
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.places + first for part, first in zip(parts, before, strict=True)]),
            Vectors.joined([part.sample for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )._thinned()

    def only(self, rows: NDArray[np.intp]) -> Elsewhere:
        """Return these rows, in rising order, alone."""
        kept = np.flatnonzero(np.isin(self.places, rows))
        places = np.searchsorted(rows, self.places[kept])
        return Elsewhere(self.keys[rows], places, self.sample.only(kept), self.weights[kept])

    def total(self) -> NDArray[np.float64]:
        """Return about the sum of all vectors, shape (dimension,)."""
        total: NDArray[np.float64] = self.weights.astype(np.float64) @ self.sample.full()
        return total

    def _thinned(self) -> Elsewhere:
        """Keep of the sample each so manieth, which then stands for those between."""
        step = -(-self.places.size // _SAMPLE)
        if step <= 1:
            return self
        kept = np.arange(0, self.places.size, step)
        weights = np.add.reduceat(self.weights, kept)
        return Elsewhere(self.keys, self.places[kept], self.sample.only(kept), weights)


@dataclass(frozen=True, slots=True)
class Sample:
    """Cosines with a sample of the archive, each standing for `weights` wordings; as `dense` and `part`."""

    dense: NDArray[np.float32]
    part: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Away:
    """The vectors of a whole archive where they are elsewhere; `order` sorts its rows by their keys."""

    search: VectorSearch
    keys: NDArray[np.int64]
    order: NDArray[np.intp]
    samples: tuple[Elsewhere, ...]

    @classmethod
    def of(cls, search: VectorSearch, parts: Sequence[Elsewhere]) -> Away:
        """Take what the segments hold, one behind the other."""
        keys = np.concatenate([part.keys for part in parts])
        return cls(search, keys, np.argsort(keys, kind="stable"), tuple(parts))

    def nearest(self, vector: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Return the rows of about `count` vectors, the nearest that there are; any order."""
        found = self.search.nearest(vector, count)
        places = np.searchsorted(self.keys, found, sorter=self.order)
        rows: NDArray[np.intp] = self.order[np.minimum(places, self.keys.size - 1)]
        # The search may know what came to the archive, or left it, since.
        known: NDArray[np.intp] = rows[self.keys[rows] == found]
        return known

    def that_may_matter(
        self, vectors: NDArray[np.float32], lexical: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.intp]:
        """Return the rows that a query's vectors, or its `lexical` scores, speak for; each once, rising."""
        rows = [self.nearest(vector, _NEAREST) for vector in vectors]
        rows += [_likest(each, _LIKEST) for each in lexical]
        return np.unique(np.concatenate(rows))

    def fetch(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vectors of rows, shape (rows, dimension)."""
        return self.search.fetch(self.keys[rows])

    def compared(self, vectors: NDArray[np.float32]) -> Sample:
        """Return the cosines of a query and its passages with the sample."""
        dense = np.concatenate([part.sample.scores(vectors) for part in self.samples], axis=1)
        weights = np.concatenate([part.weights for part in self.samples])
        return Sample(dense[0], likest_part(dense), weights)


def likest_part(dense: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of cosines of a whole and its passages return those of the likest passage, of the whole without any."""
    likest: NDArray[np.float32] = dense[1:].max(axis=0) if len(dense) > 1 else dense[0]
    return likest


def _likest(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    if scores.size <= count:
        return np.arange(scores.size)
    likest: NDArray[np.intp] = np.argpartition(-scores, count)[:count]
    above: NDArray[np.intp] = likest[scores[likest] > 0]
    return above
