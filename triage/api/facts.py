"""`GET /api/v1/fact-checks` and `/fact-checks/{id}`: what the public library shows, for programs."""

from __future__ import annotations

from datetime import date
from typing import Literal

from flask import Response, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field

from triage import library, publication
from triage.api import problems
from triage.api.queue import MAX_NUMBER
from triage.archive.entries import CurrentFactCheck
from triage.publication import Notice
from triage.publication.claim_reviews import instant
from triage.receipt_view import STARTER_NOTE
from triage.services import services

blueprint = APIBlueprint("facts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="fact-checks")])
MAX_SEARCH = 200


class FactsQuery(BaseModel):
    """Words that heading, claim or explanation hold, and which page of what was found."""

    model_config = ConfigDict(extra="forbid")
    search: str = Field(default="", max_length=MAX_SEARCH)
    page: int = Field(default=1, ge=1, le=1_000_000)


class FactPath(BaseModel):
    """Number of a fact-check."""

    fact_check_id: int = Field(ge=1, le=MAX_NUMBER)


class FactBody(BaseModel):
    """A fact-check. `verdict` is null where its publisher gave none in our terms.

    `checked_at` is null where no day is on record; `note` then says so. `url` is its page here.
    """

    id: int
    version: int
    url: str
    verdict: str | None
    headline: str
    claim: str
    explanation: str
    what_to_do: str
    ask: str
    sources: list[dict[str, str]]
    language: str
    checked_by: str
    checked_at: date | None
    updated_at: str
    note: str = ""


class FactsBody(BaseModel):
    """One page of fact-checks, newest first."""

    items: list[FactBody]
    total: int
    page: int
    pages: int


class NoticeBody(BaseModel):
    """That a fact-check was corrected or retracted; `version`: the one that came with it, or the last."""

    kind: Literal["corrected", "retracted"]
    version: int
    reason: str
    at: str


class FactPageBody(BaseModel):
    """A fact-check with its notices, newest first; `fact_check` is null once it was retracted."""

    id: int
    url: str
    retracted_at: str | None
    fact_check: FactBody | None
    notices: list[NoticeBody]


@blueprint.get("/fact-checks", responses={"200": FactsBody, **problems.declared(422, 503)})
def facts(query: FactsQuery) -> Response:
    """List what is in the public library."""
    with services().store.read() as session:
        found = library.published(session, query.search, query.page)
    items = [_fact(entry) for entry in found.items]
    return _json(FactsBody(items=items, total=found.total, page=found.page, pages=found.pages))


@blueprint.get(
    "/fact-checks/<int:fact_check_id>", responses={"200": FactPageBody, **problems.declared(404, 422, 503)}
)
def fact(path: FactPath) -> Response:
    """Give one fact-check, or that it was retracted and why."""
    with services().store.read() as session:
        page = publication.public_page(session, path.fact_check_id)
    gone = page.entry.retracted_at if page.retracted else None
    return _json(
        FactPageBody(
            id=page.entry.id,
            url=_address(page.entry.id),
            retracted_at=instant(gone) if gone else None,
            fact_check=None if page.retracted else _fact(page.entry),
            notices=[_notice(one) for one in page.notices],
        )
    )


def _fact(entry: CurrentFactCheck) -> FactBody:
    return FactBody(
        id=entry.id,
        version=entry.version,
        url=_address(entry.id),
        verdict=entry.verdict or None,
        headline=entry.title,
        claim=entry.claim,
        explanation=entry.explanation,
        what_to_do=entry.what_to_do,
        ask=entry.ask,
        sources=list(entry.sources),
        language=entry.language,
        checked_by="" if entry.from_starter else entry.publisher,
        checked_at=None if entry.from_starter else entry.checked_on,
        updated_at=instant(entry.updated_at),
        note=STARTER_NOTE if entry.from_starter else "",
    )


def _notice(one: Notice) -> NoticeBody:
    return NoticeBody(kind=one.kind, version=one.version, reason=one.reason, at=instant(one.at))


def _address(number: int) -> str:
    return url_for("library.fact", fact_check_id=number, _external=True)


def _json(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), content_type="application/json")
