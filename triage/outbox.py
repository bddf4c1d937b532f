"""The outbox: work owed by the store, written with its cause and deleted with its effect.

A worker claims due rows (`claim`), does the work, and in the transaction of the effect calls `settle`; a row
that is gone by then was done by somebody else, and the effect must not be written. Rows whose work failed
come back later (`fail`), and after `most_attempts` are parked with the reason until a person replays them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast, get_args

from sqlalchemy import ColumnElement, Select, Table, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from triage import events
from triage.broker import OutboxTask
from triage.columns import now
from triage.db import Store
from triage.errors import NotFound
from triage.permissions import Actor, require
from triage.states import move
from triage.tables import Outbox, Submission

TASKS: tuple[OutboxTask, ...] = get_args(OutboxTask)
MAX_ATTEMPTS = 6
# A mail server that is away comes back within an hour; nothing else waits for its letters.
_MORE_ATTEMPTS: dict[str, int] = {"alert": 20}
# Longer than any honest batch; a worker that died is made up for after this.
CLAIM_SECONDS = 60
BACKOFF_BASE_S, BACKOFF_CAP_S = 2.0, 300.0
# Nothing is put off for longer; what falls due later was written by a clock that was ahead.
LONGEST_WAIT = timedelta(minutes=10)
# Dead letters put back between two commits, so that intake never waits long.
REPLAY_CHUNK = 500
_TABLE = cast("Table", Outbox.__table__)
# Written once: it takes longer to write than to do, and each message needs it.
_ADD = insert(_TABLE)
STOPPED_AT_WORK = "the worker stopped during the work"


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed outbox row: `ref` is the id of what the task works on."""

    id: int
    task: OutboxTask
    ref: int


def add(session: Session, task: OutboxTask, ref: int, *, after: timedelta = timedelta(0)) -> None:
    """Owe a piece of work, due at once or `after` a while, in the transaction of what causes it."""
    moment = now()
    row = {"task": task, "ref": ref, "created_at": moment, "due_at": moment + after, "attempts": 0}
    session.execute(_ADD, row)


def take_back(session: Session, task: OutboxTask, ref: int) -> bool:
    """Owe a piece of work no longer; False: nothing of it waits that no worker has begun."""
    untouched = (Outbox.attempts == 0, Outbox.due_at > now(), Outbox.parked_at.is_(None))
    gone = session.execute(
        delete(Outbox).where(Outbox.task == task, Outbox.ref == ref, *untouched).returning(Outbox.id)
    )
    return bool(gone.all())


def owed(session: Session, task: OutboxTask, least: int) -> bool:
    """Tell whether a piece of work with this `ref`, or a greater one, is owed already and not parked."""
    row = select(Outbox.id).where(Outbox.task == task, Outbox.parked_at.is_(None), Outbox.ref >= least)
    return session.scalar(row.limit(1)) is not None


def number_owed(session: Session, task: OutboxTask) -> int:
    """Count the rows of a task, parked ones included."""
    return session.scalar(select(func.count(Outbox.id)).where(Outbox.task == task)) or 0


def claim(store: Store, task: OutboxTask, limit: int) -> list[Job]:
    """Take up to `limit` due rows of a task, longest due first; ones that failed before, one at a time."""
    with store.read() as session:
        if session.scalar(_due(task).limit(1)) is None:
            return []
    with store.write() as session:
        rows = list(session.scalars(_due(task).limit(limit)))
        for row in [row for row in rows if row.attempts >= most_attempts(row.task)]:
            _park(session, row)
        rows = [row for row in rows if row.parked_at is None]
        rows = rows[:1] if rows and rows[0].attempts else [row for row in rows if not row.attempts]
        for row in rows:
            row.attempts += 1
            row.due_at = now() + timedelta(seconds=CLAIM_SECONDS)
        return [Job(row.id, task, row.ref) for row in rows]


def renew(store: Store, jobs: Sequence[Job]) -> None:
    """Prolong the claim on rows whose work honestly takes longer than `CLAIM_SECONDS`."""
    with store.write() as session:
        session.execute(
            update(Outbox)
            .where(*_rows_of(jobs), Outbox.parked_at.is_(None))
            .values(due_at=now() + timedelta(seconds=CLAIM_SECONDS))
        )


def settle(session: Session, job: Job) -> bool:
    """Delete the row in the transaction of the work's effect; False: already done, write no effect."""
    return job.id in settle_all(session, [job])


def settle_all(session: Session, jobs: Sequence[Job]) -> frozenset[int]:
    """Delete several rows at once, as `settle`; returns the numbers of those that were not already done."""
    owed = delete(_TABLE).where(*_rows_of(jobs), _TABLE.c.parked_at.is_(None)).returning(_TABLE.c.id)
    return frozenset(session.scalars(owed))


def fail(store: Store, jobs: Sequence[Job], reason: str) -> None:
    """Give rows back after a failure: due again after backoff with jitter, or parked when tried enough.

    `reason` is English and must not hold a reporter's text.
    """
    with store.write() as session:
        own = select(Outbox).where(*_rows_of(jobs), Outbox.parked_at.is_(None))
        for row in session.scalars(own):
            row.last_error = reason
            if row.attempts >= most_attempts(row.task):
                _park(session, row)
            else:
                row.due_at = now() + backoff(row.attempts)


def row_of(session: Session, job: Job) -> Outbox | None:
    """Return the row that a job was claimed by; None where it is done or parked by now."""
    return session.scalar(select(Outbox).where(*_rows_of([job]), Outbox.parked_at.is_(None)))


