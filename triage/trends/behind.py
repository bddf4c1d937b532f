"""The claims behind a figure: which ones, and how often each came of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, Self

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from triage.regions import district_of, is_village
from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, Submission, TallyHour
from triage.trends.by_time import TALLIED_GROUP, said, tallied, with_claims
from triage.trends.calendar import HOUR, hours_of, span_of
from triage.trends.figures import by_village
from triage.trends.filters import NO_VERDICT, Filter
from triage.trends.hiding import LEAST_PEOPLE, PERSON

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
    messages whose village is unknown, `village`: of those of a village (its code). `args`: the parts of an
    address that ask for it.
    """

    number: Number = "messages"
    hour: datetime | None = None
    nowhere: bool = False
    village: str = ""
    args: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, given: Mapping[str, str], region: str, asked: Filter) -> Self:
        """Read a figure from the parts of an address; what is none of them is left out."""
        args = {"angka": given.get("angka", ""), "jam": given.get("jam", ""), "asal": given.get("asal", "")}
        hours = {str(place): span.start for place, span in enumerate(hours_of(region, asked.first))}
        hour = hours.get(args["jam"]) if asked.days == 1 else None
        nowhere = args["asal"] == _NOWHERE
        village = args["asal"] if hour is None and is_village(region, args["asal"]) else ""
        number = NUMBERS.get(args["angka"], "messages")
        known = {"angka": number != "messages", "jam": hour is not None, "asal": nowhere or bool(village)}
        given_args = tuple((name, args[name]) for name in known if known[name])
        return cls(number, hour, nowhere, village, given_args)


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of claims, those that came most first, each with its number of messages; `more`: on the next.

    `listed`: the messages of all claims on all pages (0 where this one holds none); `unlisted`: how many of
    the figure belong to no claim. Of a village only the claims are listed that three people there sent, none
    where its figure is hidden, and `unlisted` is all the rest of it (None: hidden).
    """

    claims: tuple[tuple[QueueItem, int], ...]
    page: int
    more: bool
    listed: int
    unlisted: int | None


def behind(
    session: Session, region: str, asked: Filter, page: int = 1, figure: Figure | None = None
) -> Behind:
    """Return a page (from 1) of the claims of which something came that was asked for."""
    wanted = figure or Figure()
    if wanted.village:
        return _behind_village(session, region, asked, page, wanted)
    return _page(session, region, asked, page, wanted, _unlisted(session, region, asked, wanted))


def _behind_village(session: Session, region: str, asked: Filter, page: int, wanted: Figure) -> Behind:
    there = replace(asked, district=district_of(wanted.village))
    (place,) = (one for one in by_village(session, region, there) if one.code == wanted.village)
    if place.sums is None:
        return Behind((), page, more=False, listed=0, unlisted=None)
    found = _page(session, region, there, page, wanted, 0)
    return replace(found, unlisted=getattr(place.sums, wanted.number) - found.listed)


def _page(session: Session, region: str, asked: Filter, page: int, wanted: Figure, unlisted: int) -> Behind:
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
        unlisted=unlisted,
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
    added = func.sum(getattr(TallyHour, figure.number))
    query = tallied(region, replace(asked, harm="", verdict=""), *columns, added.label("messages"))
    if figure.hour:
        query = query.where(TallyHour.begins >= figure.hour, TallyHour.begins < figure.hour + HOUR)
    if figure.village:
        of_enough = _sent_by_enough(region, asked, figure.village)
        return query.where(TallyHour.village == figure.village, TallyHour.group_id.in_(of_enough)).having(
            added >= LEAST_PEOPLE
        )
    return query.where(TallyHour.village == "") if figure.nowhere else query


def _sent_by_enough(region: str, asked: Filter, village: str) -> Select[int | None]:
    """Select the claims that three people of a village sent, which an index holds by village and time."""
    query = select(Submission.group_id).where(
        Submission.village == village,
        Submission.created_at >= span_of(region, asked.first).start,
        Submission.created_at < span_of(region, asked.last).end,
        Submission.group_id.is_not(None),
    )
    if asked.channel:
        query = query.where(Submission.channel == asked.channel)
    return query.group_by(Submission.group_id).having(func.count(PERSON.distinct()) >= LEAST_PEOPLE)
