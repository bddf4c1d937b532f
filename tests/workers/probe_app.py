"""The real worker, with some of its domain functions replaced by ones that fail or wait on command.

Files in the data folder command: `poison` makes `publish` fail on row 13, `hold` makes `answer` wait for ever
after it says that it has begun, `unreadable` makes the archive's index fail to load.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from triage import answers, outbox
from triage import publish as publishing
from triage.db import Store
from triage.matcher import LiveMatcher
from triage.outbox import Job
from workers.app import app, runtime

__all__ = ["app"]

CANARY = "Awas bu Siti 081234567890"
POISONED = 13


def publish(store: Store, region: str, jobs: Sequence[Job]) -> None:
    """Settle each row, as the domain does; fail at row 13 while there is poison, quoting a reporter."""
    for job in jobs:
        if job.ref == POISONED and (runtime.config.data / "poison").exists():
            raise ValueError(CANARY)
        with store.write() as session:
            outbox.settle(session, job)


def answer(store: Store, jobs: Sequence[Job]) -> None:
    """Settle every row, but first say that work has begun, and stop there while told to hold."""
    if (runtime.config.data / "hold").exists():
        (runtime.config.data / "begun").touch()
        threading.Event().wait()
    with store.write() as session, (runtime.config.data / "done").open("a") as done:
        for job in jobs:
            if outbox.settle(session, job):
                done.write(f"{job.ref}\n")


real_refresh = LiveMatcher.refresh


def refresh(matcher: LiveMatcher) -> None:
    """Refresh the index, unless told that the archive cannot be read; each failure leaves a mark."""
    if (runtime.config.data / "unreadable").exists():
        with (runtime.config.data / "refused").open("a") as marks:
            marks.write(".")
        raise ValueError(CANARY)
    real_refresh(matcher)


LiveMatcher.refresh = refresh  # type: ignore[method-assign]
publishing.publish = publish
answers.answer_groups = answer
