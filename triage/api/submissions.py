"""`POST /api/v1/submissions` and `GET /api/v1/submissions/{receipt}`."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StrictStr

from triage import intake, own_data, receipt_view
from triage.api import problems
from triage.api.strictjson import mend_surrogates, require_object
from triage.errors import SubmissionRefused
from triage.intake import NewSubmission
from triage.own_data import HeldData
from triage.places import address
from triage.receipt_view import STARTER_NOTE, PublicAnswer, Status, SubmissionView
from triage.services import services

blueprint = APIBlueprint("submissions", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="submissions")])

Text = Annotated[StrictStr, BeforeValidator(mend_surrogates)]


class SubmissionBody(BaseModel):
    """A message to check: a text, a link, or both."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"anyOf": [{"required": ["text"]}, {"required": ["url"]}]}
    )
    # Intake holds the bound, and says by how much a text is too long.
    text: Text = Field(
        default="",
        description="As it was received",
        json_schema_extra={"maxLength": intake.MAX_CHARACTERS},
    )
    url: Text | None = Field(
        default=None,
        description="The link to check; https:// may be left out",
        json_schema_extra={"maxLength": intake.MAX_URL_CHARACTERS},
    )
    image: object | None = Field(
        default=None, description="Not accepted yet: send the text instead", json_schema_extra={"const": None}
    )
    village: Text | None = Field(default=None, description="Kemendagri village code, such as 35.08.01.2001")
    channel: Text = Field(
        default="api",
        description="How the message reached the reporter's helper",
        json_schema_extra={"enum": [*sorted(intake.CHANNELS)]},
    )


class IdempotencyHeader(BaseModel):
    """Repeat a request with the same key and body, and you get the same receipt."""

    idempotency_key: str | None = Field(default=None, alias="Idempotency-Key", max_length=200)

    @classmethod
    def model_json_schema(cls, *how: Any, **named: Any) -> dict[str, Any]:
        """Describe the header; kept, since reading it off each request asks for it anew."""
        return _described(*how, **named)


@cache
def _described(*how: Any, **named: Any) -> dict[str, Any]:
    return super(IdempotencyHeader, IdempotencyHeader).model_json_schema(*how, **named)


class Accepted(BaseModel):
    """The submission is stored; keep the receipt, it is shown only here."""

    receipt: str
    status_url: str


class ReceiptPath(BaseModel):
    """The receipt as it was given; hyphens and case do not matter."""

    receipt: str


class DifferingBody(BaseModel):
    """What another office says against an answer, and where."""

    verdict: str
    checked_by: str
    checked_at: date | None
    url: str


class AnswerBody(BaseModel):
    """What is known. `verdict` is null where the publisher gave none in our terms.

    `checked_by` is empty and `checked_at` null where no checking is on record; `note` then says so.
    `differing`: other offices that came to another verdict. Show them beside the answer.
    """

    verdict: str | None
    headline: str
    explanation: str
    what_to_do: str
    ask: str
    sources: list[dict[str, str]]
    checked_by: str
    checked_at: date | None
    note: str = ""
    differing: list[DifferingBody] = []


class StatusBody(BaseModel):
    """`missing` says what to add when a message was too thin to check: `text` or `context`."""

    status: Status
    answer: AnswerBody | None = None
    missing: Literal["text", "context"] | None = None


class HeldBody(RootModel[HeldData]):
    """All that is held about one submission; nothing about other people."""


@blueprint.before_request
def _object_only() -> None:
    if request.method == "POST":
        require_object(request)


@blueprint.post(
    "/submissions", responses={"202": Accepted, **problems.declared(400, 413, 415, 422, 429, 503)}
)
def submit(body: SubmissionBody, header: IdempotencyHeader) -> tuple[Response, int]:
    """Accept a message; answers 202 only after it is stored for good."""
    if body.image is not None:
        raise SubmissionRefused("image-not-accepted", "Images are not accepted yet; send the text of it.")
    found = services()
    found.limits.submission(address(), None)
    new = NewSubmission(
        text=body.text,
        url=body.url,
        village=body.village,
        channel=body.channel,
        idempotency_key=header.idempotency_key,
    )
    receipt = intake.accept(found.store, found.config, new)
    found.waker.wake("assess")
    return jsonify(receipt=receipt, status_url=f"/api/v1/submissions/{receipt}"), 202


@blueprint.get("/submissions/<receipt>/data", responses={"200": HeldBody, **problems.declared(404, 422, 503)})
def data(path: ReceiptPath) -> Response:
    """Give all that is held about a submission, to whoever holds its receipt."""
    found = services()
    content = own_data.as_json(own_data.held(found.store, found.config, path.receipt))
    return Response(content, content_type="application/json")


@blueprint.get("/submissions/<receipt>", responses={"200": StatusBody, **problems.declared(404, 422, 503)})
def status(path: ReceiptPath) -> Response:
    """Tell where a submission stands, and the answer once there is one."""
    found = services()
    view = receipt_view.find(found.store, found.config, path.receipt)
    return Response(_status(view).model_dump_json(exclude_none=False), content_type="application/json")


def _status(view: SubmissionView) -> StatusBody:
    return StatusBody(
        status=view.status,
        answer=_answer(view.answer) if view.answer else None,
        missing=view.missing or None,
    )


def _answer(answer: PublicAnswer) -> AnswerBody:
    return AnswerBody(
        verdict=answer.verdict.code if answer.verdict else None,
        headline=answer.headline,
        explanation=answer.explanation,
        what_to_do=answer.what_to_do,
        ask=answer.ask,
        sources=list(answer.sources),
        checked_by=answer.checked_by,
        checked_at=answer.checked_at,
        note=STARTER_NOTE if answer.from_starter else "",
        differing=[
            DifferingBody(
                verdict=other.verdict,
                checked_by=other.publisher,
                checked_at=other.checked_on,
                url=other.url,
            )
            for other in answer.differing
        ],
    )
