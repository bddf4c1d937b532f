"""The archive in memory: every wording with its vector and its terms, searched exactly."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.dense import Vectors
from models.elsewhere import Away, Elsewhere, Sample, VectorSearch, likest_part
from models.lexical import Channel, Terms, Weights, rarities_of_words, with_hosts
from models.segment import Segment
from models.text import normalise
from models.types import Entry, Wording

_EXPLANATION = 1500  # characters of an explanation that are compared; the quotation stands at its head
# Weights of words are learned anew when the archive is a fifth larger than it was. With so few wordings every
# word counts and it takes no time: at each change.
_REFIT_GROWTH, _FEW = 1.2, 1_000
# What came later is joined to a segment once it is an eighth as large, and none grows beyond so many rows by
# that: there are only a few, a change seldom touches a large one, and joining takes little time and memory.
_STEP = 8
_LARGEST = 65_536


@dataclass(frozen=True, slots=True)
class Scores:
    """Likeness of one query to every wording, each of shape (wordings,), and the query's terms.

    `part`: of the passage of a long query that is likest, of the whole where it has no passages. `marks`: by
    the query's numbers, links and names alone, None where it has none. Where the vectors are elsewhere,
    `dense` and `part` are those of the wordings that may matter, -inf of the others, and there is a `sample`.
    """

    dense: NDArray[np.float32]
    part: NDArray[np.float32]
    word: NDArray[np.float32]
    char: NDArray[np.float32]
    marks: NDArray[np.float32] | None
    word_terms: Terms
    char_terms: Terms
    sample: Sample | None = None


class Asked(Protocol):
    """A query in normal form, and the words of that which are numbers, links, their hosts or names."""

    @property
    def normal(self) -> str:
        """The whole."""

    @property
    def marks(self) -> str:
        """These words."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights of words and of letter groups, how rare words are, and the wordings it was learned from."""

    word: Weights
    char: Weights
    words: dict[str, float]
    wordings: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the archive; never changes, so that a search sees one archive from start to end.

    `starts`: first row of each entry's wordings, shape (entries,); rows of an entry are neighbours. Rows are
    those of all `segments`, one behind the other.
    """

    wordings: tuple[Wording, ...]
    starts: NDArray[np.intp]
    word: Channel
    char: Channel
    segments: tuple[Segment, ...]
    learned: Learned
    away: Away | None = None

    @classmethod
    def of(
        cls, segments: Sequence[Segment], learned: Learned, search: VectorSearch | None = None
    ) -> Snapshot:
        """Take segments, of which there is at least one, weighed by what was learned."""
        wordings = tuple(chain.from_iterable(segment.left_wordings() for segment in segments))
        before = np.cumsum([0, *(len(segment) for segment in segments[:-1])])
        word = tuple((segment.word, segment.rows) for segment in segments)
        char = tuple((segment.char, segment.rows) for segment in segments)
        return cls(
            wordings=wordings,
            starts=np.concatenate([s.starts + first for s, first in zip(segments, before, strict=True)]),
            word=Channel("word", learned.word, learned.words, word, wordings),
            char=Channel("char", learned.char, {}, char, wordings),
            segments=tuple(segments),
            learned=learned,
            away=Away.of(search, [segment.left_elsewhere() for segment in segments]) if search else None,
        )

    def scores(self, query: Asked, vectors: NDArray[np.float32], threads: Executor | None = None) -> Scores:
        """Return the scores of a query and its vectors, shape (1 + passages, dimension), the whole first.

        With `threads` the segments of a large archive are compared at the same time.
        """
        word, char = self.word.terms(with_hosts(query.normal)), self.char.terms(query.normal)
        by_word, by_char = self.word.scores(word), self.char.scores(char)
        marks = self.word.scores(self.word.terms(query.marks)) if query.marks else None
        if self.away is None:
            compared = threads.map if threads and len(self.segments) > 1 else map
            found = list(compared(lambda segment: segment.scores(vectors), self.segments))
            dense, sample = found[0] if len(found) == 1 else np.concatenate(found, axis=1), None
        else:
            likest = [each for each in (by_word, by_char, marks) if each is not None]
            dense, sample = self._dense_elsewhere(self.away, vectors, likest), self.away.compared(vectors)
        return Scores(dense[0], likest_part(dense), by_word, by_char, marks, word, char, sample)

    def _dense_elsewhere(
        self, away: Away, vectors: NDArray[np.float32], lexical: Sequence[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Return the cosines with every wording of the entries that may matter, -inf with the others."""
        rows = away.that_may_matter(vectors, lexical)
        owners = np.searchsorted(self.starts, rows, side="right") - 1
        chosen = self.rows_of(np.unique(owners))
        dense = np.full((len(vectors), len(self.wordings)), -np.inf, np.float32)
        dense[:, chosen] = vectors @ away.fetch(chosen).T
        return dense

    def heading(self, row: int) -> Wording:
        """Return the heading of the entry that a row belongs to."""
        return self.wordings[int(self.starts[np.searchsorted(self.starts, row, side="right") - 1])]

    def rows_of(self, entries: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows of all wordings of the given entries, which are places in `starts`."""
        firsts = self.starts[entries]
        counts = np.append(self.starts, len(self.wordings))[entries + 1] - firsts
        before = np.cumsum(counts) - counts
        return np.repeat(firsts - before, counts) + np.arange(counts.sum())

    def vectors_of(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the vectors of rows, as they are kept: shape (rows, dimension)."""
        if self.away is not None:
            return self.away.fetch(rows)
        found = np.empty((rows.size, self.segments[0].total.size), np.float32)
        first = 0
        for segment in self.segments:
            own = (rows >= first) & (rows < first + len(segment))
            found[own] = segment.vectors_of(rows[own] - first)
            first += len(segment)
        return found

    def hubness(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the mean cosine of each of `rows` with all rows, shape (rows,)."""
        mean = np.sum([segment.total for segment in self.segments], axis=0) / len(self.wordings)
        hubness: NDArray[np.float32] = self.vectors_of(rows) @ mean.astype(np.float32)
        return hubness


@dataclass(slots=True)
class MatchIndex:
    """Entries that can be found. Safe to change in one thread while others search.

    Changes are collected and worked in at the next search, at once: loading an archive in pieces costs no
    more than loading it whole.
    """

    dimension: int
    search: VectorSearch | None = None
    _current: Snapshot | None = None
    _gone: set[str] = field(default_factory=set)
    _new: list[Segment] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(
        self,
        entries: Sequence[Entry],
        vectors: NDArray[np.float32],
        keys: NDArray[np.int64] | None = None,
    ) -> None:
        """Add entries; one with the same `target_id` replaces the old one, wordings and all.

        `vectors`: one row per text, in order of entries, then of `searched`, shape (texts, dimension); `keys`
        their numbers where the index has a `search`, which has them already.
        Raises ValueError when the shape does not fit, or an entry has no text or comes twice.
        """
        expected = (sum(len(entry.searched) for entry in entries), self.dimension)
        if not entries:
            return
        if vectors.shape != expected:
            raise ValueError(
                f"vectors have shape {vectors.shape}; the texts of these entries need {expected}"
            )
        ids = [entry.target_id for entry in entries]
        if len(set(ids)) < len(ids):
            raise ValueError("an entry comes twice among these")
        here = Vectors.of(vectors)
        if self.search is not None and (keys is None or keys.shape != vectors.shape[:1]):
            raise ValueError("each vector that is searched elsewhere needs its number")
        kept = here if self.search is None or keys is None else Elsewhere.of(keys, here)
        added = Segment.of([each for entry in entries for each in _wordings(entry)], kept)
        with self._lock:
            self._forget(ids)
            self._new = _few([*self._new, added], _STEP)

    def remove(self, target_ids: Sequence[str]) -> None:
        """Forget entries; ids that are not there are no error."""
        with self._lock:
            self._forget(target_ids)

    def snapshot(self) -> Snapshot | None:
        """Return the archive as it stands after all changes so far; None when it is empty."""
        with self._lock:
            if self._gone:
                self._current = _changed(self._current, self._gone, self._new, self.search)
                self._gone, self._new = set(), []
            return self._current

    def _forget(self, target_ids: Sequence[str]) -> None:
        if not self._gone.isdisjoint(target_ids):
            self._new = [segment.without(set(target_ids)) for segment in self._new]
        self._gone.update(target_ids)


def _wordings(entry: Entry) -> list[Wording]:
    if not entry.texts:
        raise ValueError(f"entry {entry.target_id} has no text")
    wordings = [Wording(entry.target_id, text, normalise(text)) for text in entry.texts]
    wordings += [Wording(entry.target_id, text, normalise(text), unproven=True) for text in entry.unproven]
    if entry.explanation:
        shown = entry.explanation[:_EXPLANATION]
        wordings.append(Wording(entry.target_id, shown, normalise(shown), told=True))
    return wordings


def _changed(
    current: Snapshot | None, gone: set[str], new: Sequence[Segment], search: VectorSearch | None
) -> Snapshot | None:
    """Return the archive without earlier wordings of entries in `gone`, and with those in `new`."""
    old = [segment.without(gone) for segment in current.segments] if current else []
    old, new = ([segment for segment in each if len(segment)] for each in (old, new))
    size = sum(map(len, (*old, *new)))
    if size == 0:
        return None
    if current is None or size <= _FEW or size > current.learned.wordings * _REFIT_GROWTH:
        learned = _learned([*old, *new])
        weighed = [segment.weighed(learned.word, learned.char) for segment in (*old, *new)]
        return Snapshot.of(_few(weighed, _LARGEST), learned, search)
    learned = _extended(current.learned, new)
    weighed = [segment.weighed(learned.word, learned.char) for segment in new]
    return Snapshot.of(_few([*old, *weighed], _STEP), learned, search)


def _learned(segments: Sequence[Segment]) -> Learned:
    claims = [segment.claims() for segment in segments]
    word, char = (
        Weights.learned([getattr(segment, kind) for segment in segments], claims) for kind in ("word", "char")
    )
    texts = (wording.normal for s in segments for wording in s.left_wordings() if not wording.told)
    return Learned(word, char, rarities_of_words(word, texts), sum(map(len, segments)))


def _extended(learned: Learned, new: Sequence[Segment]) -> Learned:
    """Make the terms of new claims known: they count as much as the rarest until weights are learned anew."""
    if not new:
        return learned
    found = _learned(new)
    return replace(
        learned, word=learned.word.knowing(found.word.terms), char=learned.char.knowing(found.char.terms)
    )


def _few(segments: Sequence[Segment], step: int) -> list[Segment]:
    """Join segments to what came after them, where they are less than `step` times as large.

    Those that are mostly gone are rewritten.
    """
    groups: list[list[Segment]] = []
    for segment in segments:
        group = [segment.left() if 2 * len(segment) < len(segment.wordings) else segment]
        while groups and _is_small(groups[-1], group, step):
            group = groups.pop() + group
        groups.append(group)
    return [group[0] if len(group) == 1 else Segment.joined(group) for group in groups]


def _is_small(earlier: Sequence[Segment], later: Sequence[Segment], step: int) -> bool:
    before, after = (sum(map(len, group)) for group in (earlier, later))
    return before < step * after and before + after <= _LARGEST
