"""The HTML faces: for reporters, for verifiers, and signing in."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from triage.errors import PenjagaError


def register(app: Flask) -> None:
    """Add the pages to the application."""


def error_page(error: PenjagaError | HTTPException) -> Response:
    """Return the page that tells a person what went wrong (called for every path outside /api/)."""
    status = error.status if isinstance(error, PenjagaError) else error.code
    return Response(str(error), status=status, content_type="text/plain; charset=utf-8")
