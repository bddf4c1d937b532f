"""From the outbox to the domain and back: claim, work, and give back what failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import Task

from triage import metrics, outbox
from triage.broker import OutboxTask, send_wake
from triage.errors import StoreUnavailable
from triage.logs import place_of, places_of, reason_of
from triage.outbox import Job
from workers.app import runtime
from workers.holding import Holding

# What finished work leads to, so that it need not wait for the sweep.
FOLLOW_UPS: dict[OutboxTask, frozenset[OutboxTask]] = {
    "assess": frozenset({"answer"}),
    "answer": frozenset(),
    "publish": frozenset({"answer", "embed"}),
    "embed": frozenset(),
    "import": frozenset({"embed"}),
    "rematch": frozenset({"answer"}),
    "alert": frozenset(),
    "trial": frozenset(),
    "peer": frozenset({"embed", "answer"}),
}
_log = structlog.get_logger(__name__)


class Reporting(Task[[], None]):
    """A task whose failure is logged without quoting anybody."""

    abstract = True

    def on_failure(self, exc: Exception, *_given: Any) -> None:
        """Say what failed and where."""
        _log.error("task_failed", task=self.name, error=reason_of(exc), at=places_of(exc))


class Draining(Reporting):
    """A task that claims due rows of one kind and gives them to one function of the domain.

    The function settles each row in the transaction of its effect. If it raises, the rows that are left come
    back after a while (`outbox.fail`), with the reason.
    """

    abstract = True

    def drain(self, kind: OutboxTask, limit: int, work: Callable[[list[Job]], None]) -> None:
        """Do one batch of at most `limit` rows, then wake a worker for what is still due."""
        jobs = outbox.claim(runtime.store, kind, limit)
        if not jobs:
            return
        # Celery keeps a request per thread, and hands the same one to `on_failure`.
        self.request.update(claimed=jobs)
        started = time.monotonic()
        metrics.WORK_ITEMS.labels(kind).inc(len(jobs))
        with metrics.stage(kind), Holding(runtime.store, jobs):
            work(jobs)
        _log.info("work_done", task=kind, rows=len(jobs), seconds=round(time.monotonic() - started, 3))
        self._wake_due({kind} | FOLLOW_UPS[kind])

    def on_failure(self, exc: Exception, *given: Any) -> None:
        """Give the claimed rows back, with a reason that quotes nobody."""
        super().on_failure(exc, *given)
        jobs: Sequence[Job] = self.request.get("claimed", ())
        if not jobs:
            return
        metrics.WORK_FAILURES.labels(jobs[0].task).inc()
        try:
            outbox.fail(runtime.store, jobs, f"{reason_of(exc)} ({place_of(exc)})")
            self._wake_due({jobs[0].task})
        except StoreUnavailable:
            # Their claim runs out by itself, and the sweep finds them.
            _log.warning("failure_not_recorded", task=self.name, rows=len(jobs))

    def _wake_due(self, kinds: frozenset[OutboxTask] | set[OutboxTask]) -> None:
        # One batch per wake-up, each behind what waits already: no kind of work shuts out another.
        for kind in outbox.due_tasks(runtime.store):
            if kind in kinds:
                send_wake(self.app, kind)
