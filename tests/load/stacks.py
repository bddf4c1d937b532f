"""The two stacks that Penjaga runs on, each started for one measurement and stopped after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.running import debian_redis, postgresql

Stack = Callable[[Path], AbstractContextManager[dict[str, str]]]


@contextmanager
def embedded(folder: Path) -> Iterator[dict[str, str]]:
    """SQLite and the bundled broker: nothing to start."""
    yield {}


@contextmanager
def outgrown(folder: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL, and Debian's Redis; gives the settings that lead there."""
    folder.mkdir(parents=True)
    with postgresql() as store, debian_redis(folder) as broker:
        yield {"PENJAGA_DATABASE_URL": store, "PENJAGA_REDIS_URL": broker}


STACKS: dict[str, Stack] = {"embedded": embedded, "outgrown": outgrown}
