"""One program of the tree: started, watched, stopped; its output in a log of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from triage.config import Config
from triage.supervisor import lifeline

LOG_BYTES = 10_000_000
LOGS_KEPT = 3
# Of a log, what is read to find its last lines.
_TAIL_BYTES = 8192
BACKOFF_FIRST_S, BACKOFF_LAST_S = 1.0, 30.0
# Alive for so long, a child is well again, and its next failure is a first one.
WELL_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and in words where it is.

    `ready` is told for how many seconds the program has run, and tells whether it does its work; it returns
    soon and raises nothing. What is not `first` starts only when what is, is ready. `lent`: open files of
    this process that the program gets under the same numbers. `settings`: what it alone finds in its
    environment.
    """

    name: str
    argv: tuple[str, ...]
    ready: Callable[[float], bool]
    place: str
    grace_s: float = 10.0
    first: bool = False
    lent: tuple[int, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def environment_of(config: Config) -> dict[str, str]:
    """Return the environment in which a program, started from here, loads this same configuration."""
    return {**os.environ, "PENJAGA_DATA": str(config.data)}


def bound(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the command that runs `argv` for no longer than this process lives."""
    return (sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid()), *argv)


class Child:
    """A program in its own process group, so that Ctrl-C reaches only the supervisor."""

    def __init__(self, program: Program, logs: Path, environment: Mapping[str, str]) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.ready = False
        self.starts_at: float | None = None
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = BACKOFF_FIRST_S

    @property
    def pid(self) -> int | None:
        """Process number of the running program, None while it does not run."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Tell whether the program runs."""
        return self._process is not None and self._process.poll() is None

    def works(self) -> bool:
        """Ask the program whether it does its work; remembered until it is started again."""
        self.ready = self.ready or self.program.ready(time.monotonic() - self._started)
        return self.ready

    def start(self) -> None:
        """Start the program, appending to its log."""
        with open(self.log, "ab", opener=_private) as log:
            self._process = subprocess.Popen(
                bound(self.program.argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment | dict(self.program.settings),
                start_new_session=True,
                pass_fds=self.program.lent,
            )
        self._started = time.monotonic()
        self.ready, self.starts_at = False, None

    def schedule_restart(self) -> float:
        """Plan the next start after a death; return the wait in seconds, doubling while it keeps dying."""
        if time.monotonic() - self._started >= WELL_AFTER_S:
            self._delay = BACKOFF_FIRST_S
        wait = self._delay
        self._delay = min(BACKOFF_LAST_S, self._delay * 2)
        self.starts_at = time.monotonic() + wait
        return wait

    def how_it_ended(self) -> str:
        """Say in words how the program ended."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return "running"
        if code >= 0:
            return f"exit code {code}"
        return f"killed by {signal.Signals(-code).name}"

    def ask_to_stop(self) -> None:
        """Ask the program to finish what it does and end."""
        if self.alive:
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the program, and whatever it started, at once."""
        if self._process is not None and self.alive:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def last_lines(self, count: int = 8) -> list[str]:
        """Return the newest lines of the log."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            return log.read().decode("utf-8", "replace").splitlines()[-count:]

    def rotate_log(self, *, at_bytes: int = LOG_BYTES) -> None:
        """Move the log's content to `.1` (and so on) once it has `at_bytes`; the program keeps writing."""
        if not self.log.exists() or self.log.stat().st_size < max(1, at_bytes):
            return
        for number in range(LOGS_KEPT, 1, -1):
            with contextlib.suppress(FileNotFoundError):
                _numbered(self.log, number - 1).rename(_numbered(self.log, number))
        shutil.copy2(self.log, _numbered(self.log, 1))
        os.truncate(self.log, 0)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None  # noqa: S101 - callers checked that it lives
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
