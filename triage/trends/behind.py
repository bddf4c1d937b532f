"""The claims behind a figure: which ones, and how often each came of what was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, FactCheck, FactCheckVersion, TallyHour
from triage.trends.by_time import TALLIED_GROUP
from triage.trends.calendar import span_of
from triage.trends.filters import NO_VERDICT, Filter
from triage.verdicts import verdicts

PAGE = 25


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of claims, those that came most first, each with its number of messages; `more`: on the next."""

    claims: tuple[tuple[QueueItem, int], ...]
    page: int
    more: bool


def behind(session: Session, region: str, asked: Filter, page: int = 1) -> Behind:
    """Return a page (from 1) of the claims of which something came that was asked for."""
    query = _claims(region, asked).limit(PAGE + 1).offset((page - 1) * PAGE)
    found = [(number, int(messages)) for number, messages in session.execute(query)]
    counts = dict(found[:PAGE])
    groups = session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(counts))).all()
    items = {item.group_id: item for item in queue_items(session, groups)}
    claims = tuple((items[number], count) for number, count in counts.items() if number in items)
    return Behind(claims, page, len(found) > PAGE)


def _claims(region: str, asked: Filter) -> Select[int, int]:
    messages = func.sum(TallyHour.messages)
    query = (
        select(TALLIED_GROUP, messages)
        .where(*_asked(region, asked))
        .group_by(TALLIED_GROUP)
        .order_by(messages.desc(), TALLIED_GROUP)
    )
    if asked.harm or asked.verdict:
        query = query.join(ClaimGroup, ClaimGroup.id == TALLIED_GROUP)
    if asked.harm:
        query = query.where(ClaimGroup.harm == asked.harm)
    if asked.verdict:
        verdict = case((FactCheckVersion.verdict.in_(verdicts()), FactCheckVersion.verdict), else_="")
        query = (
            query.outerjoin(FactCheck, FactCheck.id == ClaimGroup.fact_check_id)
            .outerjoin(
                FactCheckVersion,
                (FactCheckVersion.fact_check_id == FactCheck.id)
                & (FactCheckVersion.number == FactCheck.version),
            )
            .where(verdict == ("" if asked.verdict == NO_VERDICT else asked.verdict))
        )
    return query


def _asked(region: str, asked: Filter) -> list[ColumnElement[bool]]:
    found = [
        TallyHour.begins >= span_of(region, asked.first).start,
        TallyHour.begins < span_of(region, asked.last).end,
        TALLIED_GROUP > 0,
    ]
    if asked.district:
        found += [TallyHour.village > f"{asked.district}.", TallyHour.village < f"{asked.district}/"]
    if asked.channel:
        found.append(TallyHour.channel == asked.channel)
    return found