def put_off(session: Session, job: Job, wait: timedelta) -> None:
    """Give a row back untried: due again after `wait`, or after `LONGEST_WAIT` if that is less."""
    due_at = now() + min(wait, LONGEST_WAIT)
    session.execute(update(Outbox).where(*_rows_of([job])).values(attempts=0, due_at=due_at))


def park(store: Store, job: Job, reason: str) -> None:
    """Give up on a row at once, where trying again changes nothing; `reason` as for `fail`."""
    with store.write() as session:
        row = row_of(session, job)
        if row is not None:
            row.last_error = reason
            _park(session, row)


def close_parked(session: Session, task: str, ref: int) -> None:
    """Close the dead letters of work that was done after all, or that nobody wants any more."""
    same = (Outbox.task == task, Outbox.ref == ref, Outbox.parked_at.is_not(None))
    for row in session.scalars(select(Outbox).where(*same)):
        _log_parking(session, row, "close", events.SYSTEM)
        session.delete(row)


def most_attempts(task: str) -> int:
    """Return after how many tries work of this kind is parked."""
    return _MORE_ATTEMPTS.get(task, MAX_ATTEMPTS)


def backoff(attempts: int) -> timedelta:
    """Return the wait before the next try: doubling from 2 s to 5 min, spread by half to avoid a stampede."""
    ceiling = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2**attempts)
    return timedelta(seconds=ceiling * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret


def due_tasks(store: Store) -> list[OutboxTask]:
    """Name the tasks that have due rows, for the sweep to wake."""
    with store.read() as session:
        return [task for task in TASKS if session.scalar(_due(task).limit(1)) is not None]


def bring_forward(store: Store) -> int:
    """Make due what a clock that was ahead, and has been set right since, put off too far; return how much.

    Work that is being done just now may be among it: it is done once more, and settled once.
    """
    too_far = (Outbox.parked_at.is_(None), Outbox.due_at > now() + LONGEST_WAIT)
    with store.read() as session:
        any_row = select(Outbox.id).where(Outbox.task.in_(TASKS), *too_far).limit(1)
        if session.scalar(any_row) is None:
            return 0
    with store.write() as session:
        brought = update(Outbox).where(Outbox.task.in_(TASKS), *too_far).values(due_at=now())
        return len(session.scalars(brought.returning(Outbox.id)).all())


def parked(session: Session) -> list[Outbox]:
    """List the dead letters, oldest first."""
    return list(session.scalars(select(Outbox).where(Outbox.parked_at.is_not(None)).order_by(Outbox.id)))


def replay(store: Store, outbox_id: int, actor: Actor) -> OutboxTask:
    """Put a dead letter back to work; returns its task so that the caller can wake it.

    Raises `NotFound` if it is not parked (any more), `Forbidden` if the actor may not.
    """
    require(actor, "parked.manage")
    with store.write() as session:
        row = session.get(Outbox, outbox_id)
        if row is None or row.parked_at is None:
            raise NotFound("There is no parked item with this number.")
        return _put_back(session, row, actor)


def replay_all(store: Store, actor: Actor, task: OutboxTask | None = None) -> Counter[OutboxTask]:
    """Put all dead letters, or those of one task, back to work; returns how many there were of each task.

    Raises `Forbidden` if the actor may not.
    """
    require(actor, "parked.manage")
    replayed: Counter[OutboxTask] = Counter()
    last, full = 0, True
    wanted = select(Outbox).where(Outbox.parked_at.is_not(None)).order_by(Outbox.id).limit(REPLAY_CHUNK)
    if task is not None:
        wanted = wanted.where(Outbox.task == task)
    while full:
        with store.write() as session:
            rows = session.scalars(wanted.where(Outbox.id > last)).all()
            replayed.update(_put_back(session, row, actor) for row in rows)
        full = len(rows) == REPLAY_CHUNK
        last = rows[-1].id if rows else last
    return replayed


def _put_back(session: Session, row: Outbox, actor: Actor) -> OutboxTask:
    row.parked_at, row.attempts, row.due_at = None, 0, now()
    submission = session.get(Submission, row.ref) if row.task == "assess" else None
    if submission is not None and submission.state == "parked":
        move(session, submission, "unpark", actor)
    else:
        _log_parking(session, row, "replay", actor.label)
    return next(task for task in TASKS if task == row.task)


def _rows_of(jobs: Sequence[Job]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Select the rows that these jobs were claimed by.

    The number alone may belong to other work by now: SQLite gives the greatest one away again.
    """
    same = tuple_(_TABLE.c.id, _TABLE.c.task, _TABLE.c.ref).in_([(job.id, job.task, job.ref) for job in jobs])
    # Beside the whole, so that an index is read by it.
    return _TABLE.c.id.in_([job.id for job in jobs]), same


def _due(task: OutboxTask) -> Select[Outbox]:
    return (
        select(Outbox)
        .where(Outbox.task == task, Outbox.parked_at.is_(None), Outbox.due_at <= now())
        .order_by(Outbox.due_at, Outbox.id)
    )


def _park(session: Session, row: Outbox) -> None:
    # One dead letter is enough: what is owed again and again to the same end would leave one each time.
    close_parked(session, row.task, row.ref)
    row.parked_at = now()
    row.last_error = row.last_error or STOPPED_AT_WORK
    submission = session.get(Submission, row.ref) if row.task == "assess" else None
    if submission is not None and submission.state in ("received", "assessed"):
        move(session, submission, "park", events.SYSTEM, {"reason": row.last_error})
    else:
        _log_parking(session, row, "park", events.SYSTEM)


def _log_parking(session: Session, row: Outbox, name: str, actor: str) -> None:
    data = {"task": row.task, "ref": row.ref, "reason": row.last_error}
    events.append(session, actor=actor, subject="outbox", subject_id=row.id, name=name, data=data)
