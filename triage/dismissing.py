"""Dismissing a dead letter: a person says, with a reason, that nothing is to be tried any more.

Nobody is left in silence by it. A message that could not be matched goes to people as it is, and its sender
waits for their answer as for any other; what people wait for is put back or decided anew, never dismissed.
"""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.text import clean
from triage import events, grouping, urgency
from triage.columns import now
from triage.db import Store
from triage.errors import DismissalRefused, NotFound
from triage.events import SYSTEM
from triage.masking import masked
from triage.permissions import Actor, require
from triage.states import ANSWERABLE, move
from triage.tables import ClaimGroup, Decision, Outbox, Submission

MAX_REASON = 500
# In place of a model's name, where none has read the message.
UNREAD = "unread"


def dismiss(store: Store, outbox_id: int, actor: Actor, reason: str) -> int | None:
    """Give up on a parked item, for a reason that the event log keeps; it must quote nobody.

    Returns the number of the group in which people find a message that could not be matched, None for other
    work. Raises `NotFound` if it is not parked (any more), `DismissalRefused` without a reason and where
    somebody waits for the work, `Forbidden` if the actor may not.
    """
    require(actor, "parked.manage")
    reason = masked(clean(reason).strip())
    if not reason or len(reason) > MAX_REASON:
        raise DismissalRefused(f"Say why, in at most {MAX_REASON} characters.", "reason")
    with store.write() as session:
        row = session.get(Outbox, outbox_id)
        if row is None or row.parked_at is None:
            raise NotFound("There is no parked item with this number.")
        submission = session.get(Submission, row.ref) if row.task == "assess" else None
        group = None
        if submission is not None and submission.state == "parked":
            group = _hand_on(session, submission, actor, reason)
        elif _awaited(session, row):
            raise DismissalRefused(
                "People wait for this: put it back to work, or withdraw the decision first.", "awaited"
            )
        else:
            data = {"task": row.task, "ref": row.ref, "reason": reason}
            events.append(
                session, actor=actor.label, subject="outbox", subject_id=row.id, name="dismiss", data=data
            )
        session.delete(row)
        return group


def _hand_on(session: Session, submission: Submission, actor: Actor, reason: str) -> int:
    """Give a message to people by itself: whatever could not read it is not asked again."""
    group = grouping.begin(session, submission, band="new", harm="other", doubt=1.0, model_version=UNREAD)
    grouping.join(session, group, submission)
    move(session, submission, "hand_on", actor, {"group": group.id, "reason": reason})
    urgency.update(group, now())
    move(session, group, "queue", SYSTEM, {"band": group.band})
    return group.id


def _awaited(session: Session, row: Outbox) -> bool:
    if row.task == "publish":
        approved = (ClaimGroup.state == "approved", Decision.state == "approved", Decision.id == row.ref)
        of_group = Decision.group_id == ClaimGroup.id
        return bool(session.scalar(select(exists().where(of_group, *approved))))
    if row.task != "answer":
        return False
    group = session.get_one(ClaimGroup, row.ref)
    # Told what no longer holds, or not told yet.
    waits = "assessed" if group.fact_check_id is not None else "answered"
    own = exists().where(Submission.group_id == group.id, Submission.state == waits)
    decided = group.state in ("assessed", "approved", *ANSWERABLE)
    return (decided or group.fact_check_id is None) and bool(session.scalar(select(own)))
