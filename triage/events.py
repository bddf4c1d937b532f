"""The append-only, hash-chained event log."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.tables import Event

GENESIS = "0" * 64
# Under this name a write transaction keeps where the chain ends once it has asked.
_HEAD = "event_head"
_TABLE = cast("Table", Event.__table__)
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
    newest = session.info.get(_HEAD) or head(session)
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
    # Past the unit of work, which takes longer than all the rest: several events come with each message.
    session.execute(insert(_TABLE), {column.key: getattr(event, column.key) for column in _TABLE.columns})
    session.info[_HEAD] = Head(event.seq, event.hash)


def of_group(session: Session, actor: str, group_id: int, name: str, data: dict[str, Any]) -> None:
    """Add an event of a claim group that leaves its state as it is."""
    append(session, actor=actor, subject="group", subject_id=group_id, name=name, data=data)


def head(session: Session) -> Head:
    """Return where the chain ends; of an unbroken one, that is also how many events it has."""
    newest = session.execute(select(Event.seq, Event.hash).order_by(Event.seq.desc()).limit(1)).first()
    return Head(newest.seq, newest.hash) if newest else Head(0, GENESIS)


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
