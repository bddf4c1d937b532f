"""The claims behind a figure: which ones, and how often each came of what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, TallyHour
from triage.trends.by_time import TALLIED_GROUP, said, tallied, with_claims
from triage.trends.filters import Filter

PAGE = 25
_SUM = func.sum(TallyHour.messages).label("messages")


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


def _claims(region: str, asked: Filter) -> Select[*tuple[Any, ...]]:
    """Select claims and how often each came: added up first, and only then looked at for what they are."""
    added = (
        tallied(region, replace(asked, harm="", verdict=""), TALLIED_GROUP.label("number"), _SUM)
        .where(TALLIED_GROUP > 0)
        .group_by(TALLIED_GROUP)
        .subquery()
    )
    query = select(added.c.number, added.c.messages).order_by(added.c.messages.desc(), added.c.number)
    if asked.harm or asked.verdict:
        query = with_claims(query, added.c.number).where(*said(asked))
    return query
