"""The worker: `python -m celery -A workers.app worker`."""

from __future__ import annotations

import os
import sys
from typing import Any

import structlog
from celery import Celery, signals

from triage import metrics
from triage.broker import UPKEEP_QUEUE
from triage.config import load_config
from triage.errors import PenjagaError
from workers.runtime import Runtime
from workers.schedule import SWEEP, UPKEEP
from workers.settings import celery_app

# Where a machine has too few cores, receipts come before assessments.
NICENESS = 5
_config = load_config()
app: Celery = celery_app(_config, "penjaga")
app.conf.include = ["workers.tasks"]
runtime = Runtime(_config)
_log = structlog.get_logger(__name__)


@signals.worker_init.connect
def _load_first(**_given: Any) -> None:
    """Stop a worker that cannot work before it takes anything off a queue; let whoever serves go first."""
    os.nice(NICENESS)
    try:
        runtime.matcher()
    except PenjagaError as error:
        _log.error("worker_cannot_start", reason=str(error))
        sys.exit(1)


@signals.worker_ready.connect
def _begin(**_given: Any) -> None:
    """Look at once for work that waited, read the archive into the index, let figures be asked for."""
    for name in (SWEEP, UPKEEP):
        app.send_task(name, queue=UPKEEP_QUEUE)
    if _config.worker_metrics is not None:
        try:
            metrics.listen(*_config.worker_metrics)
        except OSError as error:
            # Nobody's message waits because nobody watches.
            _log.warning("metrics_port_taken", reason=error.strerror)


@signals.worker_shutdown.connect
def _close(**_given: Any) -> None:
    runtime.close()
