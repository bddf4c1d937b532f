"""How a claim spread: from which villages it came, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from triage.regions import village_name
from triage.tables import ClaimGroup, Sighting, Submission

MAX_VILLAGES = 12
_COLUMNS = 24
# A column stands for one of these: the shortest with which all messages fit.
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 72, 168, 720, 8760, 87600))


@dataclass(frozen=True, slots=True)
class Spread:
    """`counts`: messages in each span of `step` from `start` on. `villages`: name and messages, most first;
    `other_villages` counts those that are not listed.
    """

    start: datetime
    step: timedelta
    counts: tuple[int, ...]
    villages: tuple[tuple[str, int], ...]
    other_villages: int

    @property
    def busiest(self) -> tuple[datetime, int]:
        """Return when most came, and how many these were."""
        most = max(self.counts)
        return self.start + self.counts.index(most) * self.step, most


def spread(session: Session, group: ClaimGroup) -> Spread:
    """Return how a group's claim spread, with two queries however many sent it."""
    start, step, columns = _scale(group)
    counts = [
        func.count(case((and_(Submission.created_at >= begin, Submission.created_at < begin + step), 1)))
        for begin in (start + number * step for number in range(columns))
    ]
    row: Sequence[int] = session.execute(select(*counts).where(Submission.group_id == group.id)).one()
    villages = session.execute(
        select(Sighting.village, func.sum(Sighting.times).label("times"))
        .where(Sighting.group_id == group.id, Sighting.village != "")
        .group_by(Sighting.village)
        .order_by(func.sum(Sighting.times).desc(), Sighting.village)
        .limit(MAX_VILLAGES)
    ).all()
    return Spread(
        start=start,
        step=step,
        counts=tuple(row),
        villages=tuple((village_name(village), times) for village, times in villages),
        other_villages=max(0, group.villages - len(villages)),
    )


def _scale(group: ClaimGroup) -> tuple[datetime, timedelta, int]:
    start = group.first_seen.replace(minute=0, second=0, microsecond=0)
    span = group.last_seen - start
    step = next((step for step in _STEPS if span < step * _COLUMNS), _STEPS[-1])
    return start, step, span // step + 1
