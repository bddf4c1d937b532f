"""Errors for programs: `application/problem+json` (RFC 9457), in English, without anybody's text."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from triage.errors import DecisionRefused, PenjagaError, TooMany
from triage.masking import masked

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What went wrong: `type` is stable for programs, `detail` is for the developer who reads it."""

    type: str = Field(description="Stable code of the kind of problem")
    title: str
    status: int
    detail: str
    field: str | None = Field(default=None, description="The part of the request at fault, if one is")


def respond(error: PenjagaError | HTTPException) -> Response:
    """Turn an error into its problem document; HTTP errors keep headers such as Allow."""
    if isinstance(error, PenjagaError):
        at_fault = error.field if isinstance(error, DecisionRefused) else None
        refusal = _response(error.code, type(error).__name__, error.status, str(error), at_fault)
        if isinstance(error, TooMany):
            refusal.headers["Retry-After"] = str(error.retry_after)
        return refusal
    response = _response(f"http-{error.code}", error.name, error.code or 500, _detail(error), field=None)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def invalid(error: ValidationError) -> Response:
    """Turn a failed validation into a problem that names the first field at fault."""
    first = error.errors(include_input=False, include_context=False, include_url=False)[0]
    # The name of a field may be whatever somebody typed.
    field = masked(".".join(str(part) for part in first["loc"])) or "body"
    return _response("invalid-request", "Invalid request", 422, f"{field}: {first['msg']}", field=field)


def declared(*statuses: int) -> dict[str | int, type[BaseModel] | dict[Any, Any] | None]:
    """Describe problem responses for the OpenAPI document."""
    schema = Problem.model_json_schema()
    return {
        str(status): {"description": "Problem", "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _detail(error: HTTPException) -> str:
    if error.code == 413:
        return "The request is too large; a message may have 10,000 characters."
    return error.description or error.name


def _response(code: str, title: str, status: int, detail: str, field: str | None = None) -> Response:
    problem = Problem(type=code, title=title, status=status, detail=detail, field=field)
    body = json.dumps(problem.model_dump(exclude_none=True), ensure_ascii=True)
    return Response(body, status=status, content_type=MEDIA_TYPE)
