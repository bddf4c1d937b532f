"""How many processor cores this process may use, and how many it should."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from threadpoolctl import ThreadpoolController


class _OneThread:
    """Keeps numpy's products of matrices in the threads that ask for them, until the last asker leaves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    @cached_property
    def _threads(self) -> ThreadpoolController:
        # At the first use: it knows the libraries that are loaded by then.
        return ThreadpoolController()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._usual = self._threads.limit(limits=1, user_api="blas")
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self._usual.restore_original_limits()


small_products = _OneThread()
"""Within it numpy multiplies matrices in the calling thread alone. For a small product a second thread saves
nothing, and afterwards it waits for the next at full speed: that took a third of the time of a message.
"""


def available() -> int:
    """Return how many, at least 1: fewer than the machine has where the process is kept to some of them."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
