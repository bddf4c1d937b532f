"""A waitress server that finishes what has begun.

Waitress by itself stops at once to move bytes when it is told to end: answers that are ready are not sent.
"""

from __future__ import annotations

import time
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

# How long one look at the connections waits for something to happen.
_TURN_S = 1.0
# Who is between two requests on one connection is given so long to send the next, and told to go.
LINGER_S = 0.5
_LAST_TURNS_S = 0.05


class Server:
    """Waitress around a WSGI application, listening from the start."""

    def __init__(self, application: Any, **settings: Any) -> None:
        # Waitress enters everything that it watches here: listeners, connections, what wakes it.
        self._watched: dict[int, Any] = {}
        self._stopping = False
        self._waitress = create_server(application, map=self._watched, **settings)

    @property
    def ports(self) -> list[int]:
        """The ports that it listens on."""
        return [int(listener.effective_port) for listener in self._all(BaseWSGIServer)]

    @property
    def connections(self) -> list[HTTPChannel]:
        """The open connections, each with the requests that have been read and not yet answered."""
        return self._all(HTTPChannel)

    def stop(self) -> None:
        """Let `serve` come to an end; may be called by a signal's handler and by other threads."""
        self._stopping = True
        for listener in self._all(BaseWSGIServer):
            listener.pull_trigger()

    def serve(self, grace_s: float) -> None:
        """Serve until `stop`; then take no more connections and finish requests, for at most `grace_s`."""
        while not self._stopping:
            self._turn(_TURN_S)
        for listener in self._all(BaseWSGIServer):
            self._shut(listener)
        began = time.monotonic()
        while self.connections and time.monotonic() < began + grace_s:
            self._turn(_LAST_TURNS_S)
            self._let_go(idle_too=time.monotonic() > began + LINGER_S)
        self._waitress.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._watched)

    def _shut(self, listener: BaseWSGIServer) -> None:
        """Stop listening, once those who knocked before are let in."""
        known = -1
        while len(self.connections) > known:
            known = len(self.connections)
            listener.handle_accept()
        # Not its `close`, which would also take away what wakes this loop when an answer is ready.
        listener.del_channel()
        listener.socket.close()

    def _let_go(self, *, idle_too: bool) -> None:
        for channel in self.connections:
            # The answer says `Connection: close`: who asks again over this connection would get no answer.
            for request in list(channel.requests):
                request.headers["CONNECTION"] = "close"
            # In this order: a request is taken off the list after its answer was put out.
            if idle_too and not channel.request and not channel.requests and not channel.total_outbufs_len:
                channel.will_close = True

    def _turn(self, wait_s: float) -> None:
        wasyncore.loop(timeout=wait_s, use_poll=True, map=self._watched, count=1)

    def _all(self, kind: type[Any]) -> list[Any]:
        return [each for each in list(self._watched.values()) if isinstance(each, kind)]
