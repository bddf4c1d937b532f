"""Which browsers a signed-in person uses: what was reported from them may be their own report."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from triage.db import Store
from triage.permissions import Actor
from triage.tables import AccountDevice, Sighting


def remember_device(store: Store, actor: Actor, reporter_hash: str) -> None:
    """Note that a person uses a browser; `reporter_hash` is how its messages are counted."""
    if is_known(store, actor, reporter_hash):
        return
    with store.write() as session:
        if session.get(AccountDevice, (actor.account_id, reporter_hash)) is None:
            session.add(AccountDevice(account_id=actor.account_id, reporter_hash=reporter_hash))


def is_known(store: Store, actor: Actor, reporter_hash: str) -> bool:
    """Tell whether a person has signed in with a browser before."""
    with store.read() as session:
        return session.get(AccountDevice, (actor.account_id, reporter_hash)) is not None


def has_reported(session: Session, actor: Actor, group_id: int) -> bool:
    """Tell whether a message of the group came from a browser that the person uses."""
    return bool(session.scalar(select(reported_by(actor, Sighting.group_id == group_id))))


def reported_by(actor: Actor, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a sighting for which `which` holds is of a browser that the person uses."""
    own = select(AccountDevice.reporter_hash).where(AccountDevice.account_id == actor.account_id)
    # Asked by each of a few browsers; of a claim that thousands sent, a join would look at every sender.
    return exists().where(Sighting.reporter_hash.in_(own), which)
