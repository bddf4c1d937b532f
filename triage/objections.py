"""A reporter says that an answer is about something else: a person looks at that one message."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import events, grouping, receipt_view, urgency
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.states import move
from triage.tables import Answer, ClaimGroup, Submission, SuggestedMatch


def object_to(store: Store, config: Config, receipt: str) -> None:
    """Take a message out of its group and queue it by itself; what its sender was told no longer holds.

    Everybody else's answer stands. A message is taken out once: a second time, or where nothing was answered,
    nothing happens. Raises `NotFound`.
    """
    with store.write() as session:
        submission = receipt_view.submission_of(session, config, receipt)
        if submission.state != "answered" or submission.objected_at is not None or not submission.group_id:
            return
        before = session.get_one(ClaimGroup, submission.group_id)
        submission.objected_at = now()
        session.execute(
            update(Answer)
            .where(Answer.submission_id == submission.id, Answer.withdrawn_at.is_(None))
            .values(withdrawn_at=now())
        )
        grouping.leave(session, before, submission)
        group = _by_itself(session, submission, before)
        move(session, submission, "reopen", events.REPORTER, {"from": before.id, "group": group.id})
        events.of_group(session, events.REPORTER, before.id, "object", {"to": group.id})
        events.of_group(session, events.REPORTER, group.id, "object", {"from": before.id})
        move(session, group, "queue", events.SYSTEM, {"band": group.band})


def _by_itself(session: Session, submission: Submission, before: ClaimGroup) -> ClaimGroup:
    """Make a group of one message, with the suggestions that the group before had, for a person to judge."""
    # Matching was sure once and its reporter says that it was wrong: all is open.
    group = grouping.begin(
        session,
        submission,
        band="review",
        harm=before.harm,
        doubt=1.0,
        model_version=before.model_version,
    )
    grouping.join(session, group, submission)
    # It waits for a person from now on.
    group.first_seen = group.last_seen = now()
    suggested = session.scalars(select(SuggestedMatch).where(SuggestedMatch.group_id == before.id)).all()
    session.add_all(
        SuggestedMatch(
            group_id=group.id,
            fact_check_id=match.fact_check_id,
            rank=match.rank,
            probability=match.probability,
            likely=match.likely,
            reasons=match.reasons,
            features=match.features,
            feature_set=match.feature_set,
            model_version=match.model_version,
            state="suggested",
            created_at=now(),
        )
        for match in suggested
    )
    urgency.update(group, now())
    return group
