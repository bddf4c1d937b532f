"""What goes over the broker: task names, queues, and wake-ups without content.

The database is the queue of record (`triage.outbox`); a message only tells a worker that work is due.
"""

from __future__ import annotations

import threading
from typing import Literal

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from triage.config import Config

OutboxTask = Literal["assess", "answer", "publish", "embed", "import", "rematch", "peer", "alert", "trial"]

QUEUES: dict[OutboxTask, str] = {
    "assess": "assess",
    "answer": "answer",
    "publish": "answer",
    "embed": "archive",
    "import": "archive",
    "rematch": "archive",
    "alert": "letters",
    "trial": "letters",
    "peer": "archive",
}
UPKEEP_QUEUE = "upkeep"
# A wake-up that nobody took by then is repeated by the sweep; older ones would only pile up.
WAKE_EXPIRES_S = 60
# Each wakes a worker, which asks the store: under load there would be as many as messages.
WAKE_REST_S = 0.05
_log = structlog.get_logger(__name__)


def task_name(task: OutboxTask) -> str:
    """Return the name under which workers register the task."""
    return f"penjaga.{task}"


def broker_url(config: Config) -> str:
    """Return the broker's URL as Celery takes it."""
    return f"redis+socket://{config.broker_socket}" if config.embedded_broker else config.redis_url


def connection(config: Config, timeout_s: float) -> Redis:
    """Return a connection to the broker's Redis for short questions; opened when first used.

    One attempt: who asks repeats the question, or wants to hear that it is away.
    """
    once = Retry(NoBackoff(), 0)
    if config.embedded_broker:
        return Redis(unix_socket_path=str(config.broker_socket), socket_timeout=timeout_s, retry=once)
    return Redis.from_url(
        config.redis_url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=once
    )


def client(config: Config) -> Celery:
    """Return a Celery app that can only send: no tasks, short timeouts, no retry inside a request."""
    app = Celery("penjaga-client", broker=broker_url(config), set_as_current=False)
    app.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 1}
    app.conf.broker_connection_timeout = 2
    return app


class Waker:
    """Wakes workers from a thread of its own: a request never waits for the broker, and wakes coalesce.

    After one it rests a moment: what comes meanwhile is found by whoever is awake, or by the next one.
    """

    def __init__(self, config: Config) -> None:
        self._app = client(config)
        self._wanted: set[OutboxTask] = set()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
        self._thread.start()

    def wake(self, task: OutboxTask) -> None:
        """Ask for a wake-up and return at once; if the broker is away, the sweep makes up for it."""
        with self._changed:
            self._wanted.add(task)
            self._changed.notify()

    def close(self) -> None:
        """Send what is still wanted and stop the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout=5)
        self._app.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._closing)
                wanted, self._wanted = self._wanted, set()
                closing = self._closing
            for task in wanted:
                send_wake(self._app, task)
            if closing:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._closing, WAKE_REST_S)


def send_wake(app: Celery, task: OutboxTask) -> bool:
    """Send one wake-up; False (and a log line) if the broker does not answer."""
    try:
        app.send_task(
            task_name(task), queue=QUEUES[task], expires=WAKE_EXPIRES_S, retry=False, ignore_result=True
        )
    except (OperationalError, OSError) as error:
        _log.warning("wake_failed", task=task, reason=type(error).__name__)
        return False
    return True
