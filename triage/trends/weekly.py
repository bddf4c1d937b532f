"""What a week was like, for the report that the office forwards."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from triage import maps
from triage.bulletin import Issue, Week, issue
from triage.columns import now
from triage.config import Config
from triage.quality.delays import Waits
from triage.quality.figures import delays
from triage.review.queue import QueueItem
from triage.review.queue import items as queue_items
from triage.tables import ClaimGroup, Surge, TallyHour
from triage.trends.behind import behind
from triage.trends.by_time import TALLIED_GROUP, tallied
from triage.trends.calendar import day_of
from triage.trends.filters import Filter
from triage.trends.overview import Figures, added_up

MOST = 10


@dataclass(frozen=True, slots=True)
class WeekClaim:
    """A claim, how many messages of the week say it, and its strongest surge in the week if it had one."""

    item: QueueItem
    messages: int
    surge: Surge | None


@dataclass(frozen=True, slots=True)
class Weekly:
    """A week: its figures, how long first answers took, what rose and came most, what was published.

    `surges`: how many claims rose. `over`: the week has ended and can be compared with the one before.
    """

    week: Week
    over: bool
    figures: Figures
    waits: Waits
    claims: tuple[WeekClaim, ...]
    surges: int
    issue: Issue
    outline: maps.Plan


def weekly(session: Session, config: Config, week: Week) -> Weekly:
    """Return what a week was like that has begun, with a bounded number of statements."""
    region = config.wilayah
    today = day_of(region, now())
    asked = Filter(week.first, min(week.last, today), period=0)
    figures = added_up(session, config, asked)
    surges = _surges(session, region, week)
    answered = delays(session, week.first, week.last, by_weeks=True)[week.first]
    return Weekly(
        week=week,
        over=week.last < today,
        figures=figures,
        waits=Waits(answered, figures.total.unanswered),
        claims=_claims(session, region, asked, surges),
        surges=len(surges),
        issue=issue(session, region, week),
        outline=maps.plan(session, "districts", region),
    )


def _surges(session: Session, region: str, week: Week) -> dict[int, Surge]:
    """Return the strongest surge of each claim that was found to rise in the week, strongest first."""
    begins, ends = week.span(region)
    rows = session.scalars(
        select(Surge)
        .where(Surge.found_at >= begins, Surge.found_at < ends)
        .order_by(Surge.score.desc(), Surge.id)
    )
    found: dict[int, Surge] = {}
    for surge in rows:
        found.setdefault(surge.group_id, surge)
    return found


def _claims(session: Session, region: str, asked: Filter, surges: dict[int, Surge]) -> tuple[WeekClaim, ...]:
    """Return those that rose, then those that came most."""
    most = {item.group_id: (item, messages) for item, messages in behind(session, region, asked).claims}
    rose = list(surges)[:MOST]
    missing = [number for number in rose if number not in most]
    counts = {
        number: int(messages)
        for number, messages in session.execute(
            tallied(region, asked, TALLIED_GROUP, func.sum(TallyHour.messages))
            .where(TALLIED_GROUP.in_(missing))
            .group_by(TALLIED_GROUP)
        )
    }
    groups = session.scalars(select(ClaimGroup).where(ClaimGroup.id.in_(missing))).all()
    for item in queue_items(session, groups):
        most[item.group_id] = (item, counts.get(item.group_id, 0))
    numbers = list(dict.fromkeys([*rose, *most]))[:MOST]
    return tuple(WeekClaim(*most[number], surges.get(number)) for number in numbers)
