"""Sign-in, queue, lease, decision and approval for programs; the same domain calls as the pages make.

The session's token travels as `Authorization: Bearer`, never as a cookie, so no other site can use it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr
from werkzeug.exceptions import Unauthorized

from models.types import HARMS
from triage import accounts, review
from triage.api import problems
from triage.api.strictjson import mend_surrogates, require_object
from triage.errors import DecisionRefused
from triage.masking import masked
from triage.permissions import Actor
from triage.places import address
from triage.review import Draft
from triage.review.queue import QueueItem, View
from triage.services import services
from triage.verdicts import verdicts

blueprint = APIBlueprint("queue", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="verification")])

# The largest that every reader of JSON keeps exactly.
MAX_NUMBER = 2**53 - 1
Text = Annotated[StrictStr, BeforeValidator(mend_surrogates)]
_SECURED: list[dict[str, list[str]]] = [{"bearer": []}]


class SignInBody(BaseModel):
    """Name and password of an account."""

    model_config = ConfigDict(extra="forbid")
    username: Text
    password: Text
    code: Text = Field(default="", description="Six digits, where the account has a second step")


class TokenBody(BaseModel):
    """Send the token as `Authorization: Bearer` with each request."""

    token: str


class QueueQuery(BaseModel):
    """Which part of the queue."""

    model_config = ConfigDict(extra="forbid")
    view: View = "waiting"
    page: int = Field(default=1, ge=1, le=1_000_000)


class GroupPath(BaseModel):
    """Number of a claim group."""

    group_id: int = Field(ge=1, le=MAX_NUMBER)


class DecisionPath(BaseModel):
    """Number of a decision."""

    decision_id: int = Field(ge=1, le=MAX_NUMBER)


class Evidence(BaseModel):
    """A source that shows what is true."""

    label: Text
    url: Text = ""
    archived: Text = Field(default="", description="Day of which an archive keeps a copy, as 2026-11-25.")


class DecisionBody(BaseModel):
    """Either `match_id`, to confirm a suggested fact-check, or all that a new fact-check needs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [
                {"required": ["match_id"]},
                {"required": ["verdict", "claim", "headline", "explanation"]},
            ]
        },
    )
    match_id: int | None = Field(default=None, ge=1, le=MAX_NUMBER)
    verdict: Text = Field(default="", json_schema_extra={"enum": [*sorted(verdicts())]})
    claim: Text = ""
    headline: Text = ""
    explanation: Text = ""
    what_to_do: Text = ""
    evidence: list[Evidence] = Field(default_factory=list, max_length=20)
    harm: Text = Field(default="other", json_schema_extra={"enum": [*HARMS]})


class QueueItemBody(BaseModel):
    """A claim group that waits. Phone and identity numbers in `text` and `url` are masked."""

    group_id: int
    text: str
    url: str | None
    harm: str
    urgency: float
    reasons: list[str]
    submissions: int
    reporters: int
    villages: int
    first_seen: str
    last_seen: str
    band: str
    state: str
    best_title: str | None
    best_probability: float | None


class QueueBody(BaseModel):
    """One page of the queue, most urgent first."""

    items: list[QueueItemBody]
    counts: dict[View, int]
    page: int
    pages: int


class DoneBody(BaseModel):
    """The number of what was changed."""

    id: int


class DecidedBody(BaseModel):
    """`answered`: everyone is told within seconds, `id` is the group.

    `proposed`: `id` is the decision to be approved.
    """

    id: int
    state: Literal["answered", "proposed"]


@blueprint.post(
    "/sessions", responses={"200": TokenBody, **problems.declared(400, 401, 403, 413, 415, 422, 429, 503)}
)
def sign_in(body: SignInBody) -> Response:
    """Start a session for a program; what is not set up yet is set up in a browser first."""
    found = services()
    found.limits.sign_in(address())
    token = accounts.sign_in_program(found.store, found.config, body.username, body.password, body.code)
    return jsonify(token=token)


