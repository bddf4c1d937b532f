"""Figures of the trends pages, added up from tallies: how much came and was answered, of what, from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from triage.columns import now
from triage.regions import districts, villages
from triage.tables import ClaimGroup, TallyArea, TallyCursor, TallyDay, TallyHour
from triage.trends.by_time import tallied
from triage.trends.calendar import DAY, hours_of
from triage.trends.filters import NO_VERDICT, Filter
from triage.trends.hiding import hidden_villages
from triage.urgency import LATE, WAITING

Kind = Literal["harm", "verdict", "channel"]
KINDS: tuple[Kind, ...] = ("harm", "verdict", "channel")
# Days up to which numbers are shown by the hour.
BY_HOURS = 3
_PER = 1000


class Sums(NamedTuple):
    """Numbers of messages."""

    messages: int = 0
    at_once: int = 0
    unanswered: int = 0

    @property
    def share_at_once(self) -> float | None:
        """The share that was answered at once, None of nothing."""
        return self.at_once / self.messages if self.messages else None

    @property
    def unanswered_per_1000(self) -> float | None:
        """How many of 1,000 messages wait for an answer, None of nothing."""
        return _PER * self.unanswered / self.messages if self.messages else None


Cells = Mapping[tuple[Any, ...], Sums]


@dataclass(frozen=True, slots=True)
class Place:
    """A kecamatan or village: its numbers, and how many messages of every kind came from it meanwhile.

    `sums` is None where too few people are behind the numbers to show them.
    """

    code: str
    name: str
    sums: Sums | None
    of_all: int

    @property
    def kind_per_1000(self) -> float | None:
        """How many of 1,000 messages from here are of the kind that was asked for."""
        return _PER * self.sums.messages / self.of_all if self.sums and self.of_all else None


class Waiting(NamedTuple):
    """Claims that wait for people just now; `oldest`: since when the first of them does."""

    claims: int
    late: int
    oldest: datetime | None


def sums(session: Session, asked: Filter) -> Sums:
    """Add up everything that was asked for."""
    return _sums(session.execute(select(*_numbers(TallyArea)).where(*_asked(asked))).one())


def by_day_and_district(session: Session, asked: Filter) -> Cells:
    """Add up each kecamatan (its code, '' unknown) of each day on which something came from it."""
    cell = (TallyArea.day, TallyArea.district)
    rows = session.execute(select(*cell, *_numbers(TallyArea)).where(*_asked(asked)).group_by(*cell))
    return {(day, code): _sums(numbers) for day, code, *numbers in rows}


def days(cells: Cells, asked: Filter) -> list[tuple[date, Sums]]:
    """Add up each day, also those on which nothing came."""
    found = _folded(cells, 0)
    every = (asked.first + number * DAY for number in range(asked.days))
    return [(day, found.get(day, Sums())) for day in every]


def hours(session: Session, region: str, asked: Filter) -> list[tuple[datetime, Sums]]:
    """Add up each hour that has begun (UTC), also those in which nothing came; none of more than 3 days."""
    if asked.days > BY_HOURS:
        return []
    rows = session.execute(
        tallied(region, asked, TallyHour.begins, *_numbers(TallyHour)).group_by(TallyHour.begins)
    )
    found = {begins: _sums(numbers) for begins, *numbers in rows}
    every = (
        span.start for number in range(asked.days) for span in hours_of(region, asked.first + number * DAY)
    )
    return [(begins, found.get(begins, Sums())) for begins in every if begins <= now()]


def places(session: Session, region: str, cells: Cells, asked: Filter) -> list[Place]:
    """Add up each kecamatan that was asked for, by code; last what came from nowhere known."""
    numbers = _folded(cells, 1)
    of_all = _by(session, TallyArea, TallyArea.district, asked.every_kind()) if asked.of_a_kind else numbers
    names = {**districts(region), "": ""}
    if asked.district:
        names = {asked.district: names[asked.district]}
    return [
        Place(code, name, numbers.get(code, Sums()), of_all.get(code, Sums()).messages)
        for code, name in names.items()
    ]


def kinds(session: Session, asked: Filter) -> dict[Kind, list[tuple[str, Sums]]]:
    """Add up each harm class, verdict and channel that something came of, most first."""
    cell = [getattr(TallyArea, kind) for kind in KINDS]
    rows = session.execute(select(*cell, *_numbers(TallyArea)).where(*_asked(asked)).group_by(*cell)).all()
    cells = {tuple(row[: len(KINDS)]): _sums(row[len(KINDS) :]) for row in rows}
    return {
        kind: sorted(_folded(cells, place).items(), key=lambda one: (-one[1].messages, one[0]))
        for place, kind in enumerate(KINDS)
    }


def by_village(session: Session, region: str, asked: Filter) -> list[Place]:
    """Add up each village of the kecamatan that was asked for, by name; `hiding` says what is not shown.

    Where none was asked for, those of all of them, by kecamatan: of every kind of messages only, since whose
    numbers of one kind are small is found by reading all that came from there.
    """
    inside = f"{asked.district or region}."
    within = [each for each in villages(region) if each.code.startswith(inside)]
    found = _by(session, TallyDay, TallyDay.village, asked)
    numbers = {each.code: found.get(each.code, Sums()) for each in within}
    every = _by(session, TallyDay, TallyDay.village, asked.every_kind()) if asked.of_a_kind else found
    of_all = {code: every.get(code, Sums()).messages for code in numbers}
    messages = {code: sums.messages for code, sums in numbers.items()}
    hidden = hidden_villages(session, region, asked, messages, of_all)
    return [
        Place(
            each.code, each.name, None if each.code in hidden else numbers[each.code],
            0 if each.code in hidden else of_all[each.code],
        )
        for each in within
    ]  # fmt: skip


def waiting(session: Session) -> Waiting:
    """Count what waits for people just now, whatever was asked for: it is work that is still to be done."""
    late = func.sum(case((ClaimGroup.first_seen < now() - LATE, 1), else_=0))
    row = session.execute(
        select(func.count(), late, func.min(ClaimGroup.first_seen)).where(ClaimGroup.state.in_(WAITING))
    ).one()
    return Waiting(row[0], row[1] or 0, row[2])


def counted_at(session: Session) -> datetime | None:
    """Return when the tallies were last brought up to date."""
    return session.scalar(select(TallyCursor.counted_at))


def added(numbers: Iterable[Sums]) -> Sums:
    """Add up numbers."""
    return Sums(*(sum(each) for each in zip(*numbers, strict=True)))


def _folded(cells: Cells, place: int) -> dict[Any, Sums]:
    """Add up the cells that have the same at one place of their keys."""
    found: dict[Any, list[Sums]] = {}
    for key, numbers in cells.items():
        found.setdefault(key[place], []).append(numbers)
    return {one: added(numbers) for one, numbers in found.items()}


def _by(
    session: Session,
    table: type[TallyArea | TallyDay],
    column: InstrumentedAttribute[str],
    asked: Filter,
) -> dict[str, Sums]:
    rows = session.execute(select(column, *_numbers(table)).where(*_asked(asked, table)).group_by(column))
    return {code: _sums(numbers) for code, *numbers in rows}


def _numbers(table: type[TallyArea | TallyDay | TallyHour]) -> tuple[ColumnElement[int], ...]:
    return (func.sum(table.messages), func.sum(table.at_once), func.sum(table.unanswered))


def _sums(numbers: Sequence[Any]) -> Sums:
    return Sums(*(int(number or 0) for number in numbers))


def _asked(asked: Filter, table: type[TallyArea | TallyDay] = TallyArea) -> list[ColumnElement[bool]]:
    found = [and_(table.day >= asked.first, table.day <= asked.last)]
    if asked.district:
        found.append(
            TallyArea.district == asked.district
            if table is TallyArea
            else and_(TallyDay.village > f"{asked.district}.", TallyDay.village < f"{asked.district}/")
        )
    if asked.harm:
        found.append(table.harm == asked.harm)
    if asked.channel:
        found.append(table.channel == asked.channel)
    if asked.verdict:
        found.append(table.verdict == ("" if asked.verdict == NO_VERDICT else asked.verdict))
    return found
