"""The HTTP API, version 1, and the endpoints for machines that watch over the service."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from triage.api import facts, health, queue, submissions
from triage.api.strictjson import JSONRequest, StrictJSON


def register(app: OpenAPI) -> None:
    """Add the API's routes to the application."""
    app.json = StrictJSON(app)
    app.request_class = JSONRequest
    app.register_api(submissions.blueprint)
    app.register_api(queue.blueprint)
    app.register_api(facts.blueprint)
    app.register_blueprint(health.blueprint)
    app.add_url_rule("/api/v1/openapi.json", "openapi", lambda: app.api_doc)
