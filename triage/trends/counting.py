"""Counting a day from the messages themselves, as tallies keep it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from triage.regions import district_of
from triage.tables import Answer, ClaimGroup, FactCheck, FactCheckVersion, Submission, TallyHour
from triage.trends.calendar import Span, hours_of, span_of
from triage.verdicts import verdicts

Rows = list[dict[str, Any]]
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


class Counted(NamedTuple):
    """A day's rows of `TallyHour` and of `TallyDelay`."""

    day: date
    hours: Rows
    delays: Rows


def of_day(session: Session, region: str, day: date) -> Counted:
    """Count the messages of a day, hour by hour, and how long their first answers took."""
    hours = [row for span in hours_of(region, day) for row in _of_hour(session, span)]
    return Counted(day, hours, _delays(session, day, span_of(region, day)))


def by_kind(session: Session, region: str, day: date) -> Rows:
    """Add up a day's rows of `TallyHour`, as written, to those of `TallyDay`: by harm class and verdict."""
    span = span_of(region, day)
    harm = func.coalesce(ClaimGroup.harm, "other").label("harm")
    verdict = case((FactCheckVersion.verdict.in_(verdicts()), FactCheckVersion.verdict), else_="").label(
        "verdict"
    )
    rows = session.execute(
        select(
            TallyHour.village, TallyHour.channel, harm, verdict,
            func.sum(TallyHour.messages).label("messages"),
            func.sum(TallyHour.at_once).label("at_once"),
            func.sum(TallyHour.unanswered).label("unanswered"),
        )
        .outerjoin(ClaimGroup, ClaimGroup.id == TallyHour.group_id)
        .outerjoin(FactCheck, FactCheck.id == ClaimGroup.fact_check_id)
        .outerjoin(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
        .where(TallyHour.begins >= span.start, TallyHour.begins < span.end)
        .group_by(TallyHour.village, TallyHour.channel, harm, verdict)
    ).mappings()  # fmt: skip
    return [{"day": day, **row} for row in rows]


def by_district(villages: Rows) -> Rows:
    """Add up rows of `TallyDay` to those of `TallyArea`."""
    numbers = ("messages", "at_once", "unanswered")
    found: defaultdict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in villages:
        key = (row["day"], district_of(row["village"]), row["channel"], row["harm"], row["verdict"])
        found[key].update({name: row[name] for name in numbers})
    names = ("day", "district", "channel", "harm", "verdict")
    return [
        dict(zip(names, key, strict=True)) | {name: sums[name] for name in numbers}
        for key, sums in found.items()
    ]


def bucket(seconds: float) -> int:
    """Round a delay up as `TallyDelay` keeps it: seconds, from 2 minutes minutes, from a day hours."""
    step = 1 if seconds < 2 * _MINUTE else _MINUTE if seconds < _DAY else _HOUR
    return max(0, -int(-seconds // step)) * step


def _of_hour(session: Session, span: Span) -> Rows:
    group, village = (
        func.coalesce(Submission.group_id, 0).label("group_id"),
        func.coalesce(Submission.village, "").label("village"),
    )
    rows = session.execute(
        select(
            group, village, Submission.channel,
            func.count().label("messages"),
            func.sum(case((_FIRST_VIA.in_(AT_ONCE), 1), else_=0)).label("at_once"),
            func.sum(case((Submission.state.in_(_NOT_YET), 1), else_=0)).label("unanswered"),
        )
        .where(Submission.created_at >= span.start, Submission.created_at < span.end)
        .group_by(group, village, Submission.channel)
    ).mappings()  # fmt: skip
    return [{"begins": span.start, **row} for row in rows]


def _delays(session: Session, day: date, span: Span) -> Rows:
    answered = session.execute(
        select(Submission.created_at, _FIRST_AT.label("at"))
        .where(Submission.created_at >= span.start, Submission.created_at < span.end)
        .where(_FIRST_AT.is_not(None))
    )
    times = Counter(bucket((row.at - row.created_at).total_seconds()) for row in answered)
    return [{"day": day, "seconds": seconds, "messages": number} for seconds, number in times.items()]
