"""Likeness of meaning: vectors of unit length, kept as bytes and compared exactly, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import simsimd
from numpy.typing import NDArray

_MOST = 127


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of unit length as bytes, shape (vectors, dimension), each to be multiplied by its scale.

    A quarter of the memory of full precision and a quarter of the time, since it is reading them that takes
    time. Cosines of 384 numbers move by .0003 in the mean: unrelated texts differ by a hundred times that.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Vectors:
        """Round vectors of unit length, shape (vectors, dimension)."""
        largest = np.abs(vectors).max(axis=1, keepdims=True, initial=1e-6)
        codes = np.rint(vectors * (_MOST / largest)).astype(np.int8)
        lengths = np.linalg.norm(codes.astype(np.float32), axis=1)
        return cls(codes, 1.0 / np.maximum(lengths, 1.0))

    @classmethod
    def joined(cls, parts: Sequence[Vectors]) -> Vectors:
        """Put the vectors of all parts behind each other."""
        codes = np.concatenate([part.codes for part in parts])
        return cls(codes, np.concatenate([part.scales for part in parts]))

    def only(self, rows: NDArray[np.intp]) -> Vectors:
        """Return these rows alone."""
        return Vectors(self.codes[rows], self.scales[rows])

    def full(self) -> NDArray[np.float32]:
        """Return the vectors as numbers, four times as large."""
        return self.codes * self.scales[:, None]

    def total(self) -> NDArray[np.float64]:
        """Return the sum of all vectors, shape (dimension,)."""
        total: NDArray[np.float64] = self.full().sum(axis=0, dtype=np.float64)
        return total

    def scores(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the dot products with queries, shape (queries, dimension): (queries, vectors)."""
        asked = Vectors.of(queries)
        # One thread: the library's others spin when they are done, which slows down all that comes after.
        scores = np.asarray(simsimd.cdist(asked.codes, self.codes, "dot", out_dtype="float32"))
        scores *= self.scales
        scores *= asked.scales[:, None]
        return scores
