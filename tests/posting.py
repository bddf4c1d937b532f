"""People who send messages without pause, and notice every one that is not taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests


@dataclass
class Poster:
    """Somebody who sends a message every few hundredths of a second, each over a connection of its own."""

    url: str
    every_s: float = 0.05
    accepted: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def run(self, name: str) -> None:
        for number in range(100_000):
            if self._over.wait(self.every_s):
                return
            body = {"text": f"Kabar {name} nomor {number}: listrik padam di dusun sebelah mulai nanti malam"}
            try:
                answer = requests.post(f"{self.url}/api/v1/submissions", json=body, timeout=60)
            except requests.RequestException as error:
                self.failed.append(repr(error))
                continue
            if answer.status_code == 202:
                self.accepted.append(answer.json()["receipt"])
            else:
                self.failed.append(f"{answer.status_code} {answer.text[:200]}")

    @contextmanager
    def at_work(self, people: int = 3) -> Iterator[Poster]:
        self._threads = [threading.Thread(target=self.run, args=(f"orang {n}",)) for n in range(people)]
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Send no more, and wait for the last answers."""
        self._over.set()
        for thread in self._threads:
            thread.join(90)
