"""Weeks from Monday to Sunday, numbered as ISO 8601 does, by the clock of the region."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.errors import NotFound
from triage.publication.notices import readable
from triage.regions import local_time
from triage.tables import FactCheck, FactCheckVersion, Notice

_NAME = re.compile(r"(20\d\d)-W(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week by its number in a year."""

    year: int
    number: int

    @property
    def name(self) -> str:
        """Name it as addresses do: 2026-W48."""
        return f"{self.year}-W{self.number:02d}"

    @property
    def first(self) -> date:
        """Return its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Return its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def days(self) -> str:
        """Say in Indonesian from when to when it goes: 23 sampai 29 November 2026."""
        first, last = self.first, self.last
        begun = "d" if first.month == last.month else "d MMMM" if first.year == last.year else "d MMMM y"
        return f"{format_date(first, begun, locale='id')} sampai {format_date(last, 'd MMMM y', locale='id')}"

    @property
    def before(self) -> Week:
        """Return the week before."""
        return _week_of(self.first - timedelta(days=7))

    @property
    def after(self) -> Week:
        """Return the week after."""
        return _week_of(self.first + timedelta(days=7))

    def span(self, region: str) -> tuple[datetime, datetime]:
        """Return when it begins and when the next one does, UTC."""
        zone = local_time(region).zone
        first, after = (
            datetime.combine(day, time(), zone) for day in (self.first, self.last + timedelta(days=1))
        )
        return first.astimezone(UTC), after.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    """A week with how many fact-checks were published and how many notices given."""

    week: Week
    published: int
    notices: int


@dataclass(frozen=True, slots=True)
class Year:
    """The weeks of one year that have something, newest first; the years before and after that may, too."""

    number: int
    weeks: tuple[Counted, ...]
    earlier: int | None
    later: int | None


def week_named(name: str, region: str) -> Week:
    """Return the week of a name. Raises `NotFound` where it is none, or has not begun."""
    found = _NAME.fullmatch(name)
    try:
        week = Week(int(found[1]), int(found[2])) if found else None
        begun = week is not None and week.first <= _today(region)
    except ValueError:  # a year without a week 53
        begun = False
    if week is None or not begun:
        raise NotFound("There is no bulletin of this week.")
    return week


def year(session: Session, region: str, wanted: int | None = None) -> Year:
    """Return the weeks of a year that have something, of the present one where none is named.

    Four queries, which find what came in that year by indexes.
    """
    present = _today(region).isocalendar().year
    number = min(max(wanted or present, 2000), present)
    begins = Week(number, 1).span(region)[0]
    ends = Week(number + 1, 1).span(region)[0]
    own = select(FactCheck.created_at).where(FactCheck.origin == "own")
    published = session.scalars(
        own.where(FactCheck.searchable.is_(True), FactCheck.created_at >= begins, FactCheck.created_at < ends)
    )
    again = session.scalars(
        came_again(begins, ends)
        .join(FactCheck, FactCheck.id == Notice.fact_check_id)
        .where(FactCheck.searchable.is_(True))
    )
    noticed = session.scalars(
        select(Notice.created_at)
        .join(FactCheck, FactCheck.id == Notice.fact_check_id)
        .where(Notice.created_at >= begins, Notice.created_at < ends, readable())
        # Of what fell since, a correction is told no more.
        .where(or_(Notice.kind == "retracted", FactCheck.searchable.is_(True)))
    )
    checks, notices = (
        Counter(_week(at, region) for at in found) for found in ((*published, *again), noticed)
    )
    before = session.scalar(own.where(FactCheck.created_at < begins).limit(1))
    weeks = sorted({*checks, *notices}, reverse=True)
    return Year(
        number,
        tuple(Counted(week, checks[week], notices[week]) for week in weeks),
        number - 1 if before is not None else None,
        number + 1 if number < present else None,
    )


def came_again(begins: datetime, ends: datetime) -> Select[datetime]:
    """Select when what had been retracted was published anew, within a time (UTC)."""
    return (
        select(FactCheckVersion.created_at)
        .join(
            Notice,
            (Notice.fact_check_id == FactCheckVersion.fact_check_id)
            & (Notice.version == FactCheckVersion.number - 1),
        )
        .where(Notice.kind == "retracted", Notice.created_at < ends)
        .where(FactCheckVersion.created_at >= begins, FactCheckVersion.created_at < ends)
    )


def this_week(region: str) -> Week:
    """Return the week that today lies in."""
    return _week_of(_today(region))


def _week(at: datetime, region: str) -> Week:
    return _week_of(at.astimezone(local_time(region).zone).date())


def _week_of(day: date) -> Week:
    told = day.isocalendar()
    return Week(told.year, told.week)


def _today(region: str) -> date:
    return now().astimezone(local_time(region).zone).date()
