"""What people said of a group's suggestions changes how sure one may be of the rest, and so its urgency."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import urgency
from triage.columns import now
from triage.tables import ClaimGroup, SuggestedMatch


def doubt_what_remains(session: Session, group: ClaimGroup) -> None:
    """Measure the group's doubt by the best suggestion that nobody has judged."""
    remaining = session.scalar(
        select(SuggestedMatch.probability)
        .where(SuggestedMatch.group_id == group.id, SuggestedMatch.state == "suggested")
        .order_by(SuggestedMatch.rank)
        .limit(1)
    )
    group.doubt = 1.0 - (remaining or 0.0)
    urgency.update(group, now())
