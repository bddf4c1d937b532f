"""What watches over the service asks: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from triage import metrics, places, schema
from triage.condition import Condition
from triage.config import Config
from triage.errors import NotFound, StoreUnavailable
from triage.services import services

blueprint = Blueprint("health", __name__)
_CONDITION = "penjaga-condition"
# A request that came through a proxy comes from this machine, but not from its operator.
_OF_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


@blueprint.record_once
def _watch(state: object) -> None:
    app = getattr(state, "app")  # noqa: B009 - Flask's own type of this is not public
    found = app.extensions["penjaga"]
    app.extensions[_CONDITION] = Condition(found.config, found.store)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process serves at all."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 503 with what is missing until the store can be used.

    Without the broker messages are still taken, and worked on once it is back: it is told, and no reason to
    send nobody here.
    """
    broker = "up" if _condition().broker_answers() else "down"
    try:
        current = schema.is_current(services().store)
    except StoreUnavailable as error:
        return jsonify(status="not ready", reason=str(error), broker=broker), 503
    if not current:
        return jsonify(status="not ready", reason="the store needs its migrations", broker=broker), 503
    return jsonify(status="ready", broker=broker), 200


@blueprint.get("/metrics")
def figures() -> Response:
    """Give all figures to Prometheus, and to nobody else. Raises `NotFound`."""
    if not _may_read(services().config):
        raise NotFound("There is nothing here.")
    registry = CollectorRegistry()
    registry.register(_condition())
    body = generate_latest(registry) + generate_latest(metrics.counted())
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _condition() -> Condition:
    found = current_app.extensions[_CONDITION]
    assert isinstance(found, Condition)  # noqa: S101 - set above, narrows the type
    return found


def _may_read(config: Config) -> bool:
    """With a token, whoever has it; without, in development, who asks on this very machine."""
    if config.metrics_token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {config.metrics_token}".encode())
    if config.production or any(name in request.headers for name in _OF_A_PROXY):
        return False
    found = places.numeric_address()
    return found is not None and found.is_loopback
