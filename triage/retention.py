"""Retention: what a message said, and who sent it, is not kept longer than it is of use.

Some time after its last answer a message is emptied as if its sender had erased it. What stays: that it came,
when, and its answer, which its receipt still shows; and in numbers how many sent the claim, and from which
villages. What waits for a person is never emptied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, literal_column, select
from sqlalchemy.orm import Session

from models.fingerprint import fingerprint
from triage import erasure, events, grouping, sightings
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.states import move
from triage.tables import Answer, ClaimGroup, Submission

# Messages per write transaction: intake must not wait long.
CHUNK = 50
# Of one call: there is other upkeep, and the next comes in half a minute.
MOST = 1_000
# Spelled out: of a value that is bound, neither store can tell that the index of these holds it.
_ANSWERED: ColumnElement[str] = literal_column("'answered'")


def expire(store: Store, config: Config) -> int:
    """Empty messages whose newest answer is older than the retention; return how many.

    Each chunk is a transaction of its own, so whatever stops it, it goes on where it was.
    """
    before, done = now() - config.retention, 0
    while done < MOST:
        with store.read() as session:
            if session.scalar(_closed(before).limit(1)) is None:
                return done
        with store.write() as session:
            done += _empty(session, session.scalars(_closed(before).limit(CHUNK)).all())
    return done


def _closed(before: datetime) -> Select[Submission]:
    later = exists().where(Answer.submission_id == Submission.id, Answer.created_at >= before)
    return (
        select(Submission)
        .where(Submission.state == _ANSWERED, Submission.created_at < before, ~later)
        .order_by(Submission.created_at)
    )


def _empty(session: Session, messages: Iterable[Submission]) -> int:
    digests: defaultdict[int, set[str]] = defaultdict(set)
    done = 0
    for message in messages:
        group = session.get(ClaimGroup, message.group_id) if message.group_id else None
        if group is not None:
            digests[group.id].add(fingerprint(message.text, message.url).digest)
            _leave_numbers(session, group, message)
        move(session, message, "expire", events.SYSTEM)
        erasure.empty(session, message)
        session.flush()
        if group is not None:
            grouping.stand_for(session, group)
        done += 1
    for group_id, gone in digests.items():
        erasure.forget_wordings(session, group_id, gone)
    return done


def _leave_numbers(session: Session, group: ClaimGroup, message: Submission) -> None:
    """Forget in its group what the message said and who sent it; how many sent it stays."""
    if group.representative_id == message.id and erasure.sent_by_another(session, message) is None:
        erasure.forget_reasons(session, group)
    sightings.forget_sender(session, group, message)
