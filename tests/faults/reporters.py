"""Reporters who keep sending at the same pace, whatever answers: an open loop over HTTP.

Who has a key sends again until the message is accepted, as the outbox of the browser does. Who has none sends
once.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from urllib.parse import urlsplit

from tests.faults.messages import Message

TIMEOUT_S = 10.0
# Who waits for an answer keeps a thread; beyond so many the loop would no longer be open, and says so.
THREADS = 600
RETRY_FIRST_S, RETRY_LAST_S = 1.0, 8.0
ERASE_AFTER_S = 3.0
_LOST = (OSError, http.client.HTTPException)


@dataclass(slots=True)
class Ledger:
    """What the reporters know. `receipts`: of each message that was answered 202, by its number.

    `twice`: messages that were given two different receipts. `unsure`: sent without a key and never answered,
    so that nobody knows whether they are there. `refused`: answered with an error, without a key.
    """

    receipts: dict[int, str] = field(default_factory=dict)
    twice: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    resent: int = 0
    late_s: float = 0.0

    def note_receipt(self, number: int, receipt: str) -> None:
        """Note a receipt; a second one for the same message must be the same."""
        if self.receipts.setdefault(number, receipt) != receipt:
            self.twice.add(number)


class Reporters:
    """Sends a plan at `rate` messages a second from the moment that `start` is called."""

    def __init__(self, url: str, messages: Sequence[Message], rate: float, seed: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._messages = messages
        self._rate = rate
        self._chance = Random(f"{seed} retries")
        self.ledger = Ledger()
        self._lock = threading.Lock()
        # (when, order, what to do, message, tries so far)
        self._due: list[tuple[float, int, str, Message, int]] = []
        self._order = count(len(messages))
        self._open = 0
        self._pool = ThreadPoolExecutor(THREADS, "reporter")
        self._thread = threading.Thread(target=self._pace, name="pace")
        self._give_up_at = float("inf")

    def start(self) -> None:
        """Begin to send."""
        began = time.monotonic()
        for place, message in enumerate(self._messages):
            heappush(self._due, (began + place / self._rate, place, "send", message, 0))
        self._open = len(self._due)
        self._thread.start()

    def finish(self, within_s: float) -> int:
        """Wait until every message is accepted or given up, for so long; return how many still are open."""
        self._give_up_at = time.monotonic() + within_s
        self._thread.join()
        self._pool.shutdown()
        return self._open

    def _pace(self) -> None:
        while time.monotonic() < self._give_up_at:
            with self._lock:
                if not self._open:
                    return
                ready = bool(self._due) and self._due[0][0] <= time.monotonic()
                at, _, step, message, tries = heappop(self._due) if ready else (0.0, 0, "", None, 0)
            if message is None:
                time.sleep(0.002)
            elif step == "send":
                self._pool.submit(self._send, message, tries, at)
            else:
                self._pool.submit(self._erase, message, tries)

    def _send(self, message: Message, tries: int, at: float) -> None:
        headers = {"Content-Type": "application/json"}
        if message.key:
            headers["Idempotency-Key"] = message.key
        if tries == 0:
            with self._lock:
                self.ledger.late_s = max(self.ledger.late_s, time.monotonic() - at)
        body = json.dumps({"text": message.text}).encode()
        try:
            status, answer = self._request("/api/v1/submissions", body, headers)
        except _LOST as error:
            status, answer = type(error).__name__, b""
        with self._lock:
            self.ledger.sent += 1
            self.ledger.resent += tries > 0
            self.ledger.answers[str(status)] += 1
            if status == 202:
                self.ledger.note_receipt(message.number, json.loads(answer)["receipt"])
                if message.erase:
                    self._again("erase", message, 0, ERASE_AFTER_S)
                else:
                    self._open -= 1
            elif message.key:
                self._again("send", message, tries + 1, self._wait(tries))
            else:
                (self.ledger.refused if isinstance(status, int) else self.ledger.unsure).add(message.number)
                self._open -= 1

    def _erase(self, message: Message, tries: int) -> None:
        receipt = self.ledger.receipts[message.number]
        try:
            status, _ = self._request(f"/status/{receipt}/hapus", b"", {})
        except _LOST:
            status = 0
        with self._lock:
            if status == 303:
                self.ledger.erased.add(message.number)
                self._open -= 1
            else:
                self._again("erase", message, tries + 1, self._wait(tries))

    def _again(self, step: str, message: Message, tries: int, after_s: float) -> None:
        heappush(self._due, (time.monotonic() + after_s, next(self._order), step, message, tries))

    def _wait(self, tries: int) -> float:
        return min(RETRY_LAST_S, RETRY_FIRST_S * 2**tries) * self._chance.uniform(0.5, 1.0)

    def _request(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
