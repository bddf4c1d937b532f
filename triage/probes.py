"""Does it answer? Short questions to the parts of a running installation; each returns within seconds."""

from __future__ import annotations

import http.client

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from triage.broker import connection
from triage.config import Config

TIMEOUT_S = 2.0


def broker_answers(config: Config) -> bool:
    """Tell whether the broker answers a PING."""
    try:
        with connection(config, TIMEOUT_S) as broker:
            return bool(broker.ping())
    except (redis.RedisError, OSError):
        return False


def broker_refusal(config: Config) -> str | None:
    """Return the broker's own words for why it takes no writes (a full disk, say); empty if it takes them.

    None if it does not answer at all.
    """
    try:
        with connection(config, TIMEOUT_S) as broker:
            broker.set("penjaga.probe", "", ex=1)
    except redis.ResponseError as error:
        return str(error)
    except (redis.RedisError, OSError):
        return None
    return ""


def workers_that_answer(app: Celery, names: list[str] | None = None) -> list[str]:
    """Return the workers that answer a ping, of all or of the ones named; empty if the broker is away."""
    try:
        replies = app.control.ping(timeout=TIMEOUT_S / 2, destination=names)
    except (OperationalError, redis.RedisError, OSError):
        return []
    return sorted(name for reply in replies or () for name in reply)


def web_answers(host: str, port: int) -> bool:
    """Tell whether `/healthz` answers 200."""
    asked = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == 200
    except (http.client.HTTPException, OSError):
        return False
    finally:
        asked.close()
