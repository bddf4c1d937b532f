"""Drafts: what a person is writing on a group, kept on the server so that no dead phone takes it along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from triage.columns import now
from triage.db import Store
from triage.permissions import Actor, require
from triage.review import leases
from triage.tables import SavedDraft

# More than the fields of a decision may hold together; what is longer is cut, and refused when it is decided.
MAX_FIELD = 20_000
# A draft that nobody came back to for so long holds other people's words for nothing.
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """The fields of a draft as they were typed, and since when they are kept so."""

    fields: dict[str, str]
    saved_at: datetime


def save_draft(store: Store, actor: Actor, group_id: int, fields: Mapping[str, str]) -> datetime:
    """Keep what a person has written so far, in place of what was kept before; returns when that was.

    Needs no lease, and prolongs one's own: whoever writes is at work. Raises `NotFound`, `Forbidden`.
    """
    require(actor, "decision.write")
    moment = now()
    with store.write() as session:
        group = leases.find(session, group_id)
        if group.lease_account == actor.account_id and leases.in_force(group.lease_until):
            group.lease_until = moment + leases.LEASE
        kept = session.get(SavedDraft, (actor.account_id, group_id))
        if kept is None:
            kept = SavedDraft(account_id=actor.account_id, group_id=group_id)
            session.add(kept)
        kept.fields = {name: text[:MAX_FIELD] for name, text in fields.items()}
        kept.saved_at = moment
    return moment


def saved_draft(session: Session, actor: Actor, group_id: int) -> Kept | None:
    """Return a person's own draft on a group."""
    kept = session.get(SavedDraft, (actor.account_id, group_id))
    return Kept(kept.fields, kept.saved_at) if kept else None


def discard_draft(session: Session, actor: Actor, group_id: int) -> None:
    """Remove a person's draft on a group, inside the caller's transaction."""
    session.execute(
        delete(SavedDraft).where(SavedDraft.account_id == actor.account_id, SavedDraft.group_id == group_id)
    )


def drop_old_drafts(store: Store) -> None:
    """Delete drafts that nobody came back to."""
    with store.write() as session:
        session.execute(delete(SavedDraft).where(SavedDraft.saved_at < now() - KEPT_FOR))
