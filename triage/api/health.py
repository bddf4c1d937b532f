"""`/healthz`: this process answers. `/readyz`: the store answers with the present schema."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from triage import schema
from triage.errors import StoreUnavailable
from triage.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process serves at all."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 503 with what is missing until the store can be used."""
    try:
        current = schema.is_current(services().store)
    except StoreUnavailable as error:
        return jsonify(status="not ready", reason=str(error)), 503
    if not current:
        return jsonify(status="not ready", reason="the store needs its migrations"), 503
    return jsonify(status="ready"), 200
