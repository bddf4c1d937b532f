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
    try:
        with _connection(config) as connection:
            return bool(connection.ping())
    except (redis.RedisError, OSError):
        return False


def broker_refusal(config: Config) -> str | None:
    """Return the broker's own words for why it takes no writes (a full disk, say); empty if it takes them.

    None if it does not answer at all.
    """
    try:
        with _connection(config) as connection:
            connection.set("penjaga.probe", "", ex=1)
    except redis.ResponseError as error:
        return str(error)
    except (redis.RedisError, OSError):
        return None
    return ""


def _connection(config: Config) -> redis.Redis:
    # One attempt: who asks repeats the question, or wants to hear that it is away.
    once = Retry(NoBackoff(), 0)
    if config.embedded_broker:
        return redis.Redis(unix_socket_path=str(config.broker_socket), socket_timeout=TIMEOUT_S, retry=once)
    return redis.Redis.from_url(
        config.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=once
    )


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
