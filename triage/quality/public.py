"""What everybody may know of our work: how much came, how fast it was answered, how often we were wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.quality.delays import Waits
from triage.quality.error_rate import Audited, audited
from triage.quality.figures import Stretch, notices, stretches
from triage.tables import FactCheck, TallyArea, TallyCursor
from triage.trends.calendar import day_of, span_of
from triage.trends.figures import Sums, added

# Of a month with fewer messages nothing is told but that, and no sum holds them: whoever takes the other
# months from the sum would know them. Of fewer that waited it is not told how long: somebody waited so long.
LEAST_MESSAGES = 3


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """All since the day `first` that something came; it and `counted_at` are None before.

    `months`: also those with too few messages (`few`), which `sums` and `waits` leave out. `published`:
    fact-checks of our own, those retracted since among them.
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
        """All messages that may be told of."""
        return added(month.sums for month in self._told)

    @property
    def waits(self) -> Waits:
        """How long they waited."""
        return sum((month.waits for month in self._told), Waits())

    @property
    def leaves_out(self) -> bool:
        """Whether there are months that the sums leave out."""
        return any(few(month) for month in self.months)

    @property
    def _told(self) -> list[Stretch]:
        return [month for month in self.months if not few(month)]


def few(month: Stretch) -> bool:
    """Tell whether so few messages came in a month that nothing is told of them."""
    return 0 < month.sums.messages < LEAST_MESSAGES


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
