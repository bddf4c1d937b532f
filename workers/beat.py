"""The clock: `python -m celery -A workers.beat beat`. It knows the schedule, and none of the tasks."""

from __future__ import annotations

import contextlib
from typing import Any

from celery import Celery, signals

from triage.config import load_config
from workers.schedule import SCHEDULE
from workers.settings import celery_app

_config = load_config()
_ALIVE = _config.data / "beat.alive"
app: Celery = celery_app(_config, "penjaga-beat")
app.conf.beat_schedule = SCHEDULE
# In memory: fixed intervals need no file, which a power cut could damage and a full disk could refuse.
app.conf.beat_scheduler = "celery.beat:Scheduler"


@signals.after_task_publish.connect
def _show_life(**_given: Any) -> None:
    """Touch a file each time that a wake-up reached the broker: its age says how the clock is."""
    # Without room for it, the clock goes on all the same.
    with contextlib.suppress(OSError):
        _ALIVE.touch()
