"""How Celery is set up here, for workers and for the clock alike."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery, signals
from kombu import Queue

from triage import logs
from triage.broker import QUEUES, UPKEEP_QUEUE, broker_url
from triage.config import Config

# One process per machine, so that the encoder and the index are loaded once; both release the interpreter's
# lock while they compute, so threads share the cores.
THREADS = 2
# An unacknowledged wake-up is delivered again after this; it carries nothing, so early and late are harmless.
VISIBILITY_TIMEOUT_S = 300
# Celery logs errors with their texts, which may quote what people wrote; ours are logged by `Draining`.
_ERRORS_WITH_TEXTS = "celery.app.trace"
# One line per wake-up, every few seconds, says nothing.
_CHATTY = ("celery.worker.strategy", "celery.worker.request", "celery.beat")


def celery_app(config: Config, name: str) -> Celery:
    """Return a Celery app on the configured broker that keeps no results and takes only JSON."""
    app = Celery(name, broker=broker_url(config))
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": VISIBILITY_TIMEOUT_S},
        enable_utc=True,
        task_acks_late=True,
        task_create_missing_queues=False,
        task_default_queue=UPKEEP_QUEUE,
        task_ignore_result=True,
        task_queues=[Queue(name) for name in sorted({*QUEUES.values(), UPKEEP_QUEUE})],
        task_reject_on_worker_lost=True,
        task_serializer="json",
        timezone="UTC",
        worker_concurrency=THREADS,
        worker_pool="threads",
        worker_prefetch_multiplier=1,
    )
    return app


@signals.setup_logging.connect
def _log_our_way(**_given: Any) -> None:
    logs.configure()
    logging.getLogger(_ERRORS_WITH_TEXTS).setLevel(logging.CRITICAL + 1)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
