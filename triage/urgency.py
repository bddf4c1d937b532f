"""How urgent a waiting group is: the library's formula over the group's counters."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models import priority
from models.types import HARMS, Harm
from triage.columns import now
from triage.db import Store
from triage.tables import ClaimGroup

WAITING = ("queued", "leased")
# One write transaction each: keeps intake moving while a long queue is re-ranked.
CHUNK = 200
# From here on an item is called urgent: a disaster that a few people report, a fraud that many do.
URGENT = 0.4
# Whoever asked is promised an answer within a day.
LATE = timedelta(hours=24)
# Age moves every score a little all the time. Less than this changes no order that a person would notice.
NOTICEABLE = 0.001


def update(group: ClaimGroup, moment: datetime) -> None:
    """Recompute the group's urgency and its reasons, as of `moment`."""
    group.urgency, group.urgency_reasons = _judged(group, moment)


def refresh(store: Store) -> None:
    """Re-rank the waiting groups that age has moved noticeably, as no new message does it for them."""
    moved = _moved(store)
    for start in range(0, len(moved), CHUNK):
        with store.write() as session:
            groups = session.scalars(
                select(ClaimGroup).where(
                    ClaimGroup.id.in_(moved[start : start + CHUNK]), ClaimGroup.state.in_(WAITING)
                )
            )
            # Asked again: another refresh, or a new message, may have done it meanwhile.
            for group in groups:
                if _has_moved(group, now()):
                    update(group, now())


def _moved(store: Store) -> list[int]:
    """Find the groups to write, without keeping any writer waiting."""
    moment = now()
    with store.read() as session:
        waiting = session.scalars(
            select(ClaimGroup).where(ClaimGroup.state.in_(WAITING)).execution_options(yield_per=CHUNK)
        )
        return [group.id for group in waiting if _has_moved(group, moment)]


def _has_moved(group: ClaimGroup, moment: datetime) -> bool:
    score, reasons = _judged(group, moment)
    return abs(score - group.urgency) >= NOTICEABLE or reasons != group.urgency_reasons


def _judged(group: ClaimGroup, moment: datetime) -> tuple[float, list[dict[str, Any]]]:
    age_hours = max(0.0, (moment - group.first_seen).total_seconds() / 3600)
    score, reasons = priority.urgency(
        harm=_harm(group.harm),
        reporters=group.reporters,
        villages=group.villages,
        growth_per_hour=group.submissions / max(age_hours, 1.0),
        doubt=group.doubt,
        age_hours=age_hours,
    )
    return score, [asdict(reason) for reason in reasons]


def _harm(stored: str) -> Harm:
    return next(harm for harm in HARMS if harm == stored)
