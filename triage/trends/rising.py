"""Claims that rise, and those that came most within a day: what they say, how they spread, whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.regions import village_name
from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, Fingerprint, Submission, Surge, TallyHour
from triage.trends.by_time import MESSAGE_GROUP, MESSAGE_VILLAGE, TALLIED_GROUP
from triage.trends.calendar import HOUR, hour_of
from triage.trends.hiding import LEAST_PEOPLE

RECENT = timedelta(hours=24)
# Hours of the small picture beside a claim.
SPARK = 48
MOST = 8
_VARIANTS, _LOOKED_AT = 3, 30


@dataclass(frozen=True, slots=True)
class RisingClaim:
    """A claim group as the trends page shows it.

    `surge`: the one that goes on, or the strongest of the past day. `recent`: messages of the past 24 hours.
    `spark`: messages by the hour of the past 48, the present one last. `named`: villages from which at least
    three people sent it within a day. `wordings`: how many are known, `variants`: some of the newest.
    """

    item: QueueItem
    surge: Surge | None
    recent: int
    spark: tuple[int, ...]
    named: tuple[str, ...]
    wordings: int
    variants: tuple[str, ...]


def rising(session: Session) -> list[RisingClaim]:
    """Return claims that surge, strongest first, then those that came most within a day; at most `MOST`."""
    moment = now()
    surges, recent = _surges(session, moment), _recent(session, moment)
    numbers = list(dict.fromkeys([*surges, *recent]))[:MOST]
    groups = session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(numbers))).all()
    items = {item.group_id: item for item in queue_items(session, groups)}
    sparks, named = _sparks(session, numbers, moment), _named(session, numbers, moment)
    wordings = _wordings(session, numbers)
    return [
        RisingClaim(
            items[number], surges.get(number), recent.get(number, 0), sparks[number], named.get(number, ()),
            wordings.get(number, 0), _variants(session, items[number]),
        )
        for number in numbers
        if number in items
    ]  # fmt: skip


def _surges(session: Session, moment: datetime) -> dict[int, Surge]:
    strongest = select(Surge).order_by(Surge.score.desc(), Surge.id.desc())
    # Asked for apart: each has an index, both together have none.
    rows = [
        *session.scalars(strongest.where(Surge.ended_at.is_(None))),
        *session.scalars(strongest.where(Surge.found_at > moment - RECENT)),
    ]
    found: dict[int, Surge] = {}
    for surge in rows:
        found.setdefault(surge.group_id, surge)
    return found


def _recent(session: Session, moment: datetime) -> dict[int, int]:
    messages = func.sum(TallyHour.messages)
    rows = session.execute(
        select(TALLIED_GROUP, messages)
        .where(TallyHour.begins > moment - RECENT, TALLIED_GROUP > 0)
        .group_by(TALLIED_GROUP)
        .order_by(messages.desc(), TALLIED_GROUP)
        .limit(5 * MOST)
    )
    return {number: int(count) for number, count in rows}


def _sparks(session: Session, numbers: Sequence[int], moment: datetime) -> dict[int, tuple[int, ...]]:
    start = hour_of(moment) - (SPARK - 1) * HOUR
    found: defaultdict[int, list[int]] = defaultdict(lambda: [0] * SPARK)
    rows = session.execute(
        select(TallyHour.group_id, TallyHour.begins, func.sum(TallyHour.messages))
        .where(TallyHour.group_id.in_(numbers), TallyHour.begins >= start)
        .group_by(TallyHour.group_id, TallyHour.begins)
    )
    for number, begins, messages in rows:
        place = int((begins - start) / HOUR)
        if place < SPARK:
            found[number][place] = int(messages)
    return {number: tuple(found[number]) for number in numbers}


def _named(session: Session, numbers: Sequence[int], moment: datetime) -> dict[int, tuple[str, ...]]:
    people = func.count(func.coalesce(Submission.reporter_hash, "").distinct())
    group, village = MESSAGE_GROUP, MESSAGE_VILLAGE
    rows = session.execute(
        select(group, village, people)
        .where(Submission.created_at > moment - RECENT, group.in_(numbers))
        .group_by(group, village)
        .having(people >= LEAST_PEOPLE)
        .order_by(people.desc(), village)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number, code, _ in rows:
        if code:
            found[number].append(village_name(code))
    return {number: tuple(names) for number, names in found.items()}


def _wordings(session: Session, numbers: Sequence[int]) -> dict[int, int]:
    query = select(Fingerprint.group_id, func.count()).where(Fingerprint.group_id.in_(numbers))
    return dict(session.execute(query.group_by(Fingerprint.group_id)).all())


def _variants(session: Session, item: QueueItem) -> tuple[str, ...]:
    """Return other wordings of the claim, of its newest messages."""
    texts = session.scalars(
        select(Submission.text)
        .where(Submission.group_id == item.group_id, Submission.text != "")
        .order_by(Submission.id.desc())
        .limit(_LOOKED_AT)
    )
    return tuple(text for text in dict.fromkeys(texts) if text != item.text)[:_VARIANTS]
