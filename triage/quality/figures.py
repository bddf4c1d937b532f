"""How good the work of a time was: how fast, how surely, and how often it had to be taken back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from triage.config import Config
from triage.quality.delays import Waits
from triage.quality.drift import Drift, drift
from triage.quality.error_rate import Audited, audited
from triage.tables import (
    Answer,
    Decision,
    Notice,
    Submission,
    SuggestedMatch,
    TallyArea,
    TallyCursor,
    TallyDelay,
)
from triage.trends.calendar import DAY, span_of
from triage.trends.figures import Sums, added

# A longer time is shown by months, a shorter one by weeks.
_WEEKS_UP_TO = 120
_MONTH_LETTERS = 7


@dataclass(frozen=True, slots=True)
class Stretch:
    """A week or month, or what of it lies within the time asked for: from the day `first` to `last`."""

    first: date
    last: date
    sums: Sums
    waits: Waits


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of the days from `first` to `last`.

    `confirmed`, `rejected`: suggestions of which people said so. `reviewed`, `returned`: decisions that a
    second person read, and those of them sent back. `withdrawn`: answers taken back that do not hold now.
    `objections`: of reporters, that an answer was about something else.
    """

    first: date
    last: date
    by_weeks: bool
    stretches: tuple[Stretch, ...]
    confirmed: int
    rejected: int
    reviewed: int
    returned: int
    withdrawn: int
    objections: int
    corrected: int
    retracted: int
    audited: Audited
    drift: Drift
    counted_at: datetime | None

    @property
    def sums(self) -> Sums:
        """The messages of all this time."""
        return added(one.sums for one in self.stretches)

    @property
    def waits(self) -> Waits:
        """How long they waited."""
        return sum((one.waits for one in self.stretches), Waits())


def quality(session: Session, config: Config, first: date, last: date) -> Quality:
    """Return the figures of some days of the region's calendar, with a bounded number of statements."""
    start, end = span_of(config.wilayah, first).start, span_of(config.wilayah, last).end
    by_weeks = (last - first).days < _WEEKS_UP_TO
    decisions = _counted(session, Decision.state, Decision.reviewed_at, start, end)
    judged = _counted(session, SuggestedMatch.state, SuggestedMatch.judged_at, start, end)
    told = notices(session, start, end)
    return Quality(
        first=first,
        last=last,
        by_weeks=by_weeks,
        stretches=stretches(session, first, last, by_weeks=by_weeks),
        confirmed=judged["confirmed"],
        rejected=judged["rejected"],
        reviewed=decisions.total(),
        returned=decisions["returned"],
        withdrawn=_number(session, Answer.withdrawn_at, start, end),
        objections=_number(session, Submission.objected_at, start, end),
        corrected=told["corrected"],
        retracted=told["retracted"],
        audited=audited(session, start, end),
        drift=drift(session, config.wilayah, start, end),
        counted_at=session.scalar(select(TallyCursor.counted_at)),
    )


def notices(session: Session, start: datetime, end: datetime) -> Counter[str]:
    """Count notices to readers by their kind."""
    return _counted(session, Notice.kind, Notice.created_at, start, end)


def stretches(session: Session, first: date, last: date, *, by_weeks: bool) -> tuple[Stretch, ...]:
    """Return the weeks (from Monday) or months of these days, also those in which nothing came."""
    sums = _sums(session, first, last, by_weeks=by_weeks)
    answered = delays(session, first, last, by_weeks=by_weeks)
    return tuple(
        Stretch(
            max(begins, first), min(ends, last), sums[begins],
            Waits(answered[begins], sums[begins].unanswered),
        )
        for begins, ends in _calendar(first, last, by_weeks=by_weeks)
    )  # fmt: skip


def _sums(session: Session, first: date, last: date, *, by_weeks: bool) -> defaultdict[date, Sums]:
    when = _when(TallyArea.day, by_weeks=by_weeks)
    rows = session.execute(
        select(
            when, *(func.sum(each) for each in (TallyArea.messages, TallyArea.at_once, TallyArea.unanswered))
        )
        .where(TallyArea.day >= first, TallyArea.day <= last)
        .group_by(when)
    )
    found: defaultdict[date, Sums] = defaultdict(Sums)
    for written, *numbers in rows:
        begins = _begin(written, by_weeks=by_weeks)
        found[begins] = added((found[begins], Sums(*map(int, numbers))))
    return found


def delays(session: Session, first: date, last: date, *, by_weeks: bool) -> defaultdict[date, Counter[int]]:
    """Return how many first answers took how many seconds, by the first day of each week or month."""
    when = _when(TallyDelay.day, by_weeks=by_weeks)
    rows = session.execute(
        select(when, TallyDelay.seconds, func.sum(TallyDelay.messages))
        .where(TallyDelay.day >= first, TallyDelay.day <= last)
        .group_by(when, TallyDelay.seconds)
    )
    found: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for written, seconds, number in rows:
        found[_begin(written, by_weeks=by_weeks)][seconds] += int(number)
    return found


def _when(day: InstrumentedAttribute[date], *, by_weeks: bool) -> ColumnElement[str]:
    """Group by the day, or by the month as a date begins with it: 2026-11."""
    written = cast(day, String)
    return written if by_weeks else func.substr(written, 1, _MONTH_LETTERS)


def _begin(written: str, *, by_weeks: bool) -> date:
    if not by_weeks:
        return date.fromisoformat(f"{written}-01")
    day = date.fromisoformat(written)
    return day - day.weekday() * DAY


def _calendar(first: date, last: date, *, by_weeks: bool) -> Iterator[tuple[date, date]]:
    """Give the first and the last day of each week or month that has one of these days."""
    begins = first - first.weekday() * DAY if by_weeks else first.replace(day=1)
    while begins <= last:
        follows = begins + 7 * DAY if by_weeks else (begins + 31 * DAY).replace(day=1)
        yield begins, follows - DAY
        begins = follows


def _counted(
    session: Session,
    by: InstrumentedAttribute[str],
    at: InstrumentedAttribute[Any],
    start: datetime,
    end: datetime,
) -> Counter[str]:
    rows = session.execute(select(by, func.count()).where(at >= start, at < end).group_by(by))
    return Counter(dict(rows.all()))


def _number(
    session: Session, at: InstrumentedAttribute[datetime | None], start: datetime, end: datetime
) -> int:
    return session.scalar(select(func.count()).where(at >= start, at < end)) or 0
