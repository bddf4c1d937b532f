"""Beyond one machine: workers on several hosts, which share only PostgreSQL and Redis, and restarts that
nobody notices."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from tests.installation import free_port, wait_for
from tests.posting import Poster
from tests.running import Environ, Running, debian_redis, running
from tests.workers.conftest import worker
from triage import accounting, events, intake, schema
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.intake import NewSubmission
from triage.tables import ClaimVector, Event, FactCheck, Outbox, Submission, SuggestedMatch

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs Debian's redis-server"),
]
BIN = Path(sys.executable).parent
SECRET = "0123456789abcdef" * 4
CLAIM = "Beras plastik beredar di pasar kecamatan, cirinya tidak basi selama tiga hari"


@dataclass(frozen=True)
class Grown:
    """What hosts share: the store and the settings that lead to it. Each has a data folder of its own."""

    store: Store
    environ: Environ
    folder: Path

    def host(self, name: str) -> tuple[Config, Environ]:
        environ = self.environ | {"PENJAGA_DATA": str(self.folder / name)}
        return load_config(environ), environ

    @contextmanager
    def worker(self, name: str) -> Iterator[Running]:
        config, environ = self.host(name)
        with worker(config, environ, name=f"penjaga@{name}") as process:
            yield process

    @contextmanager
    def beat(self, name: str) -> Iterator[Running]:
        config, environ = self.host(name)
        command = [sys.executable, "-m", "celery", "-q", "-A", "workers.beat", "beat", "--pidfile="]
        with running(command, config.data / "beat.log", environ) as process:
            yield process

    def said(self, name: str, event: str) -> list[dict[str, object]]:
        """The lines of a host's worker about an event."""
        lines = (self.folder / name / "worker.log").read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in found if line["event"] == event]

    def assessed(self, name: str) -> set[int]:
        return {int(str(line["item"])) for line in self.said(name, "assessed")}

    def send(self, *texts: str) -> None:
        config, _ = self.host("pintu")
        for each in texts:
            intake.accept(self.store, config, NewSubmission(each))

    def nothing_owed(self) -> bool:
        with self.store.read() as session:
            return session.scalar(select(Outbox.id).limit(1)) is None

    def put(self, *titles: str) -> None:
        with self.store.write() as session:
            upsert(session, [ArchiveRow(source_key=each[:20], title=each) for each in titles])


@pytest.fixture
def grown(environ: Environ, empty_postgres: str, tmp_path: Path) -> Iterator[Grown]:
    with debian_redis(tmp_path) as url:
        shared = environ | {
            "PENJAGA_REDIS_URL": url,
            "PENJAGA_DATABASE_URL": empty_postgres,
            "PENJAGA_SECRET": SECRET,
        }
        store = Store(empty_postgres)
        schema.upgrade(store)
        yield Grown(store, shared, tmp_path)
        store.close()


def each_once(store: Store) -> int:
    """See that every submission was assessed, and once; that it all adds up; return how many there are."""
    with store.read() as session:
        every = session.scalars(select(Submission.id)).all()
        taken = select(Event.subject_id).where(Event.subject == "submission", Event.name == "assess")
        counted = Counter(session.scalars(taken))
        assert accounting.balance(session).adds_up
        assert events.first_break(session) is None
    assert counted == Counter(every)
    return len(every)


def test_hosts_share_the_work_follow_the_archive_and_one_goes_on_without_the_other(grown: Grown) -> None:
    with ExitStack() as stack:
        a = stack.enter_context(grown.worker("a"))
        stack.enter_context(grown.worker("b"))
        # Two clocks only wake twice.
        stack.enter_context(grown.beat("a"))
        stack.enter_context(grown.beat("b"))
        grown.put(*(f"Kabar nomor {n} tentang jembatan yang ditutup mulai besok pagi" for n in range(40)))
        wait_for("the archive to be encoded", grown.nothing_owed, 120)
        _until_both_worked(grown, "Pasar desa nomor {n} tutup karena ular besar masuk ke gudang beras")
        _both_find_what_is_new(grown)
        _one_dies(grown, a)
    with grown.store.read() as session:
        vectors = session.scalars(select(ClaimVector.claim_text_id)).all()
    assert len(vectors) == len(set(vectors)) == 41
    assert [grown.said(name, "task_failed") for name in "ab"] == [[], []]


def _until_both_worked(grown: Grown, text: str) -> list[int]:
    """Send, in waves, until both hosts have assessed something of these; return the numbers."""
    with grown.store.read() as session:
        first = max(session.scalars(select(Submission.id)), default=0)
    numbers: list[int] = []
    for wave in range(20):
        grown.send(*(text.format(n=f"{wave * 40 + n}") for n in range(40)))
        wait_for("the wave to be assessed", grown.nothing_owed, 120)
        with grown.store.read() as session:
            numbers = list(session.scalars(select(Submission.id).where(Submission.id > first)))
        if all(grown.assessed(name) & set(numbers) for name in "ab"):
            break
    each_once(grown.store)
    by_host = [grown.assessed(name) & set(numbers) for name in "ab"]
    assert all(by_host)
    assert not by_host[0] & by_host[1]
    return numbers


