"""Work flows from the outbox through a real broker and a real worker, and none of it is lost."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import redis
from sqlalchemy import func, select, update

from models.matching import by_words_alone
from tests.installation import wait_for
from tests.running import Environ
from tests.workers.conftest import bundled, worker
from triage import broker, intake, outbox
from triage.broker import QUEUES, UPKEEP_QUEUE, OutboxTask, Waker, send_wake, task_name
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission
from triage.tables import ClaimGroup, Event, Outbox, Submission

TEXTS = [f"Kabar nomor {n}: jembatan desa akan ditutup mulai besok pagi" for n in range(40)]
Penjaga = Callable[..., subprocess.CompletedProcess[str]]


def submit(store: Store, settings: Config, texts: list[str]) -> None:
    for text in texts:
        intake.accept(store, settings, NewSubmission(text))


def owe(store: Store, task: OutboxTask, *refs: int) -> None:
    with store.write() as session:
        for ref in refs:
            outbox.add(session, task, ref)


def rows(store: Store) -> list[Outbox]:
    with store.read() as session:
        found = list(session.scalars(select(Outbox).order_by(Outbox.id)))
        session.expunge_all()
        return found


def make_due(store: Store) -> None:
    """Let the waits of backoff and claims pass, and the last failure be forgotten."""
    with store.write() as session:
        waiting = update(Outbox).where(Outbox.parked_at.is_(None))
        session.execute(waiting.values(due_at=now() - timedelta(seconds=1), last_error=""))


def states(store: Store) -> dict[str, int]:
    with store.read() as session:
        counted = select(Submission.state, func.count()).group_by(Submission.state)
        return dict(session.execute(counted).all())


def wake(settings: Config, task: OutboxTask) -> bool:
    client = broker.client(settings)
    sent = send_wake(client, task)
    client.close()
    return sent


def test_submissions_are_assessed_once_each(installation: tuple[Config, Environ, Store]) -> None:
    settings, environ, store = installation
    with worker(settings, environ):
        submit(store, settings, TEXTS)
        waker = Waker(settings)
        waker.wake("assess")
        waker.close()
        # More than one batch: the task itself wakes the next.
        wait_for("every submission to be assessed", lambda: not rows(store))
    with store.read() as session:
        assessed = select(func.count()).where(Event.subject == "submission", Event.name == "assess")
        assert session.scalar(assessed) == len(TEXTS)
    assert "received" not in states(store)


def test_wakes_of_one_moment_are_few_and_the_last_one_comes(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    queue = broker.connection(settings, 2)
    with bundled(settings, environ):
        waker = Waker(settings)
        began = time.monotonic()
        waker.wake("assess")
        wait_for("the first wake", lambda: queue.llen("assess") == 1)
        for _ in range(100):
            waker.wake("assess")
            time.sleep(0.002)
        moments = (time.monotonic() - began) / broker.WAKE_REST_S
        waker.close()
        assert 2 <= queue.llen("assess") <= moments + 2
    queue.close()


def test_every_queue_and_every_kind_of_work_has_a_worker(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    with bundled(settings, environ), worker(settings, environ):
        client = broker.client(settings)
        inspect = client.control.inspect(timeout=5)
        (queues,) = (inspect.active_queues() or {}).values()
        (tasks,) = (inspect.registered() or {}).values()
        client.close()
    assert {queue["name"] for queue in queues} == {*QUEUES.values(), UPKEEP_QUEUE}
    assert {task_name(task) for task in QUEUES} <= set(tasks)


def test_a_worker_never_loads_torch_for_the_bundled_encoder(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    with bundled(settings, environ), worker(settings, environ) as process:
        submit(embedded, settings, TEXTS[:1])
        wake(settings, "assess")
        wait_for("the submission to be assessed", lambda: not rows(embedded))
        loaded = Path(f"/proc/{process.pid}/maps").read_text("utf-8")
    assert "onnxruntime" in loaded
    assert "libtorch" not in loaded


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    (settings.data / "hold").touch()
    refs = range(1, 21)
    owe(embedded, "answer", *refs)
    with bundled(settings, environ):
        with worker(settings, environ, "probe_app") as process:
            wake(settings, "answer")
            wait_for("the work to begin", (settings.data / "begun").exists)
            process.send_signal(signal.SIGKILL)
            process.wait()
        left = rows(embedded)
        assert [row.ref for row in left] == list(refs)
        assert max(row.attempts for row in left) == 1
        (settings.data / "hold").unlink()
        make_due(embedded)
        with worker(settings, environ, "probe_app"):
            wait_for("the work to be done", lambda: not rows(embedded))
    assert sorted(map(int, (settings.data / "done").read_text().split())) == list(refs)


def test_work_waits_while_the_broker_is_away(embedded: Store, environ: Environ, settings: Config) -> None:
    waker = Waker(settings)
    submit(embedded, settings, TEXTS[:5])
    waker.wake("assess")
    waker.close()
    assert states(embedded) == {"received": 5}
    assert outbox.due_tasks(embedded) == ["assess"]
    with bundled(settings, environ), worker(settings, environ):
        # Nobody wakes it: a worker looks for itself when it starts.
        wait_for("what waited to be assessed", lambda: not rows(embedded))
    assert "received" not in states(embedded)


def test_a_worker_outlives_its_broker(embedded: Store, environ: Environ, settings: Config) -> None:
    with bundled(settings, environ) as first, worker(settings, environ):
        first.send_signal(signal.SIGKILL)
        first.wait()
        submit(embedded, settings, TEXTS[:3])
        assert wake(settings, "assess") is False
        with bundled(settings, environ):
            assert wake(settings, "assess") is True
            wait_for("the worker to find the new broker", lambda: not rows(embedded))


def test_failing_work_is_parked_with_its_reason_and_can_be_replayed(
    embedded: Store, environ: Environ, settings: Config, penjaga: Penjaga
) -> None:
    (settings.data / "poison").touch()
    owe(embedded, "publish", 12, 13, 14)
    with bundled(settings, environ), worker(settings, environ, "probe_app"):
        wake(settings, "publish")
        for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
            wait_for(f"failure {attempt}", lambda n=attempt: _failed(embedded, n))
            make_due(embedded)
            wake(settings, "publish")
        # The one before it was settled, the one behind it was not kept from being done.
        (parked,) = wait_for("the row to be parked", lambda: [row for row in rows(embedded) if row.parked_at])
        wait_for("the others to be done", lambda: len(rows(embedded)) == 1)
        listed = penjaga("parked", "list")
        (settings.data / "poison").unlink()
        replayed = penjaga("parked", "replay", str(parked.id))
        wait_for("the replayed row to be done", lambda: not rows(embedded))
    assert parked.ref == 13
    assert re.fullmatch(r"ValueError \(workers\.tasks:\d+\)", parked.last_error)
    assert listed.stdout.startswith(f"{parked.id}  publish 13  parked ")
    assert listed.stdout.endswith(f"{parked.last_error}\n")
    assert replayed.returncode == 0, replayed.stderr
    assert "Siti" not in (settings.data / "worker.log").read_text("utf-8")
    assert "ValueError" in (settings.data / "worker.log").read_text("utf-8")
    assert penjaga("parked", "list").stdout == "nothing is parked\n"


def _failed(store: Store, attempts: int) -> bool:
    poisoned = [row for row in rows(store) if row.ref == 13]
    return poisoned[0].attempts == attempts and poisoned[0].last_error != "" and poisoned[0].due_at > now()


def test_replaying_what_is_not_parked_says_so(embedded: Store, penjaga: Penjaga) -> None:
    refused = penjaga("parked", "replay", "7")
    assert refused.returncode == 1
    assert refused.stderr == "penjaga: There is no parked item with this number.\n"


def test_a_worker_without_its_encoder_works_by_words_until_it_is_back(
    installation: tuple[Config, Environ, Store],
) -> None:
    settings, environ, store = installation
    submit(store, settings, TEXTS[:2])
    with worker(settings, environ | {"PENJAGA_ENCODER": "/nonexistent"}):
        wait_for("the messages to be matched by words", lambda: _owed(store) == {"rematch"})
        log = (settings.data / "worker.log").read_text("utf-8")
    assert "PENJAGA_ENCODER=/nonexistent: no such folder" in log
    # What is owed lies in the store: another worker, with an encoder, does it.
    make_due(store)
    with worker(settings, environ):
        wait_for("the messages to be matched again", lambda: not rows(store))
    with store.read() as session:
        versions = session.scalars(select(ClaimGroup.model_version).where(ClaimGroup.merged_into.is_(None)))
        assert not any(by_words_alone(version) for version in versions)


def _owed(store: Store) -> set[str]:
    return {row.task for row in rows(store)}


def test_an_archive_that_cannot_be_read_is_not_the_messages_fault(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    (settings.data / "unreadable").touch()
    refused = settings.data / "refused"
    submit(embedded, settings, TEXTS[:2])
    with bundled(settings, environ), worker(settings, environ, "probe_app"):
        for attempt in (3, 4, 5):
            wake(settings, "assess")
            wait_for("another failure", lambda n=attempt: refused.exists() and refused.stat().st_size >= n)
        assert [(row.attempts, row.last_error) for row in rows(embedded)] == [(0, "")] * 2
        (settings.data / "unreadable").unlink()
        wake(settings, "assess")
        wait_for("the messages to be assessed", lambda: not rows(embedded))


def test_everything_parked_is_replayed_by_one_command(embedded: Store, penjaga: Penjaga) -> None:
    owe(embedded, "publish", 1, 2)
    owe(embedded, "embed", 3)
    with embedded.write() as session:
        session.execute(update(Outbox).values(parked_at=now()))
    unclear = penjaga("parked", "replay"), penjaga("parked", "replay", "1", "--all")
    assert [(each.returncode, "Give the NUMBER" in each.stderr) for each in unclear] == [(2, True)] * 2
    assert penjaga("parked", "replay", "--task", "publish").stdout.startswith("2 items are due again; the br")
    assert penjaga("parked", "replay", "--all").stdout.startswith("1 items are due again; ")
    assert penjaga("parked", "replay", "--all").stdout == "nothing is parked\n"
    assert [row.parked_at for row in rows(embedded)] == [None] * 3


def test_a_broker_that_takes_no_writes_is_like_one_that_is_away(
    embedded: Store, environ: Environ, settings: Config
) -> None:
    with bundled(settings, environ):
        with redis.Redis(unix_socket_path=str(settings.broker_socket)) as server:
            server.config_set("min-replicas-to-write", 1)
            assert wake(settings, "assess") is False
            server.config_set("min-replicas-to-write", 0)
        assert wake(settings, "assess") is True
