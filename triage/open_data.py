"""Open data: our fact-checks, and how many messages came of what from where, without anything of a person.

Of a week, the number of a kecamatan and a kind of harm is held back where fewer than three messages came, and
rounded to fives where more did: so it cannot be told from two files, nor from what others know of a total,
how many one more or less was. A week that is not over is left out: from day to day its numbers would tell
when a single message came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from triage import tables
from triage.archive import entries
from triage.columns import now
from triage.publication.notices import retracted_before_readers
from triage.regions import districts
from triage.tables import FactCheck, FactCheckVersion, TallyArea
from triage.trends.calendar import DAY, day_of
from triage.trends.figures import Sums, added
from triage.verdicts import publishable

LEAST, STEP = 3, 5
MOST_FACTS = 10_000
_WEEKS = timedelta(weeks=260)


class Cell(NamedTuple):
    """One week's messages of one kind of harm from one kecamatan (its code, '' unknown)."""

    week: date
    district: str
    harm: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A row of the weeks; `sums` are rounded, None where held back; `name` of the kecamatan, '' unknown."""

    cell: Cell
    name: str
    sums: Sums | None


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact-check of our own. Of what was retracted its title, claim and verdict are ''."""

    id: int
    version: int
    title: str
    claim: str
    verdict: str
    language: str
    publisher: str
    checked_on: date | None
    published_at: datetime
    changed_at: datetime
    corrections: int
    corrected_at: datetime | None
    retracted_at: datetime | None


def weeks(session: Session, region: str) -> tuple[WeekRow, ...]:
    """Return the weeks (named by their Monday) that are over, the newest 260, in one statement."""
    today = day_of(region, now())
    monday = today - today.weekday() * DAY
    cell = (TallyArea.day, TallyArea.district, TallyArea.harm)
    sums = (func.sum(each) for each in (TallyArea.messages, TallyArea.at_once, TallyArea.unanswered))
    rows = session.execute(
        select(*cell, *sums).where(TallyArea.day >= monday - _WEEKS, TallyArea.day < monday).group_by(*cell)
    )
    found: defaultdict[Cell, Sums] = defaultdict(Sums)
    for day, district, harm, *numbers in rows:
        key = Cell(day - day.weekday() * DAY, district, harm)
        found[key] = added((found[key], Sums(*map(int, numbers))))
    names = districts(region)
    return tuple(
        WeekRow(key, names.get(key.district, ""), _shown(sums)) for key, sums in sorted(found.items())
    )


def _shown(sums: Sums) -> Sums | None:
    if sums.messages < LEAST:
        return None
    return Sums(*((number + STEP // 2) // STEP * STEP for number in sums))


def facts(session: Session) -> tuple[FactRow, ...]:
    """Return what we have published, lately changed first, at most 10,000, in two statements."""
    rows = session.execute(
        entries.statement()
        .where(
            FactCheck.origin == "own",
            or_(FactCheck.searchable.is_(True), FactCheck.retracted_at.is_not(None)),
            or_(FactCheckVersion.verdict.in_(publishable()), retracted_before_readers()),
        )
        .order_by(FactCheck.updated_at.desc(), FactCheck.id.desc())
        .limit(MOST_FACTS)
    )
    corrected = {
        number: (times, last)
        for number, times, last in session.execute(
            select(tables.Notice.fact_check_id, func.count(), func.max(tables.Notice.created_at))
            .where(tables.Notice.kind == "corrected")
            .group_by(tables.Notice.fact_check_id)
        )
    }
    return tuple(
        _fact_row(row.FactCheck, row.FactCheckVersion, *corrected.get(row.FactCheck.id, (0, None)))
        for row in rows
    )


def _fact_row(
    fact_check: FactCheck, version: FactCheckVersion, corrections: int, corrected_at: datetime | None
) -> FactRow:
    stands = fact_check.retracted_at is None
    return FactRow(
        id=fact_check.id,
        version=fact_check.version,
        title=version.title if stands else "",
        claim=version.claim if stands else "",
        verdict=version.verdict if stands else "",
        language=version.language,
        publisher=version.publisher,
        checked_on=version.checked_on,
        published_at=fact_check.created_at,
        changed_at=fact_check.updated_at,
        corrections=corrections,
        corrected_at=corrected_at,
        retracted_at=fact_check.retracted_at,
    )
