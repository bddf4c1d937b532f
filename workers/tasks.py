"""The tasks. Each is one call of the domain; the rows it works on come from the outbox, not the message."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from triage import accounts, answers, outbox, publish, retention, review, urgency
from triage.alerts import sending
from triage.archive import importing
from triage.assess import assess
from triage.broker import OutboxTask, send_wake, task_name
from triage.config import Config
from triage.db import Store
from triage.outbox import Job
from triage.peers import reading
from triage.quality import drawing
from triage.rematching import rematch
from triage.trends import tallies
from workers.app import app, runtime
from workers.draining import Draining, Reporting
from workers.schedule import SWEEP, UPKEEP

# Texts that the encoder takes together: about a second of work for the bundled one.
ASSESS_BATCH = 32
# Less than of what comes in, which must not wait for it.
REMATCH_BATCH = 8
# Groups and decisions: each may tell thousands of people.
ANSWER_BATCH = 8


@app.task(base=Draining, bind=True, name=task_name("assess"))
def assess_due(self: Draining) -> None:
    """Assess new submissions."""
    # Before claiming: that the model or the archive does not load is not the submissions' fault.
    matcher = runtime.matcher()
    matcher.refresh()
    self.drain("assess", ASSESS_BATCH, lambda jobs: assess(runtime.store, matcher, jobs))


@app.task(base=Draining, bind=True, name=task_name("answer"))
def answer_due(self: Draining) -> None:
    """Tell everyone who sent a message of a group what was found."""
    self.drain("answer", ANSWER_BATCH, lambda jobs: answers.answer_groups(runtime.store, jobs))


@app.task(base=Draining, bind=True, name=task_name("publish"))
def publish_due(self: Draining) -> None:
    """Publish approved decisions."""
    self.drain(
        "publish", ANSWER_BATCH, lambda jobs: publish.publish(runtime.store, runtime.config.wilayah, jobs)
    )


@app.task(base=Draining, bind=True, name=task_name("embed"))
def embed_due(self: Draining) -> None:
    """Encode archive wordings that have no vector yet, a chunk at a time."""
    matcher = runtime.live_matcher()
    if matcher is not None:
        _one_at_a_time(self, runtime.embedding, "embed", matcher.embed)


@app.task(base=Draining, bind=True, name=task_name("rematch"))
def rematch_due(self: Draining) -> None:
    """Match again what was matched by words alone, once there is an encoder."""
    matcher = runtime.live_matcher()
    if matcher is not None:
        matcher.refresh()
        self.drain("rematch", REMATCH_BATCH, lambda jobs: rematch(runtime.store, matcher, jobs))


@app.task(base=Draining, bind=True, name=task_name("import"))
def import_due(self: Draining) -> None:
    """Go on with an archive import."""
    _one_at_a_time(self, runtime.importing, "import", _import)


@app.task(base=Draining, bind=True, name=task_name("alert"))
def alert_due(self: Draining) -> None:
    """Write to somebody what rises."""
    _one_at_a_time(self, runtime.letters, "alert", _each(sending.send_alerts))


@app.task(base=Draining, bind=True, name=task_name("trial"))
def trial_due(self: Draining) -> None:
    """Write to somebody as a trial."""
    _one_at_a_time(self, runtime.letters, "trial", _each(sending.send_trial))


def _each(send: Callable[[Store, Config, Job], None]) -> Callable[[list[Job]], None]:
    def work(jobs: list[Job]) -> None:
        for job in jobs:
            send(runtime.store, runtime.config, job)

    return work


@app.task(base=Draining, bind=True, name=task_name("peer"))
def read_peer_due(self: Draining) -> None:
    """Read what another office has published."""
    _one_at_a_time(
        self, runtime.importing, "peer", lambda jobs: reading.read(runtime.store, runtime.config, jobs)
    )


def _one_at_a_time(
    task: Draining, lock: threading.Lock, kind: OutboxTask, work: Callable[[list[Job]], None]
) -> None:
    """Do one piece of such work, unless another thread is at such a piece: the sweep comes back for it."""
    if not lock.acquire(blocking=False):
        return
    try:
        task.drain(kind, 1, work)
    finally:
        lock.release()


def _import(jobs: list[Job]) -> None:
    for job in jobs:
        importing.run_import_job(runtime.store, runtime.config, job.ref)
        with runtime.store.write() as session:
            outbox.settle(session, job)


@app.task(base=Reporting, name=SWEEP)
def sweep() -> None:
    """Wake workers for whatever is due: the net under every wake-up that got lost."""
    outbox.bring_forward(runtime.store)
    for kind in outbox.due_tasks(runtime.store):
        send_wake(app, kind)


@app.task(base=Reporting, name=UPKEEP)
def upkeep() -> None:
    """Do what falls due by time alone, each part whether or not another fails."""
    with ExitStack() as parts:
        parts.callback(runtime.surges.watch, runtime.store, runtime.config)
        # Before surges are looked for: the last one entered is the first one done.
        parts.callback(tallies.count, runtime.store, runtime.config)
        parts.callback(drawing.draw, runtime.store, runtime.config)
        parts.callback(_drop_earlier_vectors)
        parts.callback(lambda: runtime.matcher().refresh())
        parts.callback(retention.expire, runtime.store, runtime.config)
        parts.callback(_look_for_encoder)
        parts.callback(reading.owe_due, runtime.store)
        parts.callback(urgency.refresh, runtime.store)
        parts.callback(accounts.drop_expired_sessions, runtime.store)
        parts.callback(review.drop_old_drafts, runtime.store)
        parts.callback(review.expire_leases, runtime.store)


def _look_for_encoder() -> None:
    if runtime.look_for_encoder():
        for kind in outbox.due_tasks(runtime.store):
            send_wake(app, kind)


def _drop_earlier_vectors() -> None:
    matcher = runtime.live_matcher()
    if matcher is not None:
        matcher.drop_earlier_vectors()
