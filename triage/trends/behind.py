"""The claims behind a figure: which ones, and how often each came of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Self

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, TallyHour
from triage.trends.by_time import TALLIED_GROUP, said, tallied, with_claims
from triage.trends.calendar import HOUR, hours_of
from triage.trends.filters import NO_VERDICT, Filter

PAGE = 25
Number = Literal["messages", "at_once", "unanswered"]
# As the address of a page calls them; all messages are what it shows anyway.
NUMBERS: dict[str, Number] = {"": "messages", "seketika": "at_once", "belum": "unanswered"}
_NOWHERE = "tanpa"
# Harm class and verdict of what belongs to no claim, as the filter asks for them.
_OF_NONE = frozenset({("", ""), ("other", ""), ("", NO_VERDICT), ("other", NO_VERDICT)})


@dataclass(frozen=True, slots=True)
class Figure:
    """Which figure of those that a filter adds up: a number, of all or of one hour (UTC), `nowhere`: of
    messages whose village is unknown. `args`: the parts of an address that ask for it.
    """

    number: Number = "messages"
    hour: datetime | None = None
    nowhere: bool = False
    args: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], region: str, asked: Filter) -> Self:
        """Read a figure from the parts of an address; what is none of them is left out."""
        args = {"angka": given.get("angka", ""), "jam": given.get("jam", ""), "asal": given.get("asal", "")}
        hours = {str(place): span.start for place, span in enumerate(hours_of(region, asked.first))}
        hour = hours.get(args["jam"]) if asked.days == 1 else None
        nowhere = args["asal"] == _NOWHERE
        number = NUMBERS.get(args["angka"], "messages")
        known = {"angka": number != "messages", "jam": hour is not None, "asal": nowhere}
        return cls(number, hour, nowhere, tuple((name, args[name]) for name in known if known[name]))


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of claims, those that came most first, each with its number of messages; `more`: on the next.

    `listed`: the messages of all claims on all pages (0 where this one holds none); `unlisted`: how many of
    the figure belong to no claim.
    """

    claims: tuple[tuple[QueueItem, int], ...]
    page: int
    more: bool
    listed: int
    unlisted: int


def behind(
    session: Session, region: str, asked: Filter, page: int = 1, figure: Figure | None = None
) -> Behind:
    """Return a page (from 1) of the claims of which something came that was asked for."""
    wanted = figure or Figure()
    query = _claims(region, asked, wanted).limit(PAGE + 1).offset((page - 1) * PAGE)
    found = session.execute(query).all()
    counts = {row.number: int(row.messages) for row in found[:PAGE]}
    groups = session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(counts))).all()
    items = {item.group_id: item for item in queue_items(session, groups)}
    return Behind(
        claims=tuple((items[number], count) for number, count in counts.items() if number in items),
        page=page,
        more=len(found) > PAGE,
        listed=int(found[0].listed) if found else 0,
        unlisted=_unlisted(session, region, asked, wanted),
    )


def _claims(region: str, asked: Filter, figure: Figure) -> Select[*tuple[Any, ...]]:
    """Select claims and how often each came: added up first, and only then looked at for what they are."""
    added = (
        _tallied(region, asked, figure, TALLIED_GROUP.label("number"))
        .where(TALLIED_GROUP > 0)
        .group_by(TALLIED_GROUP)
        .subquery()
    )
    query = (
        select(added.c.number, added.c.messages, func.sum(added.c.messages).over().label("listed"))
        .where(added.c.messages > 0)
        .order_by(added.c.messages.desc(), added.c.number)
    )
    if asked.harm or asked.verdict:
        query = with_claims(query, added.c.number).where(*said(asked))
    return query


def _unlisted(session: Session, region: str, asked: Filter, figure: Figure) -> int:
    """Add up what belongs to no claim, which an index holds by itself."""
    if (asked.harm, asked.verdict) not in _OF_NONE:
        return 0
    return int(session.scalar(_tallied(region, asked, figure).where(TallyHour.group_id == 0)) or 0)


def _tallied(region: str, asked: Filter, figure: Figure, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Select the number that was asked for, of claims of every kind."""
    added = func.sum(getattr(TallyHour, figure.number)).label("messages")
    query = tallied(region, replace(asked, harm="", verdict=""), *columns, added)
    if figure.hour:
        query = query.where(TallyHour.begins >= figure.hour, TallyHour.begins < figure.hour + HOUR)
    return query.where(TallyHour.village == "") if figure.nowhere else query
