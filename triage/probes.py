"""Does it answer? Short questions to the parts of a running installation; each returns within seconds."""

from __future__ import annotations

import http.client

import redis
from celery import Celery
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

from triage.config import Config

TIMEOUT_S = 2.0


def broker_answers(config: Config) -> bool:
    """Tell whether the broker answers a PING."""
    # One attempt: who asks repeats the question, or wants to hear that it is away.
    once = Retry(NoBackoff(), 0)
    if config.embedded_broker:
        connection = redis.Redis(
            unix_socket_path=str(config.broker_socket), socket_timeout=TIMEOUT_S, retry=once
        )
    else:
        connection = redis.Redis.from_url(
            config.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=once
        )
    try:
        with connection:
            return bool(connection.ping())
    except (redis.RedisError, OSError):
        return False


def workers_that_answer(app: Celery, names: list[str] | None = None) -> list[str]:
    """Return the workers that answer a ping, of all or of the ones named; empty if the broker is away."""
    try:
        replies = app.control.ping(timeout=TIMEOUT_S / 2, destination=names)
    except (OperationalError, redis.RedisError, OSError):
        return []
    return sorted(name for reply in replies or () for name in reply)


def web_answers(host: str, port: int) -> bool:
    """Tell whether `/healthz` answers 200."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        connection.close()
