"""How the installation is, in numbers: from the store, the broker and the disk, looked up now and then.

Who watches asks every few seconds, and several may: each figure is looked up once in a while, whoever asks.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector
from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import Session

from triage import accounting, broker, events, outbox, probes, schema
from triage.accounting import Accounts
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.tables import AuthSession, ClaimGroup, Outbox

STORE_EVERY_S = 15.0
BROKER_EVERY_S = 5.0
# A question to all workers takes a second.
WORKERS_EVERY_S = 60.0
# Groups that wait for people or for the program; those that are done only grow in number.
OPEN = ("assessed", "queued", "leased", "decided", "approved", "published")
ACCOUNTS = ("accepted", "answered", "waiting", "parked", "erased", "forgotten")
T = TypeVar("T")


class Kept(Generic[T]):
    """Something that is looked up when it is asked for, at most every `every_s` seconds."""

    def __init__(self, look: Callable[[], T], every_s: float) -> None:
        self._look, self._every_s = look, every_s
        self._looking = threading.Lock()
        self._found: tuple[float, T] | None = None

    def get(self) -> T:
        """Return what was found last, or look again if that is too old."""
        with self._looking:
            if self._found is None or time.monotonic() >= self._found[0] + self._every_s:
                found = self._look()
                # From its end on: what takes long to find is not looked for all the time.
                self._found = (time.monotonic(), found)
            return self._found[1]


class Condition(Collector):
    """Watches one installation, and tells Prometheus."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store
        self._stored = Kept(self._look_at_store, STORE_EVERY_S)
        self._broker = Kept(lambda: probes.broker_answers(config), BROKER_EVERY_S)
        self._workers = Kept(self._count_workers, WORKERS_EVERY_S)

    def broker_answers(self) -> bool:
        """Tell whether the broker answered, a few seconds ago at most."""
        return self._broker.get()

    def collect(self) -> Iterator[Gauge]:
        """Yield every figure; those of a store that does not answer are missing."""
        stored = self._stored.get()
        yield _gauge("store_up", "Whether the store answers, with the present schema", stored is not None)
        yield _gauge("broker_up", "Whether the broker answers", self._broker.get())
        yield _gauge("workers", "Workers that answered, a minute ago at most", self._workers.get())
        free = shutil.disk_usage(self._config.data).free
        yield _gauge("data_free_bytes", "Room left on the disk of the data folder", free)
        about = Gauge("penjaga_build_info", "Release and kind of store", labels=["version", "store"])
        about.add_metric([version("penjaga"), "sqlite" if self._store.is_sqlite else "postgresql"], 1)
        yield about
        yield from stored or ()

    def _look_at_store(self) -> list[Gauge] | None:
        try:
            if not schema.is_current(self._store):
                return None
            with self._store.read() as session:
                return [*_accounts(accounting.balance(session)), *_work(session), *_desk(session)]
        except StoreUnavailable:
            return None

    def _count_workers(self) -> int:
        client = broker.client(self._config)
        try:
            return len(probes.workers_that_answer(client))
        finally:
            client.close()


def _gauge(name: str, meaning: str, value: float) -> Gauge:
    return Gauge(f"penjaga_{name}", meaning, value=float(value))


def _accounts(sums: Accounts) -> Iterator[Gauge]:
    submissions = Gauge("penjaga_submissions", "Messages ever accepted, and where they are", labels=["state"])
    for state in ACCOUNTS:
        submissions.add_metric([state], getattr(sums, state))
    yield submissions
    yield _gauge("accounting_adds_up", "Whether every accepted message is accounted for", sums.adds_up)


def _work(session: Session) -> Iterator[Gauge]:
    counted = {
        row.task: row
        for row in session.execute(
            select(Outbox.task, func.count().label("rows"), func.min(Outbox.due_at).label("oldest"))
            .where(Outbox.parked_at.is_(None))
            .group_by(Outbox.task)
        )
    }
    of_parked = select(Outbox.task, func.count()).where(Outbox.parked_at.is_not(None)).group_by(Outbox.task)
    parked: dict[str, int] = dict(session.execute(of_parked).all())
    owed = Gauge("penjaga_owed", "Outbox rows that wait for a worker or are with one", labels=["task"])
    overdue = Gauge("penjaga_owed_oldest_seconds", "How long the oldest has been due", labels=["task"])
    gave_up = Gauge("penjaga_parked", "Outbox rows that failed too often: for a person", labels=["task"])
    for task in outbox.TASKS:
        row = counted.get(task)
        owed.add_metric([task], row.rows if row else 0)
        overdue.add_metric([task], _age(row.oldest if row else None))
        gave_up.add_metric([task], parked.get(task, 0))
    yield from (owed, overdue, gave_up)


def _desk(session: Session) -> Iterator[Gauge]:
    by_state = select(ClaimGroup.state, func.count(), func.min(ClaimGroup.first_seen))
    # Where a correction waits, what was published holds until then.
    corrected = and_(ClaimGroup.state == "decided", ClaimGroup.fact_check_id.is_not(None))
    opened = by_state.where(ClaimGroup.state.in_(OPEN), not_(corrected))
    rows = session.execute(opened.group_by(ClaimGroup.state)).all()
    counts = {state: count for state, count, _first in rows}
    groups = Gauge("penjaga_open_groups", "Claims that are not answered yet, by state", labels=["state"])
    for state in OPEN:
        groups.add_metric([state], counts.get(state, 0))
    yield groups
    oldest = min((first for _state, _count, first in rows), default=None)
    yield _gauge("unanswered_oldest_seconds", "Age of the oldest claim without an answer", _age(oldest))
    signed_in = select(func.count()).select_from(AuthSession).where(AuthSession.expires_at > now())
    yield _gauge("sessions", "Sign-ins that are in force", session.scalar(signed_in) or 0)
    yield _gauge("event_log_length", "Events in the log", events.head(session).seq)


def _age(since: datetime | None) -> float:
    return max(0.0, (now() - since).total_seconds()) if since else 0.0
