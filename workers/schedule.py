"""What happens by the clock. It only wakes workers; what is due, the store knows."""

from __future__ import annotations

from typing import Any

from triage.broker import UPKEEP_QUEUE

SWEEP = "penjaga.sweep"
UPKEEP = "penjaga.upkeep"
SWEEP_EVERY_S = 5
UPKEEP_EVERY_S = 30


def _every(task: str, seconds: int) -> dict[str, Any]:
    # Wake-ups that nobody took before the next one is due would only pile up while no worker runs.
    return {"task": task, "schedule": seconds, "options": {"queue": UPKEEP_QUEUE, "expires": seconds}}


SCHEDULE = {"sweep": _every(SWEEP, SWEEP_EVERY_S), "upkeep": _every(UPKEEP, UPKEEP_EVERY_S)}
