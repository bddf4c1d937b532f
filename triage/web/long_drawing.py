"""What takes long to draw, for anybody who asks: some threads of a process may be at it, the others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from triage.errors import TooMany

# Of the 8 threads that a process serves with (`gunicorn_settings`).
MOST_WAITING = 5
RETRY_AFTER_S = 5
_room = threading.BoundedSemaphore(MOST_WAITING)


@contextmanager
def room() -> Iterator[None]:
    """Hold one of the places; whoever finds none is told to come again. Raises `TooMany`."""
    if not _room.acquire(blocking=False):
        raise TooMany("Too many drawings are waited for; ask again in a moment.", RETRY_AFTER_S)
    try:
        yield
    finally:
        _room.release()
