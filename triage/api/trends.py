"""`GET /api/v1/trends`: the figures of the trends page for programs; what is hidden there is hidden here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from models.types import HARMS
from triage.api import problems
from triage.api.queue import actor_of_token
from triage.columns import now
from triage.errors import FilterRefused
from triage.intake import CHANNELS
from triage.masking import masked
from triage.permissions import require
from triage.services import services
from triage.tables import Surge
from triage.trends.calendar import day_of
from triage.trends.figures import Place, Sums
from triage.trends.filters import NO_VERDICT, Filter
from triage.trends.overview import Overview, overview
from triage.trends.rising import RisingClaim
from triage.verdicts import verdicts

blueprint = APIBlueprint("trends", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="trends")])
_DAY: dict[str, JsonValue] = {"format": "date"}
# How the page's address calls what the query asks for.
_NAMES = {
    "days": "hari", "first": "dari", "last": "sampai", "district": "kec", "harm": "bahaya",
    "channel": "saluran", "verdict": "putusan",
}  # fmt: skip


class TrendsQuery(BaseModel):
    """Between which days, from where, about what, by which channel; all of what is left out."""

    model_config = ConfigDict(extra="forbid")
    days: Literal["1", "7", "30", "90"] = Field(default="7", description="Days up to today, today included")
    first: str = Field(default="", description="From this day on, instead of `days`", json_schema_extra=_DAY)
    last: str = Field(default="", description="Up to this day, with `first`", json_schema_extra=_DAY)
    district: str = Field(default="", description="Kemendagri code of a kecamatan, such as 35.08.05")
    harm: str = Field(default="", json_schema_extra={"enum": ["", *HARMS]})
    channel: str = Field(default="", json_schema_extra={"enum": ["", *sorted(CHANNELS)]})
    verdict: str = Field(
        default="",
        description=f"`{NO_VERDICT}`: without one",
        json_schema_extra={"enum": ["", *sorted(verdicts()), NO_VERDICT]},
    )


class SumsBody(BaseModel):
    """Numbers of messages: all, answered as soon as they were read, and not answered until now."""

    messages: int
    at_once: int
    unanswered: int


class DayBody(SumsBody):
    """The messages of a day of the region's calendar."""

    day: str


class HourBody(SumsBody):
    """The messages of the hour from `begins`."""

    begins: str


class KindBody(SumsBody):
    """The messages of a harm class, a verdict (`""`: none yet) or a channel."""

    code: str


class PlaceBody(BaseModel):
    """The messages from a kecamatan or village; `code` is `""` for those from nowhere known.

    Where fewer than three people sent them, or the number would tell another that few did, all are null and
    `hidden` is true.
    """

    code: str
    name: str
    hidden: bool
    messages: int | None
    at_once: int | None
    unanswered: int | None
    unanswered_per_1000: float | None
    of_1000_from_here: float | None = Field(description="How many of 1,000 messages from here were asked for")


class SurgeBody(BaseModel):
    """That more people sent a claim than is usual; `score`: minus the decimal logarithm of how likely."""

    since: str
    observed: int
    expected: float
    score: float
    going_on: bool


class RisingBody(BaseModel):
    """A claim that rises, or came often within a day. Phone and identity numbers in `text` are masked."""

    group_id: int
    text: str
    harm: str
    state: str
    messages_24h: int
    reporters: int
    villages: int
    named_villages: list[str] = Field(description="From which at least three people sent it within a day")
    first_seen: str
    last_seen: str
    surge: SurgeBody | None


class WaitingBody(BaseModel):
    """The claims that wait for people just now, whatever was asked for."""

    claims: int
    over_24h: int
    oldest: str | None


class TrendsBody(BaseModel):
    """What came from `first` to `last`, and as many days `before`; `hours` only of up to three days.

    `villages` only where a `district` is asked for. `counted_at`: when the numbers were last brought up to
    date.
    """

    first: str
    last: str
    counted_at: str | None
    total: SumsBody
    before: SumsBody
    days: list[DayBody]
    hours: list[HourBody]
    harms: list[KindBody]
    verdicts: list[KindBody]
    channels: list[KindBody]
    districts: list[PlaceBody]
    villages: list[PlaceBody]
    waiting: WaitingBody
    rising: list[RisingBody]


@blueprint.get(
    "/trends",
    responses={"200": TrendsBody, **problems.declared(401, 403, 422, 503)},
    security=[{"bearer": []}],
)
def trends(query: TrendsQuery) -> Response:
    """Add up what came, of what, from where, and what rises."""
    require(actor_of_token(), "trends.see")
    found = services()
    region = found.config.wilayah
    given = {_NAMES[name]: value for name, value in query.model_dump().items()}
    asked = Filter.read(given, region, day_of(region, now()))
    if asked.refused:
        wrong = ", ".join(name for name, called in _NAMES.items() if called in asked.refused)
        raise FilterRefused(f"There is nothing such in {region}, or no such days up to today: {wrong}.")
    with found.store.read() as session:
        body = _body(overview(session, found.config, asked))
    return Response(body.model_dump_json(), content_type="application/json")


def _body(found: Overview) -> TrendsBody:
    told = found.figures
    return TrendsBody(
        first=told.asked.first.isoformat(),
        last=told.asked.last.isoformat(),
        counted_at=_instant(told.counted_at),
        total=SumsBody(**told.total._asdict()),
        before=SumsBody(**told.before._asdict()),
        days=[DayBody(day=day.isoformat(), **sums._asdict()) for day, sums in told.days],
        hours=[HourBody(begins=begins.isoformat(), **sums._asdict()) for begins, sums in told.hours],
        harms=_kinds(told.kinds["harm"]),
        verdicts=_kinds(told.kinds["verdict"]),
        channels=_kinds(told.kinds["channel"]),
        districts=[_place(one) for one in told.districts],
        villages=[_place(one) for one in told.villages],
        waiting=WaitingBody(
            claims=found.waiting.claims,
            over_24h=found.waiting.late,
            oldest=_instant(found.waiting.oldest),
        ),
        rising=[_rising(claim) for claim in found.rising],
    )


def _kinds(found: Iterable[tuple[str, Sums]]) -> list[KindBody]:
    return [KindBody(code=code, **sums._asdict()) for code, sums in found]


def _place(one: Place) -> PlaceBody:
    sums = one.sums
    return PlaceBody(
        code=one.code,
        name=one.name,
        hidden=sums is None,
        messages=sums.messages if sums else None,
        at_once=sums.at_once if sums else None,
        unanswered=sums.unanswered if sums else None,
        unanswered_per_1000=sums.unanswered_per_1000 if sums else None,
        of_1000_from_here=one.kind_per_1000,
    )


def _rising(claim: RisingClaim) -> RisingBody:
    item = claim.item
    return RisingBody(
        group_id=item.group_id,
        text=masked(item.text),
        harm=item.harm,
        state=item.state,
        messages_24h=claim.recent,
        reporters=item.reporters,
        villages=item.villages,
        named_villages=list(claim.named),
        first_seen=item.first_seen.isoformat(),
        last_seen=item.last_seen.isoformat(),
        surge=_surge(claim.surge) if claim.surge else None,
    )


def _surge(surge: Surge) -> SurgeBody:
    return SurgeBody(
        since=surge.since.isoformat(),
        observed=surge.observed,
        expected=surge.expected,
        score=surge.score,
        going_on=surge.ended_at is None,
    )


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
