"""The parts by themselves: logs, claims on long work, the lifeline, log files, the doctor's account."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import redis
import structlog
import time_machine
from celery import Celery, beat
from sqlalchemy import delete, select
from sqlalchemy.exc import StatementError

from models import calibration
from tests.factories import make_account, make_fact_check, make_group, make_submission
from tests.installation import wait_for
from tests.workers.conftest import bundled
from triage import accounting, broker, doctor, events, intake, logs, outbox
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.doctor import Finding
from triage.errors import CannotStart, NotFound, StoreUnavailable
from triage.intake import NewSubmission
from triage.supervisor import bundled_broker, lifeline
from triage.supervisor.child import LOGS_KEPT, Child, Program
from triage.tables import ArchiveImport, Decision, Event, Outbox, Submission
from workers.holding import Holding
from workers.schedule import SCHEDULE, SWEEP_EVERY_S

CANARY = "Bu Siti 081234567890"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """What the logs hold so far, once configured as for a service."""
    stream = io.StringIO()
    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = before, level
    structlog.configure(**configured)


def _fail(error: Exception) -> None:
    raise error


def test_an_error_is_logged_without_its_text(lines: Callable[[], list[dict[str, str]]]) -> None:
    log = logging.getLogger("somebody.else")
    try:
        _fail(StatementError(CANARY, "INSERT ...", {"text": CANARY}, ValueError(CANARY)))
    except StatementError as error:
        structlog.get_logger("ours").exception("failed")
        log.exception("theirs failed: %s", error)  # noqa: TRY401 - libraries do
        log.exception("theirs failed: %r", error)  # noqa: TRY401
    said = lines()
    assert [line["event"] for line in said] == [
        "failed",
        "theirs failed: StatementError",
        "theirs failed: 'StatementError'",
    ]
    assert said[0]["error"] == "StatementError"
    assert "test_an_error_is_logged_without_its_text" in said[0]["at"]
    assert CANARY not in json.dumps(said)


def test_where_an_error_arose_is_told_by_the_innermost_place_of_ours(config: Config) -> None:
    store = Store("sqlite:////nonexistent/penjaga.db")
    with pytest.raises(StoreUnavailable) as theirs, store.read():
        pass
    # The driver's own place, deep in a library, would say less.
    assert re.fullmatch(r"triage\.db:\d+", logs.place_of(theirs.value))
    with pytest.raises(ValueError, match="Siti") as elsewhere:
        _fail(ValueError(CANARY))
    assert re.fullmatch(rf"{re.escape(__name__)}:\d+", logs.place_of(elsewhere.value))
    assert logs.place_of(ValueError(CANARY)) == "?"


def test_a_lost_broker_costs_the_clock_one_short_line(
    lines: Callable[[], list[dict[str, str]]], settings: Config
) -> None:
    clock = Celery("clock", broker=broker.broker_url(settings), set_as_current=False)
    clock.conf.update(broker_transport_options={"max_retries": 0}, broker_connection_retry=False)
    entry = beat.ScheduleEntry("sweep", "penjaga.sweep", schedule=1, app=clock, options={"retry": False})
    beat.Scheduler(clock, lazy=True).apply_entry(entry)
    said = [line for line in lines() if line["level"] == "error"]
    assert [(line["event"], line["error"]) for line in said] == [
        ("Message Error: SchedulingError", "SchedulingError, because of OperationalError")
    ]
    assert said[0]["at"].startswith("kombu.connection:")
    assert len(json.dumps(said[0])) < 300


def test_a_clock_that_is_set_back_does_not_stop_the_schedule() -> None:
    clock = Celery("clock", broker="memory://", set_as_current=False)
    clock.conf.beat_schedule = SCHEDULE
    scheduler = beat.Scheduler(clock)
    began = now()
    assert scheduler.tick() == pytest.approx(SWEEP_EVERY_S, abs=0.5)
    with time_machine.travel(began - timedelta(hours=1)):
        assert scheduler.tick() == pytest.approx(SWEEP_EVERY_S, abs=0.5)
    with time_machine.travel(began + timedelta(hours=1)):
        assert scheduler.tick() == pytest.approx(SWEEP_EVERY_S, abs=0.5)
    scheduler.close()


def test_our_own_errors_keep_their_sentence(lines: Callable[[], list[dict[str, str]]]) -> None:
    try:
        _fail(NotFound("There is no such thing."))
    except NotFound:
        structlog.get_logger("ours").exception("failed")
    assert lines()[0]["error"] == "There is no such thing."


def test_a_line_break_in_a_value_makes_no_second_line(lines: Callable[[], list[dict[str, str]]]) -> None:
    structlog.get_logger("ours").info("said", what="one\ntwo")
    assert [line["what"] for line in lines()] == ["one\ntwo"]


def test_long_work_keeps_its_claim(any_store: Store) -> None:
    with any_store.write() as session:
        outbox.add(session, "answer", 1)
    jobs = outbox.claim(any_store, "answer", 1)
    _make_due(any_store)
    with Holding(any_store, jobs, every_s=0.05):
        wait_for("the claim to be renewed", lambda: not outbox.due_tasks(any_store))
    # And no longer than the work lasts.
    _make_due(any_store)
    assert outbox.due_tasks(any_store) == ["answer"]


def _make_due(store: Store) -> None:
    with store.write() as session:
        row = session.scalars(select(Outbox)).one()
        row.due_at = now() - timedelta(seconds=1)


def test_the_account_adds_up_and_notices_what_is_gone(any_store: Store, config: Config) -> None:
    for number in range(4):
        intake.accept(any_store, config, NewSubmission(f"Kabar nomor {number} dari pasar"))
    with any_store.read() as session:
        before = accounting.balance(session)
    assert (before.accepted, before.waiting, before.adds_up) == (4, 4, True)
    with any_store.write() as session:
        session.execute(delete(Outbox).where(Outbox.ref == 1))
    with any_store.read() as session:
        assert accounting.balance(session).forgotten == 1
        assert not accounting.balance(session).adds_up
    with any_store.write() as session:
        session.execute(delete(Outbox))
        session.execute(delete(Submission).where(Submission.id > 2))
    with any_store.read() as session:
        after = accounting.balance(session)
    assert (after.accepted, after.waiting, after.adds_up) == (4, 2, False)


def test_the_account_names_what_waits_for_work_that_nobody_owes(any_store: Store) -> None:
    with any_store.write() as session:
        make_submission(session, state="parked")
        author = make_account(session)
        written = make_group(session, state="approved")
        decided, told = make_group(session, state="published"), make_group(session, state="answered")
        for group in (decided, told):
            group.fact_check_id = make_fact_check(session).id
        decision = Decision(
            group_id=written.id, kind="new", state="approved", verdict="hoaks", claim="", headline="",
            explanation="", what_to_do="", evidence=[], harm="other", author_id=author.account_id,
            created_at=now(),
        )  # fmt: skip
        queued = ArchiveImport(source="a", source_hash="a", state="queued", started_at=now())
        session.add_all([decision, queued])
        session.flush()
        refs = {"publish": decision.id, "import": queued.id}
    with any_store.read() as session:
        sums = accounting.balance(session)
        assert sums.unowed == {"assess": 1, "publish": 1, "answer": 3, "import": 1}
        assert (sums.forgotten, sums.adds_up) == (6, False)
        assert accounting.unencoded(session) == 2
    with any_store.write() as session:
        outbox.add(session, "assess", 1)
        outbox.add(session, "publish", refs["publish"])
        outbox.add(session, "import", refs["import"])
        outbox.add(session, "embed", 1)
        for group in (decided, told):
            outbox.add(session, "answer", group.id)
    with any_store.read() as session:
        assert accounting.balance(session).forgotten == 0
        assert accounting.unencoded(session) == 0


def test_the_doctor_names_each_problem_and_its_remedy(config: Config, store: Store) -> None:
    with store.write() as session:
        submission = make_submission(session)
        outbox.add(session, "assess", submission.id)
        outbox.add(session, "publish", 1)
        events.append(session, actor="system", subject="outbox", subject_id=1, name="test")
        session.flush()
        owed, dead = session.scalars(select(Outbox).order_by(Outbox.id))
        owed.due_at = now() - timedelta(hours=1)
        dead.parked_at, dead.last_error = now(), "ValueError"
        forged = {"actor": "system", "subject": "outbox", "name": "forged", "from_state": "", "to_state": ""}
        session.add(Event(seq=2, at=now(), subject_id=1, data={}, previous="0" * 64, hash="0" * 64, **forged))
    problems = _problems(config)
    # No event tells of the message, so it is not counted.
    assert set(problems) == {"event log", "work", "parked", "accounting", "trends", "broker", "encoder"}
    assert problems["parked"].remedy == "see `penjaga parked list`"
    assert "events verify" in problems["event log"].remedy
    assert "penjaga up" in problems["broker"].remedy
    assert str(problems["parked"]) == "problem: parked: 1 items; see `penjaga parked list`"


def _problems(config: Config) -> dict[str, Finding]:
    return {finding.subject: finding for finding in doctor.examine(config) if not finding.ok}


def test_the_doctor_says_where_the_store_is_missing(config: Config, tmp_path: Path) -> None:
    assert _problems(config)["store"].remedy == "run `penjaga prepare`"
    (config.data / "penjaga.db").unlink()
    (config.data / "penjaga.db").mkdir()
    assert "PENJAGA_DATABASE_URL" in _problems(config)["store"].remedy


def test_the_doctor_tells_a_broker_that_refuses_from_one_that_is_away(
    settings: Config, embedded: Store, environ: dict[str, str]
) -> None:
    assert _problems(settings)["broker"].what == "does not answer"
    with bundled(settings, environ):
        assert "broker" not in _problems(settings)
        with redis.Redis(unix_socket_path=str(settings.broker_socket)) as server:
            server.config_set("min-replicas-to-write", 1)
        broker = _problems(settings)["broker"]
    assert broker.what.startswith("runs, but takes no work (NOREPLICAS")
    assert "start" not in broker.remedy


def test_the_doctor_says_when_the_fitted_numbers_belong_to_another_encoder() -> None:
    assert doctor.calibration_for(calibration.load().encoder).ok
    stranger = doctor.calibration_for("e5-large")
    assert "not for e5-large: no message is answered by itself" in stranger.what
    assert "PENJAGA_CALIBRATION" in stranger.remedy


def test_the_doctor_says_when_the_fitted_numbers_cannot_be_read(tmp_path: Path) -> None:
    lost = doctor.calibration_for("e5-large", tmp_path / "angka.json")
    assert "angka.json is no calibration" in lost.what
    assert "PENJAGA_CALIBRATION" in lost.remedy


def test_where_the_kernel_cannot_help_the_lifeline_watches(tmp_path: Path) -> None:
    began = tmp_path / "began"
    program = [
        sys.executable,
        "-c",
        f"import time, pathlib; pathlib.Path({str(began)!r}).touch(); time.sleep(600)",
    ]
    assert lifeline.watch(program, lambda: not began.exists()) == -signal.SIGKILL


def test_the_lifeline_passes_on_signals_and_exit_codes(tmp_path: Path) -> None:
    began = tmp_path / "began"
    body = (
        "import pathlib, signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        f"pathlib.Path({str(began)!r}).touch()\n"
        "signal.pause()\n"
    )
    program = [sys.executable, "-c", body]
    watch = (
        f"from triage.supervisor.lifeline import watch; raise SystemExit(watch({program!r}, lambda: True))"
    )
    process = subprocess.Popen([sys.executable, "-c", watch])
    wait_for("the program to begin", began.exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 7


def test_a_program_bound_to_a_parent_that_is_gone_does_not_start(tmp_path: Path) -> None:
    began = tmp_path / "began"
    nobody = max(psutil.pids()) + 10_000
    command = [sys.executable, "-I", "-S", lifeline.__file__, str(nobody), "/usr/bin/touch", str(began)]
    assert subprocess.run(command, check=False).returncode == 1
    assert not began.exists()


def test_a_log_is_moved_on_while_its_program_writes(tmp_path: Path) -> None:
    child = Child(
        Program("talker", ("/bin/sh", "-c", "echo one; read wait"), lambda _: True, ""), tmp_path, {}
    )
    for number in range(LOGS_KEPT + 2):
        child.start()
        wait_for("the line", lambda: child.last_lines() == ["one"])
        child.rotate_log(at_bytes=0)
        child.kill()
        assert child.last_lines() == [], number
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["talker.log", *(f"talker.log.{number}" for number in range(1, LOGS_KEPT + 1))]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_a_child_that_keeps_dying_is_started_ever_less_often(tmp_path: Path) -> None:
    child = Child(Program("dying", ("/bin/false",), lambda _: True, ""), tmp_path, {})
    child.start()
    wait_for("its end", lambda: not child.alive)
    assert child.how_it_ended() == "exit code 1"
    assert [child.schedule_restart() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]


def test_the_broker_takes_any_folder_name(tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / 'a "b" c')})
    with bundled(config, dict(os.environ)):
        assert config.broker_socket.stat().st_mode & 0o077 == 0
        assert config.broker_socket.parent.stat().st_mode & 0o077 == 0


def test_a_deep_data_folder_gets_a_short_socket_in_a_folder_of_its_own(tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / ("d" * 90))})
    with bundled(config, dict(os.environ)):
        folder = config.broker_socket.parent
        assert not config.broker_socket.is_relative_to(config.data)
        assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / ("d" * 90))})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    config.broker_socket.parent.symlink_to(elsewhere)
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        bundled_broker.command(config)
    config.broker_socket.parent.unlink()