def _both_find_what_is_new(grown: Grown) -> None:
    grown.put(CLAIM)
    wait_for("the new entry to be encoded", grown.nothing_owed, 60)
    numbers = _until_both_worked(grown, CLAIM + " kata pedagang nomor {n}0 di sana")
    with grown.store.read() as session:
        entry = session.scalars(select(FactCheck.id).where(FactCheck.source_key == CLAIM[:20])).one()
        groups = session.scalars(select(Submission.group_id).where(Submission.id.in_(numbers))).all()
        best = select(SuggestedMatch.fact_check_id).where(
            SuggestedMatch.group_id.in_(groups), SuggestedMatch.rank == 1
        )
        assert set(session.scalars(best)) == {entry}


def _one_dies(grown: Grown, victim: Running) -> None:
    before = each_once(grown.store)
    grown.send(*(f"Undian motor nomor {n} dari toko daring di kota, daftar lewat tautan" for n in range(90)))
    wait_for("the first of them to be assessed", lambda: _assessed(grown.store) > before, 60, every=0.01)
    victim.send_signal(signal.SIGKILL)
    victim.wait()

    def gone_on() -> bool:
        # What the dead one had claimed falls due after a minute; this lets it pass.
        with grown.store.write() as session:
            for row in session.scalars(select(Outbox).where(Outbox.attempts > 0)):
                row.due_at = min(row.due_at, now())
        return grown.nothing_owed()

    wait_for("the other to do all that is left", gone_on, 120, every=1.0)
    assert each_once(grown.store) == before + 90


def _assessed(store: Store) -> int:
    with store.read() as session:
        taken = select(Event.seq).where(Event.subject == "submission", Event.name == "assess")
        return len(session.scalars(taken).all())


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _web_workers(process: Running) -> set[int]:
    return {child.pid for child in psutil.Process(process.pid).children()}


def test_a_rolling_restart_of_web_and_workers_loses_nothing_and_refuses_nobody(grown: Grown) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config, environ = grown.host("web")
    command = [
        str(BIN / "gunicorn"), "--config=python:triage.gunicorn_settings", f"--bind=127.0.0.1:{port}",
        "triage.app:served_app()",
    ]  # fmt: skip
    with ExitStack() as stack:
        web = stack.enter_context(running(command, config.data / "web.log", environ))
        stack.enter_context(grown.beat("web"))
        workers = {name: stack.enter_context(ExitStack()) for name in "ab"}
        for name, held in workers.items():
            held.enter_context(grown.worker(name))
        wait_for("gunicorn to answer", lambda: answers(url), 60)
        with Poster(url).at_work() as poster:
            time.sleep(1)
            _renew(web)
            for name, held in workers.items():
                # Asks it to stop, and waits until it has finished what it had begun.
                held.close()
                held.enter_context(grown.worker(name))
            _renew(web)
            time.sleep(1)
        wait_for("everything to be assessed", grown.nothing_owed, 120)
        counted = _requests_counted(url)
    assert poster.failed == []
    assert len(set(poster.accepted)) == each_once(grown.store) > 100
    # Of all processes that there were, whichever was asked.
    assert counted == len(poster.accepted)


def _renew(web: subprocess.Popen[bytes]) -> None:
    before = _web_workers(web)
    web.send_signal(signal.SIGHUP)
    wait_for("other processes to serve", lambda: _are_new(web, before), 60)


def _are_new(web: Running, before: set[int]) -> bool:
    present = _web_workers(web)
    return len(present) == len(before) and not present & before


def _requests_counted(url: str) -> int:
    said = requests.get(f"{url}/metrics", timeout=10).text
    labels = 'method="POST",route="/api/v1/submissions",status="2xx"'
    found = re.findall(r"penjaga_http_request_seconds_count\{([^}]*)\} (\S+)", said)
    return sum(int(float(value)) for given, value in found if given == labels)


def test_the_whole_way_of_a_message_is_found_by_one_number(grown: Grown) -> None:
    """In the worker's log and in the event log; and in the worker's figures nobody's number."""
    port = free_port()
    grown.environ["PENJAGA_WORKER_METRICS"] = f"127.0.0.1:{port}"
    with grown.worker("a"), grown.beat("b"):
        grown.put(CLAIM, *(f"Kabar nomor {n} tentang jembatan yang ditutup mulai besok" for n in range(20)))
        wait_for("the archive to be encoded", grown.nothing_owed, 60)
        grown.send("Berita lain tentang jalan berlubang di depan pasar lama", CLAIM)
        wait_for("both to be assessed", grown.nothing_owed, 60)
        # It counts what it has committed.
        wait_for("both to be counted", lambda: _figures(port)["penjaga_assessed_total", "new"] == 1, 10)
        figures = _figures(port)
    assert figures["penjaga_assessed_total", "match"] == 1
    assert figures["penjaga_encoder_texts_total", "query"] == 2
    assert figures["penjaga_stage_seconds_count", "record"] >= 1
    assert figures["penjaga_work_items_total", "assess"] == 2
    lines = [line for line in grown.said("a", "assessed") if line["item"] == 2]
    assert [(line["how"], line["state"]) for line in lines] == [("match", "answered")]
    with grown.store.read() as session:
        way = select(Event.name).where(Event.subject == "submission", Event.subject_id == 2)
        assert session.scalars(way.order_by(Event.seq)).all() == ["receive", "assess", "answer"]


def _figures(port: int) -> Counter[tuple[str, ...]]:
    said = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    return Counter(
        {
            (sample.name, *sample.labels.values()): int(sample.value)
            for family in text_string_to_metric_families(said)
            for sample in family.samples
        }
    )
