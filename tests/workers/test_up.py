"""`penjaga up`: everything comes up, heals and goes away, and never leaves a process behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import select

from tests.installation import MARKS, PENJAGA, Installation, free_port, installation, wait_for
from tests.posting import Poster
from tests.running import debian_redis
from triage import accounting, intake
from triage.config import load_config
from triage.db import Store
from triage.intake import NewSubmission
from triage.tables import Outbox, Submission

pytestmark = pytest.mark.embedded
Tree = dict[str, psutil.Process]


def tree_of(pid: int) -> Tree:
    """The processes below a supervisor, by their names."""
    found: Tree = {}
    for process in psutil.Process(pid).children(recursive=True):
        try:
            command = " ".join(process.cmdline())
        except psutil.NoSuchProcess:
            continue
        found |= {name: process for name, mark in MARKS.items() if mark in command}
    return found


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, encoders: Path) -> Iterator[Installation]:
    """One running installation for the tests that leave it running."""
    with installation(tmp_path_factory.mktemp("up") / "data folder", encoders) as running:
        yield running


def test_every_part_runs_and_is_named(up: Installation) -> None:
    assert set(tree_of(up.process.pid)) == set(MARKS)
    assert requests.get(f"{up.url}/healthz", timeout=5).status_code == 200
    assert set(up.passwords) == {"verifikator", "penyetuju", "analis", "admin"}
    assert f"{up.url}/masuk" in up.printed
    assert all(f"\n{name}" in f"\n{up.printed}" for name in MARKS)


def test_what_it_writes_is_for_its_user_alone(up: Installation) -> None:
    private = [up.data / "penjaga.db", up.data / "broker", *(up.data / "logs").iterdir()]
    assert [path for path in private if path.stat().st_mode & 0o077] == []
    assert {path.stem for path in (up.data / "logs").iterdir()} == set(MARKS)


def test_the_doctor_finds_nothing_wrong(up: Installation) -> None:
    examined = up.run("doctor")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert all(line.startswith("ok: ") for line in examined.stdout.splitlines())
    subjects = [line.split(": ")[1] for line in examined.stdout.splitlines()]
    assert {"store", "event log", "broker", "workers", "encoder", "parked", "accounting"} <= set(subjects)


def test_one_number_leads_from_the_receipt_to_the_answer(up: Installation) -> None:
    text = "Wajib vaksin ulang tiap tiga bulan di balai desa kami"
    receipt = requests.post(f"{up.url}/api/v1/submissions", json={"text": text}, timeout=30).json()["receipt"]
    wait_for("the message to be assessed", lambda: not up.owed(), 60)
    trail = up.run("events", "trail", receipt)
    assert trail.returncode == 0, trail.stderr
    head, *events = trail.stdout.splitlines()
    item = int(head.split(",")[0].removeprefix("item "))
    assert [line.split()[5] for line in events][:2] == ["receive", "assess"]
    assert up.run("events", "trail", str(item)).stdout == trail.stdout
    # As the manual says: grep -E '"item": N[,}]'
    for log, wanted in (("web", ["request"]), ("worker", ["assessed"])):
        written = (up.data / "logs" / f"{log}.log").read_text("utf-8")
        assert receipt not in written
        found = [line for line in written.splitlines() if re.search(rf'"item": {item}[,}}]', line)]
        assert [json.loads(line)["event"] for line in found] == wanted
    unknown = up.run("events", "trail", "999999")
    assert (unknown.returncode, unknown.stderr) == (1, "penjaga: There is no submission with this number.\n")


def test_figures_are_given_on_this_machine(up: Installation) -> None:
    said = requests.get(f"{up.url}/metrics", timeout=30)
    assert said.status_code == 200
    assert "penjaga_accounting_adds_up 1.0" in said.text
    assert "penjaga_workers 1.0" in said.text
    assert 'penjaga_http_request_seconds_bucket{le="0.005"' in said.text


@pytest.mark.parametrize("name", MARKS)
def test_a_dead_child_is_started_again(up: Installation, name: str) -> None:
    victim = tree_of(up.process.pid)[name]
    victim.kill()
    output = up.data.parent / f"{up.data.name}.out"
    said = output.read_text("utf-8").count(f"{name} is back")

    def back() -> psutil.Process | None:
        another = tree_of(up.process.pid).get(name)
        return another if another is not None and another.pid != victim.pid else None

    wait_for(f"another {name}", back, 60)
    wait_for(f"{name} to work again", lambda: output.read_text("utf-8").count(f"{name} is back") > said, 60)
    # And the tree as a whole still does what it is for, without anybody waking it.
    config = load_config(up.environ)
    store = Store(config.database_url)
    intake.accept(store, config, NewSubmission(f"Kabar setelah {name} mati: pasar libur tiga hari"))
    wait_for("the message to be assessed", lambda: _nothing_owed(store), 60)
    store.close()


def _nothing_owed(store: Store) -> bool:
    with store.read() as session:
        return session.scalar(select(Outbox.id).where(Outbox.task == "assess").limit(1)) is None


def test_a_second_one_on_the_same_folder_is_refused(up: Installation) -> None:
    second = up.run("up", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"Penjaga runs already on {up.data} (process {up.process.pid})" in second.stderr
    assert "--data" in second.stderr


def test_a_port_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = _penjaga("up", "--port", str(port), "--data", str(tmp_path / "d"))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"penjaga: Port {port} on 127.0.0.1 cannot be used")
    assert "--port" in refused.stderr
    assert "PORT" in refused.stderr
    assert not (tmp_path / "d" / "penjaga.db").exists()


def test_a_missing_encoder_is_named_with_its_setting(tmp_path: Path) -> None:
    port = str(free_port())
    refused = _penjaga("up", "--port", port, "--data", str(tmp_path / "d"), PENJAGA_ENCODER="/nonexistent")
    assert refused.returncode == 1
    assert "/nonexistent" in refused.stderr
    assert "PENJAGA_ENCODER" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_broker_elsewhere_that_is_away_is_named(tmp_path: Path, encoders: Path) -> None:
    refused = _penjaga(
        "up", "--port", str(free_port()), "--data", str(tmp_path / "d"),
        PENJAGA_ENCODERS=str(encoders), PENJAGA_REDIS_URL=f"redis://:rahasia@127.0.0.1:{free_port()}/0",
    )  # fmt: skip
    assert refused.returncode == 1
    assert "PENJAGA_REDIS_URL" in refused.stderr
    assert "rahasia" not in refused.stderr + refused.stdout


def test_with_a_broker_elsewhere_none_is_started(
    tmp_path: Path, encoders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("needs Debian's redis-server")
    with debian_redis(tmp_path) as url:
        monkeypatch.setenv("PENJAGA_REDIS_URL", url)
        with _started(tmp_path, encoders) as (process, children):
            assert set(children) == {"web", "worker", "beat"}
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def test_ctrl_c_stops_everything_cleanly_and_asked_again_at_once(tmp_path: Path, encoders: Path) -> None:
    with _started(tmp_path, encoders) as (process, children):
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert [name for name, child in children.items() if alive(child)] == []
    assert (tmp_path / "out").read_text("utf-8").endswith("stopped\n")
    with _started(tmp_path, encoders) as (process, children):
        # A child that does not react would be waited for.
        children["beat"].suspend()
        process.send_signal(signal.SIGHUP)
        wait_for("it to give in", lambda: _asked_again(process), 60, every=0.3)
        assert process.returncode == 0
        assert [name for name, child in children.items() if alive(child)] == []
    assert "beat did not stop by itself: killed" in (tmp_path / "out").read_text("utf-8")


def _asked_again(process: subprocess.Popen[bytes]) -> bool:
    process.send_signal(signal.SIGTERM)
    return process.poll() is not None


# As systemd does: the socket has number 3 there.
HANDED_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextmanager
def _with_door(door: socket.socket, data: Path, encoders: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = os.environ | {"PENJAGA_DATA": str(data), "PENJAGA_ENCODERS": str(encoders)}
    command = [
        sys.executable,
        "-c",
        HANDED_OVER,
        str(door.fileno()),
        sys.executable,
        "-m",
        "triage.cli",
        "up",
    ]
    output = data.parent / "out"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command, env=environ, stdout=sink, stderr=subprocess.STDOUT, pass_fds=[door.fileno()]
        )
    try:
        wait_for("everything to run", lambda: _runs(process, output), 120, every=0.2)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0, output.read_text("utf-8")


def _runs(process: subprocess.Popen[bytes], output: Path) -> bool:
    assert process.poll() is None, output.read_text("utf-8")
    return "Ctrl-C" in output.read_text("utf-8")


@pytest.mark.slow
def test_a_restart_of_the_web_process_or_of_everything_refuses_nobody(tmp_path: Path, encoders: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        data = tmp_path / "d"
        with _with_door(door, data, encoders) as first, Poster(url, every_s=0.2).at_work() as poster:
            web = tree_of(first.pid)["web"]
            web.terminate()
            taken = len(poster.accepted)
            wait_for("another web process to serve", lambda: len(poster.accepted) > taken + 5, 60)
            first.send_signal(signal.SIGTERM)
            assert first.wait(90) == 0
            with _with_door(door, data, encoders):
                taken = len(poster.accepted)
                wait_for("the next installation to serve", lambda: len(poster.accepted) > taken + 5, 60)
                poster.stop()
    assert poster.failed == []
    config = load_config({"PENJAGA_DATA": str(data)})
    store = Store(config.database_url)
    with store.read() as session:
        assert session.query(Submission).count() == len(set(poster.accepted)) > 10
        assert accounting.balance(session).adds_up
    store.close()


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, encoders: Path) -> None:
    with _started(tmp_path, encoders) as (process, children):
        process.kill()
        process.wait()
        wait_for("every child to be gone", lambda: not any(map(alive, children.values())), 10)


def test_a_child_that_cannot_start_is_shown_with_its_last_words(tmp_path: Path, encoders: Path) -> None:
    data = tmp_path / "d"
    (data / "broker" / "appendonlydir").mkdir(parents=True)
    (data / "broker" / "appendonlydir" / "appendonly.aof.manifest").write_text("this is no manifest\n")
    refused = _penjaga("up", "--port", str(free_port()), "--data", str(data), PENJAGA_ENCODERS=str(encoders))
    assert refused.returncode == 1
    assert "broker ended during start-up" in refused.stderr
    assert "manifest" in refused.stderr


def _penjaga(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PENJAGA, *arguments],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def _started(folder: Path, encoders: Path) -> Iterator[tuple[subprocess.Popen[bytes], Tree]]:
    """`penjaga up`, once it runs, and its children; killed if the test did not end it."""
    settings = {"PENJAGA_DATA": str(folder / "data"), "PENJAGA_ENCODERS": str(encoders)}
    with (folder / "out").open("wb") as sink:
        process = subprocess.Popen(
            [PENJAGA, "up", "--port", str(free_port())], env=os.environ | settings, stdout=sink, stderr=sink
        )
    try:
        wait_for("it to run", lambda: "Ctrl-C" in _said(process, folder / "out"), 120)
        yield process, tree_of(process.pid)
    finally:
        process.kill()
        process.wait()


def _said(process: subprocess.Popen[bytes], output: Path) -> str:
    said = output.read_text("utf-8")
    assert process.poll() is None, said
    return said
