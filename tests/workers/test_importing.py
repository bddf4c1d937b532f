"""Archive imports by a real worker: they go on where a killed worker left them, and say why they fail."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from tests.installation import wait_for
from tests.running import Environ
from tests.workers.conftest import bundled, worker
from triage import broker
from triage.archive.importing import enqueue_import
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import OPERATOR
from triage.tables import ArchiveImport, FactCheck, Outbox

ENTRIES = 4_000


def write_archive(path: Path, entries: int) -> None:
    rows = [
        {"target_id": f"c-{n}", "title": f"Kabar contoh nomor {n}", "verdict": "hoaks"}
        for n in range(entries)
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def of_import(store: Store, number: int) -> ArchiveImport:
    with store.read() as session:
        row = session.get_one(ArchiveImport, number)
        session.expunge(row)
        return row


def owed(store: Store) -> Outbox | None:
    with store.read() as session:
        row = session.scalar(select(Outbox).where(Outbox.task == "import"))
        if row is not None:
            session.expunge(row)
        return row


def wake(settings: Config) -> None:
    client = broker.client(settings)
    broker.send_wake(client, "import")
    client.close()


def make_due(store: Store) -> None:
    with store.write() as session:
        session.execute(update(Outbox).values(due_at=now() - timedelta(seconds=1)))


def test_an_import_goes_on_where_a_killed_worker_left_it(
    embedded: Store, environ: Environ, settings: Config, tmp_path: Path
) -> None:
    write_archive(tmp_path / "arsip.jsonl", ENTRIES)
    with bundled(settings, environ):
        with worker(settings, environ) as process:
            number = enqueue_import(embedded, str(tmp_path / "arsip.jsonl"), OPERATOR)
            wake(settings)
            wait_for("the first rows", lambda: of_import(embedded, number).position, every=0.002)
            process.send_signal(signal.SIGKILL)
            process.wait()
        stopped = of_import(embedded, number)
        assert stopped.state == "running"
        assert 0 < stopped.added < ENTRIES
        make_due(embedded)
        with worker(settings, environ):
            wait_for("the import to be settled", lambda: owed(embedded) is None)
    done = of_import(embedded, number)
    assert (done.state, done.added, done.updated, done.same, done.refused) == ("finished", ENTRIES, 0, 0, 0)
    with embedded.read() as session:
        assert session.scalar(select(func.count()).select_from(FactCheck)) == ENTRIES


def test_an_import_that_cannot_be_read_is_tried_again_and_says_why(
    embedded: Store, environ: Environ, settings: Config, tmp_path: Path
) -> None:
    number = enqueue_import(embedded, str(tmp_path / "tidak-ada.jsonl"), OPERATOR)
    with bundled(settings, environ), worker(settings, environ):
        wait_for("the failure", lambda: _reason(embedded))

        def parked_at_last() -> bool:
            make_due(embedded)
            wake(settings)
            return _parked(embedded)

        wait_for("the import to be parked", parked_at_last, every=0.2)
    assert "tidak-ada.jsonl" in _reason(embedded)
    assert of_import(embedded, number).state == "failed"


def test_an_import_in_the_background_is_shown_while_it_waits_and_when_it_is_done(
    embedded: Store, environ: Environ, settings: Config, tmp_path: Path
) -> None:
    write_archive(tmp_path / "arsip.jsonl", 20)
    with bundled(settings, environ):
        private = "http://127.0.0.1:9/arsip.jsonl"
        given = penjaga(environ, "import", "--background", str(tmp_path / "arsip.jsonl"), private)
        assert given == f"import 1: {tmp_path}/arsip.jsonl\nimport 2: {private}\n"
        assert [line.split()[4] for line in penjaga(environ, "list").splitlines()] == ["queued", "queued"]
        with worker(settings, environ):
            wait_for("both imports to be settled", lambda: owed(embedded) is None)
    done, refused, reason = penjaga(environ, "list").splitlines()
    assert f"finished     added 20, updated 0, same 0, refused 0  {tmp_path}/arsip.jsonl" in done
    assert "failed " in refused
    assert "not a public address" in reason


def penjaga(environ: Environ, *arguments: str) -> str:
    command = [sys.executable, "-m", "triage.cli", "archive", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout


def _reason(store: Store) -> str:
    row = owed(store)
    return row.last_error if row is not None else ""


def _parked(store: Store) -> bool:
    row = owed(store)
    return row is not None and row.parked_at is not None
