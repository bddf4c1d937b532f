"""A real installation in a folder of its own: `penjaga up` as a child process."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import requests
from sqlalchemy import func, select

from triage.config import load_config
from triage.db import Store
from triage.tables import Outbox

START_S, STOP_S = 180, 60
# By what each part of the tree is known in its command.
MARKS = {"web": "triage.serve", "worker": "workers.app", "beat": "workers.beat", "broker": "valkey-server"}
PENJAGA = str(Path(sys.executable).with_name("penjaga"))
T = TypeVar("T")


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = 60, every: float = 0.05) -> T:
    """Return the first true value that `probe` gives; fail naming `what` if there is none in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@dataclass(frozen=True)
class Installation:
    """A running `penjaga up`: where it serves, what it printed, and the one-time passwords by username."""

    data: Path
    url: str
    process: subprocess.Popen[str]
    printed: str
    passwords: dict[str, str]
    environ: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `penjaga` command on the same installation."""
        return subprocess.run(
            [PENJAGA, *arguments], env=self.environ, capture_output=True, text=True, check=False, timeout=900
        )

    def owed(self) -> int:
        """Count the outbox rows that wait for a worker."""
        store = Store(load_config(self.environ).database_url)
        try:
            with store.read() as session:
                waiting = select(func.count()).select_from(Outbox).where(Outbox.parked_at.is_(None))
                return session.scalar(waiting) or 0
        finally:
            store.close()

    def processor_time(self) -> dict[str, float]:
        """Return the seconds of a core that the processes of the tree have taken so far, by what they are."""
        found: dict[str, float] = {}
        for process in self._tree():
            name, taken = _kind(process.cmdline()), process.cpu_times()
            found[name] = found.get(name, 0.0) + taken.user + taken.system
        return found

    def _tree(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def peak_memory(self) -> dict[str, int]:
        """Return the peak resident memory of each process of the tree, in bytes, by what it is."""
        found: dict[str, int] = {}
        for process in self._tree():
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
            peak = re.search(r"VmHWM:\s+(\d+) kB", status)
            assert peak is not None
            name = _kind(process.cmdline())
            found[name] = max(found.get(name, 0), int(peak[1]) * 1024)
        return found


@contextmanager
def installation(
    data: Path, encoders: Path, *, shown: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """Start `penjaga up` on a folder and a free port; stop it as Ctrl-C does, and wait until it is gone."""
    port = free_port()
    environ = os.environ | {"PENJAGA_DATA": str(data), "PENJAGA_ENCODERS": str(encoders), "PORT": str(port)}
    environ |= settings or {}
    data.mkdir(parents=True, exist_ok=True)
    output = data.parent / f"{data.name}.out"
    with output.open("w") as sink:
        process = subprocess.Popen(
            [PENJAGA, "up"], env=environ, stdout=sink, stderr=subprocess.STDOUT, text=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for("the installation to be ready", lambda: _ready(process, output, url), START_S, every=0.2)
        printed = output.read_text("utf-8")
        if shown:
            sys.stdout.write(re.sub(r"(kata sandi|password)\s+\S+", r"\1 …", printed))
        yield Installation(data, url, process, printed, one_time_passwords(printed), environ)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_time_passwords(printed: str) -> dict[str, str]:
    """Read the first sign-ins off what `penjaga up` printed."""
    roles = ("verifikator", "penyetuju", "analis", "admin")
    lines = [line.split() for line in printed.splitlines()]
    return {words[0]: words[1] for words in lines if len(words) >= 2 and words[0] in roles}


def _ready(process: subprocess.Popen[str], output: Path, url: str) -> bool:
    assert process.poll() is None, f"penjaga up ended: {output.read_text('utf-8')}"
    try:
        if requests.get(f"{url}/readyz", timeout=2).status_code != 200:
            return False
    except (requests.ConnectionError, requests.Timeout):
        # The door is open before there is somebody to answer.
        return False
    return "Ctrl-C" in output.read_text("utf-8")


def _kind(command: list[str]) -> str:
    joined = " ".join(command)
    return next((name for name, mark in MARKS.items() if mark in joined), "supervisor")
