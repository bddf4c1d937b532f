"""What reporters added to their messages, for whoever checks them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.tables import Submission, SubmissionNote

# Of a message that very many sent, the newest so many are shown.
MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Note:
    """One reporter's addition: where they saw the message (`triage.intake.SEEN`, or '') and their remark."""

    sent_at: datetime
    seen: str
    remark: str


def of_group(session: Session, group_id: int) -> tuple[Note, ...]:
    """Return what was added to the messages of a group, newest first, at most `MAX_SHOWN`."""
    rows = session.execute(
        select(Submission.created_at, SubmissionNote.seen, SubmissionNote.remark)
        .join(SubmissionNote, SubmissionNote.submission_id == Submission.id)
        .where(Submission.group_id == group_id)
        .order_by(Submission.id.desc())
        .limit(MAX_SHOWN)
    )
    return tuple(Note(*row) for row in rows)
