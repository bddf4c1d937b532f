"""Doing the faults of a deck to an installation, each for its time, and putting back what was broken."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from sqlalchemy import update

from tests.faults.deck import Fault
from tests.faults.places import Place
from triage import broker, outbox
from triage.columns import now
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.tables import Outbox

CLOCK_STEP_S = 3600
_WAKES = 100


def cause(where: Place, faults: Sequence[Fault], seed: str, say: Callable[[str], None]) -> None:
    """Do the faults one after the other, each at its time from now."""
    chance = Random(f"{seed} breaking")
    began = time.monotonic()
    for fault in faults:
        time.sleep(max(0.0, began + fault.at - time.monotonic()))
        say(f"  {time.monotonic() - began:5.1f} s  {fault.kind} ({fault.lasts:.0f} s)")
        _BREAKING[fault.kind](where, fault, chance)


def _kill(where: Place, fault: Fault, _chance: Random) -> None:
    name = fault.kind.removeprefix("kill ")
    server = {"broker": where.broker, "database": where.database}.get(name)
    if server is not None:
        server.kill()
        time.sleep(fault.lasts)
        server.start()
        return
    # A database that is a file dies with those who have it open: all at the same moment.
    for part in ("web", "worker") if name == "database" else (name,):
        where.signal(part, signal.SIGKILL)
    time.sleep(fault.lasts)


def _broker_away(where: Place, fault: Fault, _chance: Random) -> None:
    if where.broker is not None:
        where.broker.stop()
        time.sleep(fault.lasts)
        where.broker.start()
        return
    # It takes connections and does not answer. A dead one would be started again within a second.
    where.signal("broker", signal.SIGSTOP)
    time.sleep(fault.lasts)
    where.signal("broker", signal.SIGCONT)


def _database_away(where: Place, fault: Fault, _chance: Random) -> None:
    if where.database is not None:
        where.database.stop()
        time.sleep(fault.lasts)
        where.database.start()
        return
    # Somebody holds the write lock: every writer waits, and gives up in the end.
    holder = sqlite3.connect(where.config.data / "penjaga.db", timeout=60, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    time.sleep(fault.lasts)
    holder.execute("ROLLBACK")
    holder.close()


def _disk_full(where: Place, fault: Fault, _chance: Random) -> None:
    assert where.disk is not None
    where.disk.fill()
    time.sleep(fault.lasts)
    where.disk.free()
    if where.database is not None:
        # PostgreSQL ends where it cannot write its log; whoever runs it starts it again.
        where.database.start()


def _clock_stepped(where: Place, fault: Fault, chance: Random) -> None:
    """An hour wrong in one direction, then in the other, then right: steps of one and of two hours."""
    for sign in chance.sample((1, -1), 2):
        where.step_clock(sign * CLOCK_STEP_S)
        time.sleep(fault.lasts / 2)
    where.step_clock(0)


def _stop_at_work(where: Place, fault: Fault, chance: Random) -> None:
    where.signal(chance.choice(("web", "worker")), signal.SIGTERM)
    time.sleep(fault.lasts)


def _odd_deliveries(where: Place, fault: Fault, chance: Random) -> None:
    """Many wake-ups for nothing, in any order, while the claims on rows at work run out early."""
    client = broker.client(where.config)
    store = where.store()
    end = time.monotonic() + fault.lasts
    try:
        while time.monotonic() < end:
            for task in chance.choices(outbox.TASKS, k=_WAKES // len(outbox.TASKS)):
                broker.send_wake(client, task)
            _disorder(store)
            time.sleep(fault.lasts / 20)
    finally:
        client.close()
        store.close()


def _disorder(store: Store) -> None:
    claimed = update(Outbox).where(Outbox.attempts > 0, Outbox.parked_at.is_(None))
    with suppress(StoreUnavailable), store.write() as session:
        session.execute(claimed.values(due_at=now()))


def _slow_encoder(where: Place, fault: Fault, _chance: Random) -> None:
    """The worker gets no time at all, for longer than its claims last; another one takes them over."""
    stopped = where.parts("worker")
    for process in stopped:
        process.suspend()
    command = [sys.executable, "-m", "celery", "-q", "-A", "workers.app", "worker", "-n", "other@localhost"]
    with (where.config.data / "other.log").open("ab") as log:
        other = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
            env=where.environ, stdout=log, stderr=log,
        )  # fmt: skip
    time.sleep(fault.lasts)
    for process in stopped:
        process.resume()
    other.terminate()
    try:
        other.wait(30)
    except subprocess.TimeoutExpired:
        other.kill()
        other.wait()


_BREAKING = {
    **{f"kill {part}": _kill for part in ("web", "worker", "beat", "broker", "database")},
    "broker away": _broker_away,
    "database away": _database_away,
    "disk full": _disk_full,
    "clock stepped": _clock_stepped,
    "stop at work": _stop_at_work,
    "odd deliveries": _odd_deliveries,
    "slow encoder": _slow_encoder,
}
