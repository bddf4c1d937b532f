"""One `penjaga up` per data folder: two would start two brokers over one file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.errors import CannotStart


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder's lock, which the system takes back from a process that dies.

    Raises `CannotStart` naming the process that holds it.
    """
    with (data / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                f"Penjaga runs already on {data} (process {file.read().strip()}). "
                "Stop that one with Ctrl-C, or choose another folder with --data."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
