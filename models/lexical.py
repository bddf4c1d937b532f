"""Likeness of wording: tf-idf over words and over letter groups, scored through inverted lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from models.terms import Kind, occurrences
from models.text import hosts
from models.types import Wording

_STEPS = 32.0
_MOST = 255  # a term that occurs more often in one text counts as so often
_DAMPED = np.rint(_STEPS * (1.0 + np.log(np.maximum(np.arange(_MOST + 1), 1)))).astype(np.uint8)
"""How much a term counts that occurs so often in a text: 1 + ln, in steps of 1/32."""


class Terms(NamedTuple):
    """A query in the terms of a channel: each with its weight in the query and in any text, shape (terms,).

    `terms` ascend; `weights` are of unit length; `rarities` are those of `Weights`.
    """

    terms: NDArray[np.uint64]
    weights: NDArray[np.float32]
    rarities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term counts, learned from texts: the rarer the more. `terms` ascend; shapes (terms,)."""

    terms: NDArray[np.uint64]
    rarities: NDArray[np.float32]

    @classmethod
    def learned(cls, parts: Sequence[Postings], chosen: Sequence[NDArray[np.bool_]]) -> Weights:
        """Learn from the chosen texts of each part, shape (texts,); terms of others alone count nothing."""
        terms = np.unique(np.concatenate([part.terms for part in parts]))
        texts = np.zeros(terms.size, np.int64)
        for part, own in zip(parts, chosen, strict=True):
            held, starts = own[part.counts.indices], part.counts.indptr[:-1]
            texts[np.searchsorted(terms, part.terms)] += np.add.reduceat(held, starts, dtype=np.int64)
        rarities = np.log((1 + sum(own.sum() for own in chosen)) / (1 + texts)) + 1.0
        return cls(terms[texts > 0], rarities[texts > 0].astype(np.float32))

    def of(self, terms: NDArray[np.uint64]) -> NDArray[np.float32]:
        """Return what each term counts, 0 where it is not known."""
        found = np.zeros(terms.size, np.float32)
        own, asked = _common(self.terms, terms)
        found[asked] = self.rarities[own]
        return found

    def knowing(self, terms: NDArray[np.uint64]) -> Weights:
        """Return the weights with further terms, ascending, that count as much as the rarest."""
        new = terms[self.of(terms) == 0]
        places = np.searchsorted(self.terms, new)
        rarest = self.rarities.max(initial=1.0)
        return Weights(np.insert(self.terms, places, new), np.insert(self.rarities, places, rarest))


@dataclass(frozen=True, slots=True)
class Postings:
    """Which texts hold which terms: `terms` ascend; `counts`, shape (terms, texts), are those of `_DAMPED`.

    `norms`: length of each text by the weights of its terms, shape (texts,); ones until `weighed`.
    """

    terms: NDArray[np.uint64]
    counts: csr_matrix
    norms: NDArray[np.float32]

    @classmethod
    def of(cls, kind: Kind, texts: Sequence[str]) -> Postings:
        """Collect the terms of normalised texts."""
        held = _held(kind, texts)
        counts = csr_matrix((held.counts, held.texts, held.starts), shape=(held.terms.size, len(texts)))
        return cls(held.terms, counts, np.ones(len(texts), np.float32))

    @classmethod
    def joined(cls, parts: Sequence[Postings]) -> Postings:
        """Put the texts of all parts, weighed alike, one part behind the other."""
        terms = np.unique(np.concatenate([part.terms for part in parts]))
        blocks = []
        for part in parts:
            lengths = np.zeros(terms.size + 1, np.int32)
            lengths[np.searchsorted(terms, part.terms) + 1] = np.diff(part.counts.indptr)
            held = (part.counts.data, part.counts.indices, np.cumsum(lengths, dtype=np.int32))
            blocks.append(csr_matrix(held, shape=(terms.size, part.counts.shape[1])))
        return cls(terms, hstack(blocks, format="csr"), np.concatenate([part.norms for part in parts]))

    def only(self, rows: NDArray[np.intp]) -> Postings:
        """Return the postings of these texts alone."""
        counts = self.counts[:, rows]
        held = np.diff(counts.indptr) > 0
        return Postings(self.terms[held], counts[held], self.norms[rows])

    def weighed(self, weights: Weights) -> Postings:
        """Return the same with the norms that weights give."""
        counts = self.counts
        squared = csr_matrix(
            (np.square(counts.data, dtype=np.float32), counts.indices, counts.indptr), shape=counts.shape
        )
        squares = squared.T @ np.square(weights.of(self.terms))
        return replace(self, norms=np.sqrt(np.where(squares > 0, squares, np.float32(1))))

    def scores(self, query: Terms) -> NDArray[np.float32]:
        """Return the cosine of a query with every text, shape (texts,)."""
        own, asked = _common(self.terms, query.terms)
        # Only the lists of the query's own terms are walked: a full product costs ten times as much.
        weights = query.weights[asked] * query.rarities[asked]
        scores: NDArray[np.float32] = (self.counts[own].T @ weights) / self.norms
        return scores


