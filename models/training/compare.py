"""Messages against the archive, for fitting: features, which candidates are right, which may not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import explain, features, retrieval
from models.index import Scores, Snapshot
from models.query import Query
from models.retrieval import Background
from models.training.labels import Labels

_HIDDEN = -1.0
_AT_ONCE = 64
_BACKGROUND_QUERIES = 600
_NO_LABELS = Labels(frozenset(), frozenset())

Encode = Callable[[Sequence[Query]], list[NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Compared:
    """One message against its candidates, each array by candidate: features, whether it is right, whether it
    may be, and whether something forbids answering with it.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    barred: NDArray[np.bool_]


def compare(
    snapshot: Snapshot,
    queries: Sequence[Query],
    encode: Encode,
    background: dict[str, Background],
    labels: Sequence[Labels] | None = None,
    *,
    hide: bool = False,
) -> list[Compared]:
    """Compare messages; with `hide` the archive is as if it had nothing that may be right."""
    known = labels or [_NO_LABELS] * len(queries)
    compared = []
    for query, scores, about in zip(queries, _scores(snapshot, queries, encode), known, strict=True):
        shown = _without(scores, about.unsure) if hide else scores
        candidates = retrieval.select(snapshot, shown, background)
        found = features.matrix(snapshot, query, shown, candidates)
        barred = [
            bool(explain.objections(snapshot, query, int(row), each))
            for row, each in zip(candidates.rows, found, strict=True)
        ]
        compared.append(
            Compared(
                found,
                np.isin(candidates.rows, list(about.right)),
                np.isin(candidates.rows, list(about.unsure)),
                np.array(barred),
            )
        )
    return compared


def background_of(snapshot: Snapshot, queries: Sequence[Query], encode: Encode) -> dict[str, Background]:
    """Measure what scores are between texts of which hardly any two are related."""
    spreads: dict[str, list[tuple[float, float]]] = {"dense": [], "word": [], "char": []}
    for scores in _scores(snapshot, queries[:_BACKGROUND_QUERIES], encode):
        for name, found in spreads.items():
            each = getattr(scores, name)
            found.append((float(each.mean()), float(each.std())))
    return {
        name: Background(*(round(float(value), 5) for value in np.mean(found, axis=0)))
        for name, found in spreads.items()
    }


def _scores(snapshot: Snapshot, queries: Sequence[Query], encode: Encode) -> Iterator[Scores]:
    for start in range(0, len(queries), _AT_ONCE):
        some = queries[start : start + _AT_ONCE]
        yield from map(snapshot.scores, some, encode(some))


def _without(scores: Scores, rows: frozenset[int]) -> Scores:
    places = np.fromiter(rows, dtype=np.intp, count=len(rows))
    for each in (scores.dense, scores.part, scores.word, scores.char):
        each[places] = _HIDDEN
    if scores.marks is not None:
        scores.marks[places] = 0.0
    return scores
