"""All that the trends page shows at once, with a bounded number of statements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from triage.columns import now
from triage.config import Config
from triage.trends import figures
from triage.trends.calendar import day_of
from triage.trends.figures import Kind, Place, Sums, Waiting
from triage.trends.filters import Filter
from triage.trends.rising import RisingClaim, rising


@dataclass(frozen=True, slots=True)
class Figures:
    """What is added up for a filter.

    `hours` (UTC) only of a few days, `villages` only where a kecamatan is asked for.
    """

    asked: Filter
    total: Sums
    before: Sums
    days: tuple[tuple[date, Sums], ...]
    hours: tuple[tuple[datetime, Sums], ...]
    kinds: dict[Kind, list[tuple[str, Sums]]]
    districts: tuple[Place, ...]
    villages: tuple[Place, ...]
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures, of them those of today alone, and how things are just now, whatever was asked for."""

    figures: Figures
    today: Sums
    waiting: Waiting
    rising: tuple[RisingClaim, ...]


def added_up(session: Session, config: Config, asked: Filter) -> Figures:
    """Add up what was asked for."""
    cells = figures.by_day_and_district(session, asked)
    return Figures(
        asked=asked,
        total=figures.added(cells.values()),
        before=figures.sums(session, asked.before()),
        days=tuple(figures.days(cells, asked)),
        hours=tuple(figures.hours(session, config.wilayah, asked)),
        kinds=figures.kinds(session, asked),
        districts=tuple(figures.places(session, config.wilayah, cells, asked)),
        villages=tuple(figures.by_village(session, config.wilayah, asked)) if asked.district else (),
        counted_at=figures.counted_at(session),
    )


def overview(session: Session, config: Config, asked: Filter) -> Overview:
    """Return all of it."""
    today = day_of(config.wilayah, now())
    return Overview(
        figures=added_up(session, config, asked),
        today=figures.sums(session, replace(asked, first=today, last=today)),
        waiting=figures.waiting(session),
        rising=tuple(rising(session)),
    )
