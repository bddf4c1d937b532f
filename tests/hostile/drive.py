"""Sends hostile requests to the real application and counts what comes back."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from flask import got_request_exception
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from tests.hostile.place import Place
from tests.hostile.requests import Asked, ask, shown
from tests.hostile.texts import CANARY

# By then some have signed out, and much of the content has been dealt with.
REFRESH_EVERY = 400
_PROTECTIONS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")


@dataclass
class Outcome:
    """What became of a run; `wrong` holds one line for each answer that must not be."""

    inputs: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    longest_s: float = 0.0
    longest: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """How many answers were server errors."""
        return sum(number for status, number in self.statuses.items() if status >= 500)


def drive(place: Place, count: int, seed: int) -> Outcome:
    """Send `count` requests made from the seed, each to a route drawn at random."""
    outcome = Outcome()
    rules = sorted(place.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    raised: list[str] = []

    def note(_app: object, exception: BaseException) -> None:
        raised.append("".join(traceback.format_exception(exception)[-3:]))

    with got_request_exception.connected_to(note, place.app):
        for number in range(count):
            if number and number % REFRESH_EVERY == 0:
                place.refresh()
            asked = ask(Random(f"{seed} {number}"), place, rules)
            _send(place, asked, outcome)
            while raised:
                outcome.wrong.append(f"number {number}, {shown(asked)}: {raised.pop()}")
    return outcome


def _send(place: Place, asked: Asked, outcome: Outcome) -> None:
    began = time.perf_counter()
    try:
        pieces, line, headers = run_wsgi_app(place.app.wsgi_app, asked.environ())
        body = b"".join(pieces)
    except Exception:  # noqa: BLE001 - whatever comes out here, a server answers 500
        outcome.wrong.append(f"{shown(asked)}: {traceback.format_exc(-4)}")
        body, line, headers = b"", "500", Headers(dict.fromkeys(_PROTECTIONS, ""))
    took = time.perf_counter() - began
    status = int(line[:3])
    outcome.inputs += 1
    outcome.statuses[status] += 1
    if took > outcome.longest_s:
        outcome.longest_s, outcome.longest = took, f"{status} {shown(asked)}"
    outcome.wrong += [f"{shown(asked)}: {status}, {what}" for what in _wrong(status, headers, body)]


def _wrong(status: int, headers: Headers, body: bytes) -> Iterable[str]:
    """Say what an answer breaks of what every answer must keep."""
    if status >= 500:
        yield "a server error"
    # What other sites may frame runs no scripts and sends no forms.
    policy = headers.get("Content-Security-Policy", "")
    framed = "frame-ancestors *" in policy and "script-src" not in policy and "form-action 'none'" in policy
    for name in _PROTECTIONS:
        if name not in headers and not (framed and name == "X-Frame-Options"):
            yield f"without {name}"
    place = headers.get("Location", "/")
    if not place.startswith("/") or place.startswith(("//", "/\\")):
        yield f"led away to {place!r}"
    if headers.get("Content-Type", "").startswith("text/html") and CANARY.encode() in body:
        yield "showed what was sent as markup"
    if b"Traceback (most recent call last)" in body:
        yield "showed its insides"
