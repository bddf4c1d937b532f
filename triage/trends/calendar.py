"""Days and hours as the region's people count them, and the instants that they begin and end at."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from triage.regions import local_time

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Span(NamedTuple):
    """From `start` until just before `end`, both UTC."""

    start: datetime
    end: datetime


def day_of(region: str, moment: datetime) -> date:
    """Return the day of the region's calendar that an instant lies in."""
    return moment.astimezone(local_time(region).zone).date()


def span_of(region: str, day: date) -> Span:
    """Return when a day of the region begins and ends. Indonesia changes no clocks: it has 24 hours."""
    start = datetime.combine(day, time(), local_time(region).zone).astimezone(UTC)
    return Span(start, start + DAY)


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of an instant began; Indonesia's hours begin when those of UTC do."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hours_of(region: str, day: date) -> tuple[Span, ...]:
    """Return the hours of a day."""
    start = span_of(region, day).start
    return tuple(Span(start + number * HOUR, start + (number + 1) * HOUR) for number in range(24))
