"""One line and one measurement for each request: what was asked for and how long it took, not by whom.

Neither holds an address, a path or a query: a path may hold a receipt. `item` is the number of the message
that the request was about; the lines of workers and the event log name the same.
"""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request

from triage import metrics

# They are asked for every few seconds and say nothing new.
_UNLOGGED = frozenset({"health.healthz", "health.readyz", "health.figures", "static"})
_UNKNOWN = "unknown"
_log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Watch every request of the application."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    # Threads serve one request after another, and keep what was bound before.
    structlog.contextvars.clear_contextvars()
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    seconds = time.monotonic() - g.began
    route = request.url_rule.rule if request.url_rule else _UNKNOWN
    # Anybody may invent a method; only those that a route knows become names of series.
    method = request.method if request.url_rule else _UNKNOWN
    metrics.REQUESTS.labels(method, route, f"{response.status_code // 100}xx").observe(seconds)
    if request.endpoint not in _UNLOGGED:
        _log.info(
            "request", method=method, route=route, status=response.status_code, ms=round(1000 * seconds, 1)
        )
    return response
