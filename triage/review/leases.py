"""The lease: who works on a group, until when. It returns by itself, and nobody else writes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.db import Store
from triage.errors import LeaseLost, NotFound
from triage.events import SYSTEM
from triage.permissions import Actor, answers_for, require
from triage.states import move
from triage.tables import ClaimGroup, Sighting

# Long enough to look something up and to write an explanation on a phone; renewed by each step that is taken.
LEASE = timedelta(minutes=30)


def lease(store: Store, actor: Actor, group_id: int) -> None:
    """Take a waiting group to work on it, or renew one's own lease. Errors as `taken`."""
    with store.write() as session:
        taken(session, actor, group_id)


def release(store: Store, actor: Actor, group_id: int) -> None:
    """Give one's own lease back. Raises `LeaseLost` if it is not one's own."""
    with store.write() as session:
        group = find(session, group_id)
        if (
            group.state != "leased"
            or group.lease_account != actor.account_id
            or not in_force(group.lease_until)
        ):
            raise LeaseLost("This item is not (or no longer) yours.")
        move(session, group, "release", actor)
        give_back(group)


def expire_leases(store: Store) -> None:
    """Return every group whose lease ran out to the queue."""
    with store.write() as session:
        expired = session.scalars(
            select(ClaimGroup).where(ClaimGroup.state == "leased", ClaimGroup.lease_until < now())
        )
        for group in expired:
            move(session, group, "expire", SYSTEM)
            give_back(group)


def taken(session: Session, actor: Actor, group_id: int) -> ClaimGroup:
    """Return a group that the actor holds from now on: a free one is taken, one's own lease renewed.

    Part of the caller's write transaction: if what the caller does next is refused, nothing was taken.
    Raises `LeaseLost` if somebody else holds it, `Forbidden`, `NotFound`, `IllegalTransition`.
    """
    require(actor, "group.lease")
    group = find(session, group_id)
    if group.state == "leased" and group.lease_account != actor.account_id:
        if in_force(group.lease_until):
            raise LeaseLost("Somebody else is working on this item.")
        move(session, group, "expire", SYSTEM)
    if group.state != "leased":
        move(session, group, "lease", actor)
    group.lease_account = actor.account_id
    group.lease_until = now() + LEASE
    return group


def find(session: Session, group_id: int) -> ClaimGroup:
    """Return a group. Raises `NotFound`."""
    group = session.get(ClaimGroup, group_id)
    if group is None:
        raise NotFound("There is no item with this number.")
    return group


def within_area(session: Session, actor: Actor, group_id: int) -> bool:
    """Tell whether the actor may approve what is said about a group, by where it was seen."""
    villages = session.scalars(select(Sighting.village).where(Sighting.group_id == group_id).distinct())
    return answers_for(actor, villages)


def give_back(group: ClaimGroup) -> None:
    """Clear who holds the group."""
    group.lease_account, group.lease_until = None, None


def in_force(until: datetime | None) -> bool:
    """Tell whether a lease until then still holds; one that ran out counts as given back already."""
    return until is not None and until >= now()
