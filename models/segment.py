"""Wordings that came into the archive together, with all that they are compared by."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain, compress

import numpy as np
from numpy.typing import NDArray

from models.dense import Vectors
from models.elsewhere import Elsewhere
from models.lexical import Postings, Weights, text_of
from models.types import Wording


@dataclass(frozen=True, slots=True)
class Segment:
    """Wordings, their vectors and their terms, of which some may be gone. Immutable.

    `rows`: those that are left, all if None. Of these, `starts` are the places of the first of each entry,
    whose wordings are neighbours, and `total` is the sum of the vectors (about that, if they are elsewhere).
    """

    wordings: tuple[Wording, ...]
    vectors: Vectors | Elsewhere
    word: Postings
    char: Postings
    rows: NDArray[np.intp] | None
    starts: NDArray[np.intp]
    total: NDArray[np.float64]

    @classmethod
    def of(cls, wordings: Sequence[Wording], vectors: Vectors | Elsewhere) -> Segment:
        """Take in wordings, those of an entry behind each other, and a vector for each."""
        return cls(
            wordings=tuple(wordings),
            vectors=vectors,
            word=Postings.of("word", [text_of("word", each) for each in wordings]),
            char=Postings.of("char", [text_of("char", each) for each in wordings]),
            rows=None,
            starts=_starts(wordings),
            total=vectors.total(),
        )

    @classmethod
    def joined(cls, parts: Sequence[Segment]) -> Segment:
        """Put what is left of the parts, weighed alike, behind each other."""
        parts = [part.left() for part in parts]
        before = np.cumsum([0, *(len(part) for part in parts[:-1])])
        return cls(
            wordings=tuple(chain.from_iterable(part.wordings for part in parts)),
            vectors=_joined([part.vectors for part in parts]),
            word=Postings.joined([part.word for part in parts]),
            char=Postings.joined([part.char for part in parts]),
            rows=None,
            starts=np.concatenate([part.starts + first for part, first in zip(parts, before, strict=True)]),
            total=np.sum([part.total for part in parts], axis=0),
        )

    def __len__(self) -> int:
        """Return the number of wordings that are left."""
        return len(self.wordings) if self.rows is None else self.rows.size

    def left_wordings(self) -> tuple[Wording, ...]:
        """Return the wordings that are left."""
        if self.rows is None:
            return self.wordings
        return tuple(map(self.wordings.__getitem__, self.rows.tolist()))

    def claims(self) -> NDArray[np.bool_]:
        """Tell which wordings are left and make the claim themselves, shape (wordings,)."""
        claims = np.array([not wording.told for wording in self.wordings], np.bool_)
        if self.rows is not None:
            claims &= np.isin(np.arange(claims.size), self.rows)
        return claims

    def left(self) -> Segment:
        """Return the segment without what is gone."""
        rows = self.rows
        if rows is None:
            return self
        return replace(
            self, wordings=self.left_wordings(), vectors=self.vectors.only(rows),
            word=self.word.only(rows), char=self.char.only(rows), rows=None,
        )  # fmt: skip

    def without(self, gone: Set[str]) -> Segment:
        """Return the segment with these entries gone, too; what is left of it stays where it is."""
        left = self.left_wordings()
        if gone.isdisjoint(wording.target_id for wording in left):
            return self
        stays = np.array([wording.target_id not in gone for wording in left])
        rows = np.arange(len(self.wordings)) if self.rows is None else self.rows
        lost = self.vectors.only(rows[~stays]).total()
        starts = _starts(list(compress(left, stays)))
        return replace(self, rows=rows[stays], starts=starts, total=self.total - lost)

    def weighed(self, word: Weights, char: Weights) -> Segment:
        """Return the segment with its terms weighed."""
        return replace(self, word=self.word.weighed(word), char=self.char.weighed(char))

    def scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosines of vectors, shape (vectors, dimension), with what is left: (vectors, left).

        Raises TypeError where the vectors are elsewhere.
        """
        if isinstance(self.vectors, Elsewhere):
            raise TypeError("the vectors of this segment are elsewhere")
        found = self.vectors.scores(vectors)
        return found if self.rows is None else found[:, self.rows]

    def vectors_of(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vectors at these places among what is left, shape (places, dimension).

        Raises TypeError where the vectors are elsewhere.
        """
        if isinstance(self.vectors, Elsewhere):
            raise TypeError("the vectors of this segment are elsewhere")
        return self.vectors.only(places if self.rows is None else self.rows[places]).full()

    def left_elsewhere(self) -> Elsewhere:
        """Return where the vectors of what is left are. Raises TypeError where they are here."""
        if isinstance(self.vectors, Vectors):
            raise TypeError("the vectors of this segment are here")
        return self.vectors if self.rows is None else self.vectors.only(self.rows)


def _joined(parts: Sequence[Vectors | Elsewhere]) -> Vectors | Elsewhere:
    here = [part for part in parts if isinstance(part, Vectors)]
    elsewhere = [part for part in parts if isinstance(part, Elsewhere)]
    return Vectors.joined(here) if here else Elsewhere.joined(elsewhere)


def _starts(wordings: Sequence[Wording]) -> NDArray[np.intp]:
    ids = [wording.target_id for wording in wordings]
    return np.array([row for row, each in enumerate(ids) if row == 0 or ids[row - 1] != each], np.intp)
