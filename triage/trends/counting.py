"""Counting a day from the messages themselves, as tallies keep it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from triage.regions import district_of
from triage.tables import (
    Answer,
    ClaimGroup,
    FactCheck,
    FactCheckVersion,
    Submission,
    TallyArea,
    TallyDay,
    TallyDelay,
    TallyHour,
)
from triage.trends.by_time import MESSAGE_GROUP, MESSAGE_VILLAGE
from triage.trends.calendar import Span, hours_of, span_of
from triage.trends.slices import Slice, Slices
from triage.verdicts import verdicts

# Answered as soon as it was read: whoever decided on the claim had done so before.
AT_ONCE = ("band", "known", "ask-back")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# The first answer that holds: one that was withdrawn since was none.
_HOLDS = (Answer.submission_id == Submission.id, Answer.withdrawn_at.is_(None))
_FIRST_VIA = (
    select(Answer.via).where(*_HOLDS).order_by(Answer.created_at, Answer.id).limit(1).scalar_subquery()
)
_FIRST_AT = select(func.min(Answer.created_at)).where(*_HOLDS).scalar_subquery()
_NOT_YET = ("received", "assessed", "parked")
# Harm class and verdict of what belongs to no claim.
_OF_NONE = ("other", "")


def of_day(session: Session, region: str, day: date) -> Slices:
    """Count the messages of a day: what every table of tallies has to say of it."""
    span = span_of(region, day)
    hours = {key: numbers for hour in hours_of(region, day) for key, numbers in _of_hour(session, hour)}
    kinds = _kinds(session, span)
    villages: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    areas: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for (_, group, village, channel), numbers in hours.items():
        kind = kinds.get(group, _OF_NONE)
        _add(villages[day, village, channel, *kind], numbers)
        _add(areas[day, district_of(village), channel, *kind], numbers)
    return {
        TallyHour: hours,
        TallyDay: {key: tuple(sums) for key, sums in villages.items()},
        TallyArea: {key: tuple(sums) for key, sums in areas.items()},
        TallyDelay: _delays(session, day, span),
    }


def bucket(seconds: float) -> int:
    """Round a delay up as `TallyDelay` keeps it: seconds, from 2 minutes minutes, from a day hours."""
    step = 1 if seconds < 2 * _MINUTE else _MINUTE if seconds < _DAY else _HOUR
    return max(0, -int(-seconds // step)) * step


def _add(sums: list[int], numbers: tuple[int, ...]) -> None:
    for place, number in enumerate(numbers):
        sums[place] += number


def _of_hour(session: Session, span: Span) -> Iterator[tuple[tuple[Any, ...], tuple[int, ...]]]:
    rows = session.execute(
        select(
            MESSAGE_GROUP, MESSAGE_VILLAGE, Submission.channel,
            func.count(),
            func.sum(case((_FIRST_VIA.in_(AT_ONCE), 1), else_=0)),
            func.sum(case((Submission.state.in_(_NOT_YET), 1), else_=0)),
        )
        .where(Submission.created_at >= span.start, Submission.created_at < span.end)
        .group_by(MESSAGE_GROUP, MESSAGE_VILLAGE, Submission.channel)
    )  # fmt: skip
    for group, village, channel, *numbers in rows:
        yield (span.start, group, village, channel), tuple(numbers)


def _kinds(session: Session, span: Span) -> dict[int, tuple[str, str]]:
    """Return the harm class and the verdict of each claim that messages of a time belong to."""
    groups = select(Submission.group_id).where(
        Submission.created_at >= span.start, Submission.created_at < span.end
    )
    rows = session.execute(
        select(ClaimGroup.id, ClaimGroup.harm, FactCheckVersion.verdict)
        .outerjoin(FactCheck, FactCheck.id == ClaimGroup.fact_check_id)
        .outerjoin(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
        .where(ClaimGroup.id.in_(groups))
    )
    known = verdicts()
    return {number: (harm, verdict if verdict in known else "") for number, harm, verdict in rows}


def _delays(session: Session, day: date, span: Span) -> Slice:
    answered = session.execute(
        select(Submission.created_at, _FIRST_AT.label("at"))
        .where(Submission.created_at >= span.start, Submission.created_at < span.end)
        .where(_FIRST_AT.is_not(None))
    )
    times = Counter(bucket((row.at - row.created_at).total_seconds()) for row in answered)
    return {(day, seconds): (number,) for seconds, number in times.items()}
