"""The archive in memory: every wording with its vector and its terms, searched exactly."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.lexical import Channel, Terms
from models.text import normalise
from models.types import Entry

_EXPLANATION = 1500  # characters of an explanation that are compared; the quotation stands at its head
_REFIT_GROWTH = 1.2  # weights of words are learned anew when the archive is a fifth larger than it was


@dataclass(frozen=True, slots=True)
class Wording:
    """One text of an entry: as written, and in normal form; `told`: it explains, and makes no claim."""

    target_id: str
    text: str
    normal: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """Likeness of one query to every wording, each of shape (wordings,), and the query's terms.

    `part`: of the passage of a long query that is likest, of the whole where it has no passages.
    """

    dense: NDArray[np.float32]
    part: NDArray[np.float32]
    word: NDArray[np.float32]
    char: NDArray[np.float32]
    word_terms: Terms
    char_terms: Terms


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the archive; never changes, so that a search sees one archive from start to end.

    `starts`: first row of each entry's wordings, shape (entries,); rows of an entry are neighbours.
    `vectors`: (wordings, dimension), unit length. `hubness`: mean cosine of each row with all others.
    """

    wordings: tuple[Wording, ...]
    starts: NDArray[np.intp]
    vectors: NDArray[np.float32]
    hubness: NDArray[np.float32]
    word: Channel
    char: Channel
    fitted_on: int

    def scores(self, normal: Sequence[str], vectors: Sequence[NDArray[np.float32]]) -> Iterator[Scores]:
        """Yield the scores of each query, given in normal form and as vectors.

        `vectors`: for each query one of shape (1 + passages, dimension), the whole first.
        """
        terms = zip(self.word.terms(normal), self.char.terms(normal), strict=True)
        for vector, (word, char) in zip(vectors, terms, strict=True):
            dense = vector @ self.vectors.T
            whole = dense[0]
            part = dense[1:].max(axis=0) if len(dense) > 1 else whole
            yield Scores(whole, part, self.word.scores(word), self.char.scores(char), word, char)

    def best_per_entry(self, fused: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the best of each entry's wordings: shape (wordings,) to (entries,)."""
        return fused if self.starts.size == fused.size else np.maximum.reduceat(fused, self.starts)

    def heading(self, row: int) -> Wording:
        """Return the heading of the entry that a row belongs to."""
        return self.wordings[int(self.starts[np.searchsorted(self.starts, row, side="right") - 1])]

    def rows_of(self, entries: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows of all wordings of the given entries, which are places in `starts`."""
        ends = np.append(self.starts[1:], len(self.wordings))
        return np.concatenate([np.arange(self.starts[entry], ends[entry]) for entry in entries])


@dataclass(slots=True)
class MatchIndex:
    """Entries that can be found. Safe to change in one thread while others search.

    Changes are collected and worked in at the next search, at once: loading an archive in pieces costs no
    more than loading it whole.
    """

    dimension: int
    _current: Snapshot | None = None
    _pending: dict[str, tuple[tuple[Wording, ...], NDArray[np.float32]] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def update(self, entries: Sequence[Entry], vectors: NDArray[np.float32]) -> None:
        """Add entries; one with the same `target_id` replaces the old one, wordings and all.

        `vectors`: one row per text, in order of entries, then of `searched`, shape (texts, dimension).
        Raises ValueError when the shape does not fit.
        """
        expected = (sum(len(entry.searched) for entry in entries), self.dimension)
        if not entries:
            return
        if vectors.shape != expected:
            raise ValueError(
                f"vectors have shape {vectors.shape}; the texts of these entries need {expected}"
            )
        changes = {}
        end = 0
        for entry in entries:
            if not entry.texts:
                raise ValueError(f"entry {entry.target_id} has no text")
            start, end = end, end + len(entry.searched)
            wordings = tuple(Wording(entry.target_id, text, normalise(text)) for text in entry.texts)
            if entry.explanation:
                shown = entry.explanation[:_EXPLANATION]
                wordings += (Wording(entry.target_id, shown, normalise(shown), told=True),)
            changes[entry.target_id] = (wordings, vectors[start:end].astype(np.float32))
        with self._lock:
            self._pending.update(changes)

    def remove(self, target_ids: Sequence[str]) -> None:
        """Forget entries; ids that are not there are no error."""
        with self._lock:
            self._pending.update(dict.fromkeys(target_ids))

    def snapshot(self) -> Snapshot | None:
        """Return the archive as it stands after all changes so far; None when it is empty."""
        with self._lock:
            if self._pending:
                self._current = self._rebuilt()
                self._pending = {}
            return self._current

    def _rebuilt(self) -> Snapshot | None:
        added = [change for change in self._pending.values() if change is not None]
        new = tuple(wording for wordings, _ in added for wording in wordings)
        old = self._current
        keep = np.array(
            [w.target_id not in self._pending for w in (old.wordings if old else ())], dtype=np.bool_
        )
        kept = tuple(w for w, stays in zip(old.wordings, keep, strict=True) if stays) if old else ()
        wordings = kept + new
        if not wordings:
            return None
        vectors = np.concatenate(
            ([old.vectors[keep]] if old else [])
            + [v for _, v in added]
            + [np.empty((0, self.dimension), np.float32)]
        )
        if old is None or len(wordings) > old.fitted_on * _REFIT_GROWTH:
            word, char, fitted_on = (
                Channel.fitted("word", [w.normal for w in wordings], [not w.told for w in wordings]),
                Channel.fitted("char", _lettered(wordings)),
                len(wordings),
            )
        else:
            word, char, fitted_on = (
                old.word.changed(keep, [wording.normal for wording in new]),
                old.char.changed(keep, _lettered(new)),
                old.fitted_on,
            )
        ids = [wording.target_id for wording in wordings]
        starts = np.array([i for i, each in enumerate(ids) if i == 0 or ids[i - 1] != each], dtype=np.intp)
        hubness = (vectors @ vectors.mean(axis=0)).astype(np.float32)
        return Snapshot(wordings, starts, vectors, hubness, word, char, fitted_on)


def _lettered(wordings: Sequence[Wording]) -> list[str]:
    """Return what letter groups are made of: an explanation has so many that it is like every message."""
    return ["" if wording.told else wording.normal for wording in wordings]
