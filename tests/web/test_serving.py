"""The embedded web server: large bodies get an answer, and what has begun is finished before it ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from flask import Flask

from tests.installation import wait_for
from triage import serve
from triage.finishing import Server

LARGE = b"jawaban " * 200_000
Start = Callable[[str, list[tuple[str, str]]], object]


class Slow:
    """A WSGI application that answers when it is let, with more than a connection takes in one piece."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = threading.Event()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        with self._lock:
            self.begun += 1
        self.go_on.wait(30)
        start("200 OK", [("Content-Length", str(len(LARGE)))])
        return [LARGE]


@contextmanager
def serving(app: Any, grace_s: float, **settings: Any) -> Iterator[tuple[Server, str, threading.Thread]]:
    server = Server(app, host="127.0.0.1", port=0, **settings)
    thread = threading.Thread(target=server.serve, args=(grace_s,))
    thread.start()
    yield server, f"http://127.0.0.1:{server.ports[0]}", thread
    server.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_requests_that_have_begun_are_finished_and_no_more_are_taken() -> None:
    app = Slow()
    with serving(app, 30, threads=2) as (server, url, thread), ThreadPoolExecutor(6) as pool:
        idle = socket.create_connection(("127.0.0.1", server.ports[0]))
        answers = [pool.submit(requests.get, url, timeout=30) for _ in range(6)]
        wait_for("work on the first two", lambda: app.begun == 2)
        wait_for("the others to be read", lambda: _read(server) == 6)
        server.stop()
        wait_for("the door to be shut", lambda: not server.ports)
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=5)
        wait_for("the last requests to be known as such", lambda: _are_last(server))
        app.go_on.set()
        assert [answer.result().content == LARGE for answer in answers] == [True] * 6
        assert {answer.result().headers["Connection"] for answer in answers} == {"close"}
        thread.join(30)
        # A connection without a request holds nothing up.
        assert idle.recv(1) == b""
        idle.close()


def _read(server: Server) -> int:
    return sum(len(channel.requests) for channel in server.connections)


def _are_last(server: Server) -> bool:
    waiting = [request for channel in server.connections for request in channel.requests]
    return {request.headers["CONNECTION"] for request in waiting} == {"close"}


def test_a_request_that_does_not_end_is_waited_for_so_long_and_no_longer() -> None:
    app = Slow()
    with serving(app, 0.2, threads=1) as (server, url, thread), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(requests.get, url, timeout=30)
        wait_for("the request to begin", lambda: app.begun == 1)
        server.stop()
        thread.join(10)
        assert not thread.is_alive()
        with pytest.raises(requests.ConnectionError):
            answer.result()
        app.go_on.set()


@pytest.mark.parametrize("megabytes", [1, 3, 19])
def test_a_body_far_too_large_gets_a_problem_document(app: Flask, megabytes: int) -> None:
    with serving(app, 5, max_request_body_size=serve.MAX_REQUEST_BYTES) as (_, url, _thread):
        body = b'{"text": "' + b"a" * (megabytes * 1_000_000) + b'"}'
        sent = requests.post(
            f"{url}/api/v1/submissions", data=body, headers={"Content-Type": "application/json"}, timeout=30
        )
        whole = requests.get(f"{url}/healthz", timeout=5)
    assert sent.status_code == 413
    assert sent.headers["Content-Type"] == "application/problem+json"
    assert "too large" in sent.json()["detail"]
    assert whole.status_code == 200
