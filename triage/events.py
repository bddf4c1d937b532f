"""The append-only, hash-chained event log."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.tables import Event, Submission

GENESIS = "0" * 64
SYSTEM = "system"
REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event. Whoever wrote both down can tell later whether that event is still in the chain."""

    seq: int
    hash: str


def append(
    session: Session,
    *,
    actor: str,
    subject: str,
    subject_id: int,
    name: str,
    from_state: str = "",
    to_state: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Add one event to the chain, inside the caller's write transaction.

    `data` is JSON with string keys and must not hold a reporter's text or identity: events outlive erasure.
    """
    # One writer at a time (triage.db), so the newest row cannot change under us.
    newest = head(session)
    event = Event(
        seq=newest.seq + 1,
        at=now(),
        actor=actor,
        subject=subject,
        subject_id=subject_id,
        name=name,
        from_state=from_state,
        to_state=to_state,
        data=data or {},
        previous=newest.hash,
    )
    event.hash = digest(event)
    session.add(event)
    session.flush()


def of_group(session: Session, actor: str, group_id: int, name: str, data: dict[str, Any]) -> None:
    """Add an event of a claim group that leaves its state as it is."""
    append(session, actor=actor, subject="group", subject_id=group_id, name=name, data=data)


def head(session: Session) -> Head:
    """Return where the chain ends; of an unbroken one, that is also how many events it has."""
    newest = session.execute(select(Event.seq, Event.hash).order_by(Event.seq.desc()).limit(1)).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


def trail(session: Session, submission: Submission) -> list[Event]:
    """Return everything that happened to a submission, and to the group that it came to, in order."""
    its_own = and_(Event.subject == "submission", Event.subject_id == submission.id)
    of_group = and_(Event.subject == "group", Event.subject_id == submission.group_id)
    wanted = its_own if submission.group_id is None else or_(its_own, of_group)
    return list(session.scalars(select(Event).where(wanted).order_by(Event.seq)))


def digest(event: Event) -> str:
    """Hash every field of an event together with the hash of the event before it (SHA-256, hex)."""
    fields = [
        event.seq, _instant(event.at), event.actor, event.subject, event.subject_id, event.name,
        event.from_state, event.to_state, event.data, event.previous,
    ]  # fmt: skip
    canonical = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_break(session: Session) -> int | None:
    """Walk the whole chain; return the `seq` of the first event that does not fit, or None if all do."""
    previous, expected = GENESIS, 1
    for event in session.scalars(select(Event).order_by(Event.seq).execution_options(yield_per=1000)):
        if event.seq != expected or event.previous != previous or event.hash != digest(event):
            return expected
        previous, expected = event.hash, expected + 1
    return None


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
