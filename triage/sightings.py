"""Sightings: who sent a claim from where, and how many they are; people only as keyed hashes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Table, bindparam, case, exists, insert, select, update
from sqlalchemy.orm import Session

from triage.tables import ClaimGroup, Sighting, Submission

_TABLE = cast("Table", Sighting.__table__)
_IN_GROUP = _TABLE.c.group_id == bindparam("in_group")
_BY_SENDER = _TABLE.c.reporter_hash == bindparam("sender")
_FROM_PLACE = _TABLE.c.village == bindparam("place")
_FIRST, _LAST = _TABLE.c.first_seen, _TABLE.c.last_seen
_AT: BindParameter[datetime] = bindparam("at")
# Written once, since each message needs them: they take longer to write than to answer.
_KNOWN = select(exists().where(_IN_GROUP, _BY_SENDER), exists().where(_IN_GROUP, _FROM_PLACE))
_AGAIN = (
    update(_TABLE)
    .where(_IN_GROUP, _BY_SENDER, _FROM_PLACE)
    .values(
        times=_TABLE.c.times + 1,
        first_seen=case((_FIRST > _AT, _AT), else_=_FIRST),
        last_seen=case((_LAST < _AT, _AT), else_=_LAST),
    )
    .returning(_TABLE.c.times)
)
_FIRST_TIME = insert(_TABLE).values(
    group_id=bindparam("in_group"),
    reporter_hash=bindparam("sender"),
    village=bindparam("place"),
    times=1,
    first_seen=_AT,
    last_seen=_AT,
)


def count(session: Session, group: ClaimGroup, reporter: str, village: str, at: datetime) -> None:
    """Count the sender ('' unknown) and village ('' unknown) of one more message of a group."""
    key: dict[str, Any] = {"in_group": group.id, "sender": reporter, "place": village}
    again = session.execute(_AGAIN, key | {"at": at}).first() is not None
    by_sender, from_place = (True, True) if again else session.execute(_KNOWN, key).one()
    # Without a device nobody can be told apart, so each such message counts as a person of its own.
    if not reporter or not by_sender:
        group.reporters += 1
    if village and not from_place:
        group.villages += 1
    if not again:
        _begin(session, key, at)


def recount(session: Session, group: ClaimGroup) -> None:
    """Count a group's senders and villages anew from its sightings."""
    rows = session.scalars(select(Sighting).where(Sighting.group_id == group.id)).all()
    group.reporters = len({row.reporter_hash for row in rows if row.reporter_hash}) + sum(
        row.times for row in rows if not row.reporter_hash
    )
    group.villages = len({row.village for row in rows if row.village})


def merge(session: Session, group: ClaimGroup, into: ClaimGroup) -> None:
    """Give a group's senders to another that takes it in."""
    for sighting in session.scalars(select(Sighting).where(Sighting.group_id == group.id)).all():
        rename(session, sighting, into.id, sighting.reporter_hash)
    session.flush()
    recount(session, into)


def rename(session: Session, sighting: Sighting, group_id: int, reporter: str) -> None:
    """Put a sighting under another group or keyed hash, together with what stands there already."""
    present = session.get(Sighting, (group_id, reporter, sighting.village))
    if present is None:
        sighting.group_id, sighting.reporter_hash = group_id, reporter
    else:
        present.times += sighting.times
        present.first_seen = min(present.first_seen, sighting.first_seen)
        present.last_seen = max(present.last_seen, sighting.last_seen)
        session.delete(sighting)


def take_out(session: Session, group: ClaimGroup, submission: Submission) -> bool:
    """Count a message of a group no longer; False: it was not counted there. The group's numbers stay."""
    key = (group.id, submission.reporter_hash or "", submission.village or "")
    sighting = session.get(Sighting, key)
    if sighting is None:
        return False
    sighting.times -= 1
    if not sighting.times:
        session.delete(sighting)
    session.flush()
    return True


def forget_sender(session: Session, group: ClaimGroup, submission: Submission) -> None:
    """Keep that a message came to the group, and from which village, but no longer from whom.

    The group's numbers stay as they were counted.
    """
    if submission.reporter_hash and take_out(session, group, submission):
        _sighted(session, group.id, "", submission.village or "", submission.created_at)


def _sighted(session: Session, group_id: int, reporter: str, village: str, at: datetime) -> None:
    key: dict[str, Any] = {"in_group": group_id, "sender": reporter, "place": village}
    if session.execute(_AGAIN, key | {"at": at}).first() is None:
        _begin(session, key, at)


def _begin(session: Session, key: dict[str, Any], at: datetime) -> None:
    session.execute(_FIRST_TIME, key | {"at": at})
