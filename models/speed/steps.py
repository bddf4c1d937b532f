"""What each step of matching a new message costs, and taking in one new entry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from models import features, retrieval
from models.index import Snapshot
from models.matching import encode_queries
from models.query import Query
from models.speed.ours import Penjaga
from models.speed.system import TOP
from models.types import Entry

ENCODE = "encode"
_REST = "explain and decide"
_TAKE_IN = "take in one new entry"
STEPS = (
    "take the message apart", ENCODE, "compare words and letters", "compare meaning", "choose candidates",
    "compare candidates", "weigh", _REST, _TAKE_IN,
)  # fmt: skip

_Result = TypeVar("_Result")


class _Clock:
    """Runs steps, and keeps how many milliseconds each took."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}

    def run(self, step: str, work: Callable[[], _Result]) -> _Result:
        """Run one step."""
        started = time.perf_counter()
        result = work()
        self.taken[step] = 1000 * (time.perf_counter() - started)
        return result


def costs(ours: Penjaga, messages: Sequence[str]) -> dict[str, float]:
    """Return the milliseconds of each of `STEPS`, the median over messages."""
    snapshot = ours.matcher.index.snapshot()
    assert snapshot is not None, "the archive is empty"  # noqa: S101
    clocks = [_message(ours, snapshot, message) for message in messages]
    for number, (clock, message) in enumerate(zip(clocks, messages, strict=True)):
        _entry(ours, clock, Entry(f"new {number}", (message,)))
    return {step: median(clock.taken[step] for clock in clocks) for step in STEPS}


def _message(ours: Penjaga, snapshot: Snapshot, message: str) -> _Clock:
    fitted = ours.calibration
    clock = _Clock()
    query = clock.run(STEPS[0], lambda: Query.of(message))
    (vector,) = clock.run(ENCODE, lambda: encode_queries(ours.encoder, [query]))
    channels = (snapshot.word, snapshot.char)
    clock.run(STEPS[2], lambda: [each.scores(each.terms(query.normal)) for each in channels])
    clock.run(STEPS[3], lambda: [segment.scores(vector) for segment in snapshot.segments])
    scores = snapshot.scores(query, vector)
    candidates = clock.run(STEPS[4], lambda: retrieval.select(snapshot, scores, fitted.background))
    matrix = clock.run(STEPS[5], lambda: features.matrix(snapshot, query, scores, candidates))
    clock.run(STEPS[6], lambda: fitted.probabilities(matrix))
    counted = sum(clock.taken.values())
    clock.run(_REST, lambda: ours.matcher.match([message], TOP))
    clock.taken[_REST] = max(clock.taken[_REST] - counted, 0.0)
    return clock


def _entry(ours: Penjaga, clock: _Clock, entry: Entry) -> None:
    vector = ours.matcher.encode_entries([entry])

    def take_in() -> None:
        ours.matcher.index.update([entry], vector)
        ours.matcher.index.snapshot()

    clock.run(_TAKE_IN, take_in)
