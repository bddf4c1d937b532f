"""What happens by the clock. It only wakes workers; what is due, the store knows."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import schedule

from triage.broker import UPKEEP_QUEUE

SWEEP = "penjaga.sweep"
UPKEEP = "penjaga.upkeep"
SWEEP_EVERY_S = 5
UPKEEP_EVERY_S = 30
_LOADED = datetime.now(UTC) - timedelta(seconds=time.monotonic())


def steady_now() -> datetime:
    """Return the time as it was when this program was loaded, plus the span since.

    A clock that is set back would otherwise keep the schedule waiting until it has caught up.
    """
    return _LOADED + timedelta(seconds=time.monotonic())


def _every(task: str, seconds: int) -> dict[str, Any]:
    # Wake-ups that nobody took before the next one is due would only pile up while no worker runs.
    every = schedule(timedelta(seconds=seconds), nowfun=steady_now)
    return {"task": task, "schedule": every, "options": {"queue": UPKEEP_QUEUE, "expires": seconds}}


SCHEDULE = {"sweep": _every(SWEEP, SWEEP_EVERY_S), "upkeep": _every(UPKEEP, UPKEEP_EVERY_S)}
