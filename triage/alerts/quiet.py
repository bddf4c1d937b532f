"""When somebody is not to be disturbed, by the clock of the region."""

from __future__ import annotations

from datetime import datetime, timedelta

from triage.regions import local_time

_DAY = timedelta(days=1)


def left(region: str, quiet_from: int, quiet_to: int, moment: datetime) -> timedelta:
    """Return how long it is still quiet, zero where it is not; over midnight where `quiet_to` is earlier.

    Nothing is quiet where both hours are the same.
    """
    local = moment.astimezone(local_time(region).zone)
    if quiet_from <= quiet_to:
        quiet = quiet_from <= local.hour < quiet_to
    else:
        quiet = local.hour >= quiet_from or local.hour < quiet_to
    if not quiet:
        return timedelta()
    end = local.replace(hour=quiet_to, minute=0, second=0, microsecond=0)
    return (end if end > local else end + _DAY) - local
