"""An end to connections that drip: each byte in time, but never done."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Deadline:
    """Cuts the guarded connection when the seconds are over; used as a context around one exchange.

    A cut connection may look to the reader like an orderly end: ask `expired` before believing it.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._sock: socket.socket | None = None
        self.expired = False

    def __enter__(self) -> Self:
        """Start the clock."""
        self._timer.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop the clock."""
        self._timer.cancel()
        self._timer.join()
        if self._sock is not None:
            self._sock.close()

    def guard(self, sock: socket.socket) -> None:
        """Name the connection to cut, at once if it is late; the caller keeps and closes its own socket."""
        # A duplicate stays valid when TLS takes the descriptor over, and shuts down the same connection.
        self._sock = sock.dup()
        # The clock may have run out while connecting: it comes only once.
        if self.expired:
            self._cut()

    def _cut(self) -> None:
        self.expired = True
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
