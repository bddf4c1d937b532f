"""Likeness of wording: tf-idf over words and over letter groups, scored through inverted lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer

Kind = Literal["word", "char"]

# One more row than the archive has, so that an archive without a single word can be fitted, too.
_FILLER = "_____"


def _vectoriser(kind: Kind) -> TfidfVectorizer:
    if kind == "word":
        return TfidfVectorizer(analyzer=str.split, sublinear_tf=True, dtype=np.float32)
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), lowercase=False, sublinear_tf=True, dtype=np.float32
    )


class Terms(NamedTuple):
    """A query in the terms of a channel: columns and their weights, both of shape (terms,)."""

    columns: NDArray[np.int32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channel:
    """One way of comparing wordings, over fixed rows. Immutable: growing makes another channel.

    `rows`: (texts, terms), L2-normalised; `postings`: the same by term. `rarities`: (terms,), 0 to 1.
    """

    vectoriser: TfidfVectorizer
    rows: csr_matrix
    postings: csr_matrix
    rarities: NDArray[np.float32]

    @classmethod
    def fitted(cls, kind: Kind, texts: Sequence[str], learn: Sequence[bool] | None = None) -> Channel:
        """Make normalised `texts` the rows; terms and their weights are learned from those in `learn`."""
        vectoriser = _vectoriser(kind)
        vectoriser.fit([*(texts if learn is None else compress(texts, learn)), _FILLER])
        rows = vectoriser.transform(texts)
        over_commonest = vectoriser.idf_ - 1.0
        return cls(vectoriser, rows, rows.T.tocsr(), over_commonest / max(over_commonest.max(), 1e-6))

    def changed(self, keep: NDArray[np.bool_], texts: Sequence[str]) -> Channel:
        """Return the channel with only the rows in `keep`, followed by rows for `texts`; weights stay."""
        rows = self.rows[keep]
        if texts:
            rows = vstack([rows, self.vectoriser.transform(texts)], format="csr")
        return Channel(self.vectoriser, rows, rows.T.tocsr(), self.rarities)

    def terms(self, texts: Sequence[str]) -> list[Terms]:
        """Return the terms of normalised texts that the archive knows, for `scores` and `coverage`."""
        found = self.vectoriser.transform(texts)
        bounds = zip(found.indptr[:-1], found.indptr[1:], strict=True)
        return [Terms(found.indices[start:end], found.data[start:end]) for start, end in bounds]

    def scores(self, query: Terms) -> NDArray[np.float32]:
        """Return the cosine of a query with every row, shape (rows,)."""
        # Only the lists of the query's own terms are walked: a full product costs ten times as much.
        scores: NDArray[np.float32] = self.postings[query.columns].T @ query.weights
        return scores

    def coverage(self, query: Terms, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return which share of each of `rows`, by weight, a query contains: shape (len(rows),)."""
        present = np.zeros(self.rows.shape[1], dtype=np.float32)
        present[query.columns] = 1.0
        chosen = self.rows[rows]
        chosen.data **= 2
        covered: NDArray[np.float32] = chosen @ present
        return covered

    def likeness(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the cosines among `rows`, shape (len(rows), len(rows))."""
        chosen = self.rows[rows]
        product: NDArray[np.float32] = (chosen @ chosen.T).toarray()
        return product

    def rarity(self, word: str) -> float:
        """Return how rare a term is in the rows fitted on: 0 in every text, 1 in none."""
        column = self.vectoriser.vocabulary_.get(word)
        return 1.0 if column is None else float(self.rarities[column])