@dataclass(frozen=True, slots=True)
class Channel:
    """One way of comparing wordings, over fixed rows: those of its parts, one part behind the other.

    A part has postings and tells which of their texts are rows, all if None. `wordings`: that of each row.
    `words`: how rare each is by itself, 0 to 1; empty for letter groups.
    """

    kind: Kind
    weights: Weights
    words: dict[str, float]
    parts: tuple[tuple[Postings, NDArray[np.intp] | None], ...]
    wordings: Sequence[Wording]

    def terms(self, text: str) -> Terms:
        """Return the terms of a normalised text that the archive knows, for `scores` and `coverage`."""
        terms, often = np.unique(occurrences(self.kind, [text]).terms, return_counts=True)
        rarities = self.weights.of(terms)
        known = rarities > 0
        weights = _DAMPED[np.minimum(often[known], _MOST)] * rarities[known]
        weights /= max(float(np.linalg.norm(weights)), 1.0)
        return Terms(terms[known], weights, rarities[known])

    def scores(self, query: Terms) -> NDArray[np.float32]:
        """Return the cosine of a query with every row, shape (rows,)."""
        found = [
            part.scores(query) if rows is None else part.scores(query)[rows] for part, rows in self.parts
        ]
        return np.concatenate(found)

    def coverage(self, query: Terms, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return which share of each of `rows`, by weight, a query contains: shape (len(rows),)."""
        held, weights = self._weighed(rows)
        present = np.zeros(held.terms.size, np.float32)
        present[_common(query.terms, held.terms)[1]] = 1.0
        squares = np.square(weights)
        covered = np.bincount(held.texts, squares * np.repeat(present, np.diff(held.starts)), rows.size)
        return (covered / np.maximum(np.bincount(held.texts, squares, rows.size), 1e-6)).astype(np.float32)

    def likeness(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the cosines among `rows`, of which there are not many, shape (len(rows), len(rows))."""
        held, weights = self._weighed(rows)
        by_row = np.zeros((rows.size, held.terms.size), np.float32)
        by_row[held.texts, np.repeat(np.arange(held.terms.size), np.diff(held.starts))] = weights
        by_row /= np.maximum(np.linalg.norm(by_row, axis=1, keepdims=True), 1.0)
        return by_row @ by_row.T

    def matrix(self, rows: NDArray[np.intp]) -> csr_matrix:
        """Return the weights of all terms that `rows` have, each row of unit length: (len(rows), terms)."""
        held, weights = self._weighed(rows)
        norms = np.sqrt(np.bincount(held.texts, np.square(weights), rows.size)).astype(np.float32)
        by_term = (weights / np.maximum(norms, 1.0)[held.texts], held.texts, held.starts)
        return csr_matrix(by_term, shape=(held.terms.size, rows.size)).T.tocsr()

    def rarity(self, word: str) -> float:
        """Return how rare a word is in the texts learned from: 0 in every text, 1 in none."""
        return self.words.get(word, 1.0)

    def rarities(self, words: Iterable[str]) -> list[float]:
        """Return how rare each word is."""
        get = self.words.get
        return [get(word, 1.0) for word in words]

    def _weighed(self, rows: NDArray[np.intp]) -> tuple[_Held, NDArray[np.float32]]:
        """Return what `rows` hold, and how much each of it counts."""
        held = _held(self.kind, [text_of(self.kind, self.wordings[row]) for row in rows])
        weights = self.weights.of(held.terms)
        return held, np.repeat(weights, np.diff(held.starts)) * held.counts.astype(np.float32)


class _Held(NamedTuple):
    """Which of some texts hold which terms: `terms` ascend, and begin at `starts` in the others.

    `texts` and `counts`: a text, and how much the term counts in it by `_DAMPED`. `starts` ends with their
    number.
    """

    terms: NDArray[np.uint64]
    starts: NDArray[np.intp]
    texts: NDArray[np.int32]
    counts: NDArray[np.uint8]


def _held(kind: Kind, texts: Sequence[str]) -> _Held:
    rows, terms = occurrences(kind, texts)
    order = np.argsort(terms, kind="stable")
    rows, terms = rows[order], terms[order]
    firsts = np.flatnonzero(_changes(terms) | _changes(rows))
    counts = _DAMPED[np.minimum(np.diff(firsts, append=terms.size), _MOST)]
    rows, terms = rows[firsts], terms[firsts]
    starts = np.flatnonzero(_changes(terms))
    return _Held(terms[starts], np.append(starts, terms.size), rows, counts)


def rarities_of_words(weights: Weights, texts: Iterable[str]) -> dict[str, float]:
    """Return how rare each word of normalised texts is: 0 for one that is in every text, 1 for the rarest."""
    words = sorted({word for text in texts for word in text.split(" ")} - {""})
    above = np.maximum(weights.of(occurrences("word", words).terms) - 1.0, 0.0)
    above /= max(above.max(initial=0.0), 1e-6)
    return dict(zip(words, above.tolist(), strict=True))


def text_of(kind: Kind, wording: Wording) -> str:
    """Return what a channel compares of a wording."""
    if kind == "word":
        return with_hosts(wording.normal)
    # An explanation has so many letter groups that it is like every message.
    return "" if wording.told else wording.normal


def with_hosts(normal: str) -> str:
    """Return a text in normal form and the hosts of its links as words: a scam has many pages on one."""
    return f"{normal} {' '.join(hosts(normal))}" if "://" in normal else normal


def _changes(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell where a value is another than the one before; the first always is."""
    changes = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def _common(
    known: NDArray[np.uint64], terms: NDArray[np.uint64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the common terms in `known`, which ascend, and in `terms`."""
    places = np.searchsorted(known, terms)
    inside = places < known.size
    asked = np.flatnonzero(inside)[known[places[inside]] == terms[inside]]
    return places[asked], asked
