"""The socket that the site is reached by. The supervisor holds it, and lends it to the web process.

Whoever knocks while no web process runs, because it is being started anew, waits a moment instead of being
refused. Where systemd holds the socket (`penjaga.socket`), that goes for a restart of everything.
"""

from __future__ import annotations

import os
import socket

from triage.errors import CannotStart

# Who knocks beyond so many that wait is not heard, and knocks again by himself.
WAITING = 1024
# The first socket that systemd hands over, by its protocol.
_FIRST_HANDED_OVER = 3


def require_free(host: str, port: int) -> None:
    """Raise `CannotStart` with what to do if the port cannot be listened on."""
    _bound(host, port).close()


def opened(host: str, port: int) -> socket.socket:
    """Listen on an address. Raises `CannotStart` with what to do if it cannot be listened on."""
    door = _bound(host, port)
    door.listen(WAITING)
    return door


def handed_over() -> socket.socket | None:
    """Return the socket that systemd opened for this process, if it did."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST_HANDED_OVER)


def _bound(host: str, port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        raise CannotStart(
            f"Port {port} on {host} cannot be used ({error.strerror}). "
            "Choose another with --port, or with PORT in the environment."
        ) from error
    return door