@blueprint.get(
    "/queue", responses={"200": QueueBody, **problems.declared(401, 403, 422, 503)}, security=_SECURED
)
def queue(query: QueueQuery) -> Response:
    """List claim groups, most urgent first."""
    actor = actor_of_token()
    with services().store.read() as session:
        page = review.queue(session, actor, query.view, query.page)
    body = QueueBody(
        items=[_item(item) for item in page.items], counts=dict(page.counts), page=page.page, pages=page.pages
    )
    return Response(body.model_dump_json(), content_type="application/json")


@blueprint.post(
    "/queue/<int:group_id>/lease",
    responses={"200": DoneBody, **problems.declared(401, 403, 404, 409, 422, 503)},
    security=_SECURED,
)
def lease(path: GroupPath) -> Response:
    """Take a group to work on it; the lease returns by itself."""
    review.lease(services().store, actor_of_token(), path.group_id)
    return jsonify(id=path.group_id)


@blueprint.post(
    "/groups/<int:group_id>/decisions",
    responses={"200": DecidedBody, **problems.declared(400, 401, 403, 404, 409, 413, 415, 422, 503)},
    security=_SECURED,
)
def decide(path: GroupPath, body: DecisionBody) -> Response:
    """Confirm a suggested fact-check, or propose a new one for a second person to approve.

    A suggestion that is hardly like the message waits for a second person too.
    Takes the group if it is free: taking it first only keeps others from working on it meanwhile.
    """
    found, actor = services(), actor_of_token()
    if body.match_id is not None:
        if body.model_dump(exclude={"match_id"}, exclude_defaults=True):
            raise DecisionRefused(
                "Send either match_id, to confirm a suggestion, or the fields of a new fact-check, not both.",
                "match_id",
            )
        proposed = review.confirm(found.store, actor, path.group_id, body.match_id)
        if proposed is not None:
            return jsonify(id=proposed, state="proposed")
        return jsonify(id=path.group_id, state="answered")
    draft = Draft(
        verdict=body.verdict,
        claim=body.claim,
        headline=body.headline,
        explanation=body.explanation,
        what_to_do=body.what_to_do,
        evidence=tuple(row.model_dump(exclude_defaults=True) for row in body.evidence),
        harm=body.harm,
    )
    return jsonify(id=review.decide(found.store, actor, path.group_id, draft), state="proposed")


@blueprint.post(
    "/decisions/<int:decision_id>/approve",
    responses={"200": DoneBody, **problems.declared(401, 403, 404, 409, 422, 503)},
    security=_SECURED,
)
def approve(path: DecisionPath) -> Response:
    """Approve somebody else's decision; within seconds it is published and its senders are answered."""
    review.approve(services().store, actor_of_token(), path.decision_id)
    return jsonify(id=path.decision_id)


@blueprint.before_request
def _object_only() -> None:
    if request.method == "POST" and request.endpoint in ("queue.sign_in", "queue.decide"):
        require_object(request)


def actor_of_token() -> Actor:
    """Return who signed in with the token of this request. Raises `Unauthorized` without one that holds."""
    # Not `request.authorization`, which takes other schemes apart too, and fails over what is broken in them.
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_token = scheme.lower() == "bearer" and token.strip()
    actor = accounts.account_for(services().store, token.strip()) if is_token else None
    if actor is None:
        raise Unauthorized("Sign in first, and send the token as Authorization: Bearer.")
    return actor


def _item(item: QueueItem) -> QueueItemBody:
    return QueueItemBody(
        group_id=item.group_id,
        text=masked(item.text),
        url=masked(item.url) if item.url else None,
        harm=item.harm,
        urgency=item.urgency,
        reasons=[reason.code for reason in item.reasons],
        submissions=item.submissions,
        reporters=item.reporters,
        villages=item.villages,
        first_seen=item.first_seen.isoformat(),
        last_seen=item.last_seen.isoformat(),
        band=item.band,
        state=item.state,
        best_title=item.best_title,
        best_probability=item.best_probability,
    )
