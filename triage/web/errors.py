"""Error pages: what happened, what to do, and what was typed, so that nothing has to be written twice."""

from __future__ import annotations

from flask import Response, make_response, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from triage.errors import PenjagaError, TooMany
from triage.permissions import Actor
from triage.web.i18n import gettext
from triage.web.messages import sentence
from triage.web.session import signed_in

# Of all fields of our forms, those that somebody wrote by hand.
_WRITTEN = (
    "text",
    "url",
    "claim",
    "headline",
    "explanation",
    "what_to_do",
    "evidence",
    "remark",
    "reason",
    "retraction",
)


def error_page(error: PenjagaError | HTTPException) -> Response:
    """Turn an error that no view dealt with into a page; HTTP errors keep headers such as Allow."""
    status = error.status if isinstance(error, PenjagaError) else error.code or 500
    code = error.code if isinstance(error, PenjagaError) else ""
    page = render_template(
        "error.html",
        status=status,
        sentence=explain(error, str(code)),
        typed=_typed(),
        staff=_staff(),
        actor=_actor(),
    )
    response = make_response(page, status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() in ("allow", "retry-after"):
                response.headers[name] = value
    return response


def explain(error: PenjagaError | HTTPException, code: str | None = None) -> str:
    """Return the translated sentence for an error; `code` where the page knows better than the error."""
    if isinstance(error, PenjagaError):
        return gettext(sentence(code or error.code, error.status))
    return gettext(sentence("", error.code or 500))


def _typed() -> list[str]:
    if request.method != "POST":
        return []
    try:
        form = request.form
    except RequestEntityTooLarge:
        return []
    return [form[name] for name in _WRITTEN if form.get(name, "").strip()]


def _actor() -> Actor | None:
    """Return whose menu belongs on the page; an error page must not fail over it."""
    if not _staff():
        return None
    try:
        found = signed_in()
    except (PenjagaError, SQLAlchemyError):
        return None
    return found.actor if found else None


def _staff() -> bool:
    return request.path.startswith("/kim")
