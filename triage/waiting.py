"""How long reporters wait for people to decide: the real median of claims lately answered, or nothing."""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.tables import ClaimGroup

# Claims answered within this time, the newest so many; of fewer than the least, nothing is promised.
LATELY = timedelta(days=60)
MOST, LEAST = 100, 8


def usual_wait(session: Session) -> timedelta | None:
    """Return within what time half of the claims lately decided by people were answered.

    From a claim's first message to its first answer; each claim counts once, however many sent it. None where
    too few were answered to say.
    """
    rows = session.execute(
        select(ClaimGroup.first_seen, ClaimGroup.answered_at)
        .where(ClaimGroup.answered_at > now() - LATELY)
        .order_by(ClaimGroup.answered_at.desc())
        .limit(MOST)
    ).all()
    waits = [(answered - first).total_seconds() for first, answered in rows if answered is not None]
    return timedelta(seconds=median(waits)) if len(waits) >= LEAST else None
