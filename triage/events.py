"""The append-only, hash-chained event log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from typing import cast as as_

from sqlalchemy import JSON, LargeBinary, String, Table, Text, and_, cast, insert, or_, select
from sqlalchemy.orm import Session

from triage import tampering
from triage.columns import now
from triage.tables import Event, Submission
from triage.tampering import Broken, Link

GENESIS = "0" * 64
# Under this name a write transaction keeps where the chain ends once it has asked.
_HEAD = "event_head"
# And under this one, the events that it will add together.
_WAITING = "events_waiting"
_TABLE = as_("Table", Event.__table__)
# Past the unit of work, which takes longer than all the rest: several events come with each message.
_ADD = insert(_TABLE)
_COLUMNS = [column.key for column in _TABLE.columns]
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
    row = {column: getattr(event, column) for column in _COLUMNS}
    waiting = session.info.get(_WAITING)
    if waiting is None:
        session.execute(_ADD, row)
    else:
        waiting.append(row)
    session.info[_HEAD] = Head(event.seq, event.hash)


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Add the events of many steps at the end, at once; within it none of them is there to be read."""
    waiting = session.info[_WAITING] = []
    try:
        yield
    finally:
        del session.info[_WAITING]
    if waiting:
        session.execute(_ADD, waiting)


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
    return tampering.hash_of(tampering.canonical(_values(event)))


def first_break(session: Session) -> Broken | None:
    """Walk the whole chain; return the first event that does not fit and what is wrong, None if all fit.

    Events cut off at the end leave a whole chain: see `same_as_before`.
    """
    before, waiting = Link(0, (), "", GENESIS), None
    for link in _links(session):
        if waiting is not None:
            return tampering.explain(before, waiting, link)
        if link.seq == before.seq + 1 and link.fits and link.previous == before.hash:
            before = link
        else:
            # What comes after it tells what was changed.
            waiting = link
    return tampering.explain(before, waiting, None) if waiting is not None else None


def same_as_before(session: Session, earlier: Head) -> str:
    """Say what happened to the events of an earlier print, of which the newest is given; '' if all are there.

    Only whoever kept a print elsewhere can tell that the newest events were cut off, or all made anew.
    """
    newest = head(session)
    if newest.seq < earlier.seq:
        return f"events {newest.seq + 1} to {earlier.seq} are missing at the end"
    if earlier.seq and session.scalar(select(Event.hash).where(Event.seq == earlier.seq)) != earlier.hash:
        return f"event {earlier.seq} is not the one of the earlier print: the log was made anew up to there"
    return ""


def newest_fits(session: Session) -> bool:
    """Tell whether the newest event is as it was written and follows the one before; of none, True."""
    links = list(_links(session, after=head(session).seq - 2))
    before = links[0].hash if len(links) > 1 else GENESIS
    return not links or (links[-1].fits and links[-1].previous == before)


def _links(session: Session, after: int | None = None) -> Iterator[Link]:
    # As they lie there: a changed byte can make a time, data or a letter unreadable.
    sqlite = session.get_bind().dialect.name == "sqlite"
    columns = [
        cast(column, LargeBinary if sqlite else Text).label(column.name)
        if isinstance(column.type, String | JSON) or (sqlite and column.name == "at")
        else column
        for column in Event.__table__.columns
    ]
    query = select(*columns).order_by(Event.seq).execution_options(yield_per=1000)
    if after is not None:
        query = query.where(Event.seq > after)
    for row in session.execute(query).mappings():
        stored = {name: _text(value) for name, value in row.items()}
        fields = tampering.canonical(_stored(stored))
        yield Link(stored["seq"], fields, stored["previous"], stored["hash"])


def _text(value: Any) -> Any:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _stored(row: dict[str, Any]) -> tuple[Any, ...]:
    at, data = row["at"], row["data"]
    if isinstance(at, str):
        with suppress(ValueError):
            # SQLite keeps no offset: all is UTC.
            at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    with suppress(ValueError):
        data = json.loads(data)
    instant = _instant(at) if isinstance(at, datetime) else at
    return (
        row["seq"], instant, row["actor"], row["subject"], row["subject_id"], row["name"], row["from_state"],
        row["to_state"], data, row["previous"],
    )  # fmt: skip


def _values(event: Event) -> tuple[Any, ...]:
    return (
        event.seq, _instant(event.at), event.actor, event.subject, event.subject_id, event.name,
        event.from_state, event.to_state, event.data, event.previous,
    )  # fmt: skip


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
