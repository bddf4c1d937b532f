"""The clock: `python -m celery -A workers.beat beat`. It knows the schedule, and none of the tasks."""

from __future__ import annotations

from celery import Celery

from triage.config import load_config
from workers.schedule import SCHEDULE
from workers.settings import celery_app

app: Celery = celery_app(load_config(), "penjaga-beat")
app.conf.beat_schedule = SCHEDULE
# In memory: fixed intervals need no file, which a power cut could damage and a full disk could refuse.
app.conf.beat_scheduler = "celery.beat:Scheduler"
