"""How urgent a waiting group is: the library's formula over the group's counters."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from models import priority
from models.types import HARMS, Harm
from triage.columns import now
from triage.db import Store
from triage.tables import ClaimGroup

WAITING = ("queued", "leased")
# One write transaction each: keeps intake moving while a long queue is re-ranked.
CHUNK = 200


def update(group: ClaimGroup, moment: datetime) -> None:
    """Recompute the group's urgency and its reasons, as of `moment`."""
    age_hours = max(0.0, (moment - group.first_seen).total_seconds() / 3600)
    score, reasons = priority.urgency(
        harm=_harm(group.harm),
        reporters=group.reporters,
        villages=group.villages,
        growth_per_hour=group.submissions / max(age_hours, 1.0),
        doubt=group.doubt,
        age_hours=age_hours,
    )
    group.urgency = score
    group.urgency_reasons = [asdict(reason) for reason in reasons]


def refresh(store: Store) -> None:
    """Re-rank every waiting group, as age changes urgency without any new message."""
    last = 0
    while True:
        with store.write() as session:
            groups = session.scalars(
                select(ClaimGroup)
                .where(ClaimGroup.state.in_(WAITING), ClaimGroup.id > last)
                .order_by(ClaimGroup.id)
                .limit(CHUNK)
            ).all()
            for group in groups:
                update(group, now())
        if len(groups) < CHUNK:
            return
        last = groups[-1].id


def _harm(stored: str) -> Harm:
    return next(harm for harm in HARMS if harm == stored)
