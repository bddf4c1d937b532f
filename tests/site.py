"""A website for tests: a real HTTP server on 127.0.0.1 whose pages are functions."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from triage.config import Config, load_config


@dataclass(frozen=True)
class Request:
    """What was asked: path, query and headers (names in lower case)."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What to answer; `chunks` instead of `body` sends without length, as long as they come."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterator[bytes] | None = None


Page = Callable[[Request], Reply]


@dataclass
class Site:
    """Pages by path, and the requests that came."""

    port: int
    pages: dict[str, Page]
    requests: list[Request]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def serve(self, path: str, body: bytes, content_type: str = "application/json") -> str:
        """Put a fixed document at a path; returns its address."""
        self.pages[path] = lambda _request: Reply(body, headers={"Content-Type": content_type})
        return self.url(path)

    def allowing(self, data: Any) -> Config:
        """A configuration that may fetch from this site."""
        return load_config({"PENJAGA_DATA": str(data), "PENJAGA_FETCH_ALLOW": self.host})


def with_etag(body: bytes, etag: str) -> Page:
    """A page that answers 304 to whoever has it."""

    def page(request: Request) -> Reply:
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, headers={"ETag": etag})

    return page


def gzipped(body: bytes, **headers: str) -> Page:
    """A page that is sent compressed."""
    return lambda _request: Reply(gzip.compress(body), headers={"Content-Encoding": "gzip", **headers})


@contextmanager
def open_site() -> Iterator[Site]:
    """Serve until the end of the block."""
    pages: dict[str, Page] = {}
    requests: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(parts.path, dict(parse_qsl(parts.query)), headers)
            requests.append(request)
            page = pages.get(parts.path, lambda _request: Reply(status=404))
            try:
                self._send(page(request))
            except OSError:
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunks is None:
                if "Content-Length" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = "Content-Length" in reply.headers
                return
            self.send_header("Connection", "close")
            self.end_headers()
            for chunk in reply.chunks:
                self.wfile.write(chunk)
            self.close_connection = True

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Site(server.server_address[1], pages, requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
