"""What everybody may know of our work: how much came, how fast it was answered, how often we were wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.quality.delays import Waits
from triage.quality.error_rate import Audited, audited
from triage.quality.figures import Stretch, added, notices, stretches
from triage.tables import FactCheck, TallyArea, TallyCursor
from triage.trends.calendar import day_of, span_of
from triage.trends.figures import Sums

# Of a month with fewer messages nothing is told but that: how long they waited is how long somebody waited.
LEAST_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """All since the day `first` that something came; it and `counted_at` are None before.

    `published`: fact-checks of our own, those retracted since among them.
    """

    first: date | None
    counted_at: datetime | None
    months: tuple[Stretch, ...]
    published: int
    corrected: int
    retracted: int
    audited: Audited

    @property
    def sums(self) -> Sums:
        """All messages."""
        return added(self.months)

    @property
    def waits(self) -> Waits:
        """How long they waited."""
        return sum((month.waits for month in self.months), Waits())


def public_figures(session: Session, region: str) -> PublicFigures:
    """Return the figures as the tallies have them; seven statements at most."""
    today = day_of(region, now())
    first = session.scalar(select(func.min(TallyArea.day)))
    start, end = span_of(region, first or today).start, span_of(region, today).end
    told = notices(session, start, end)
    published = select(func.count()).where(
        FactCheck.origin == "own", or_(FactCheck.searchable.is_(True), FactCheck.retracted_at.is_not(None))
    )
    return PublicFigures(
        first=first,
        counted_at=session.scalar(select(TallyCursor.counted_at)),
        months=stretches(session, first, today, by_weeks=False) if first else (),
        published=session.scalar(published) or 0,
        corrected=told["corrected"],
        retracted=told["retracted"],
        audited=audited(session, start, end),
    )
