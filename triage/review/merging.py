"""Merging groups that say the same, and splitting them again when they did not."""

from __future__ import annotations

from triage import events, grouping, splitting
from triage.db import Store
from triage.errors import DecisionRefused, IllegalTransition
from triage.permissions import Actor, require
from triage.review import leases
from triage.states import move


def merge(store: Store, actor: Actor, group_id: int, into_id: int) -> None:
    """Put a waiting group into another: both say the same, one decision answers both.

    Takes the other, `into_id`, if it is free. Raises `LeaseLost`, `NotFound`, `IllegalTransition`,
    `DecisionRefused`.
    """
    require(actor, "decision.write")
    if group_id == into_id:
        raise DecisionRefused("An item cannot be merged into itself.", "into")
    with store.write() as session:
        into = leases.taken(session, actor, into_id)
        group = leases.find(session, group_id)
        if group.state != "queued":
            raise IllegalTransition("Only an item that is waiting and held by nobody can be merged.")
        grouping.absorb(session, group, into)
        move(session, group, "merge", actor, {"into": into.id})
        grouping.taken_in(session, into, group, actor.label)


def split(store: Store, actor: Actor, group_id: int, out_of_id: int) -> None:
    """Take a group out of the one that it went up in: both wait for an answer of their own again.

    Takes the other, `out_of_id`, if it is free; what was answered already is not split. Raises `LeaseLost`,
    `NotFound`, `IllegalTransition`.
    """
    require(actor, "decision.write")
    with store.write() as session:
        out_of = leases.taken(session, actor, out_of_id)
        group = leases.find(session, group_id)
        if group.merged_into != out_of.id:
            raise IllegalTransition("This item was not merged into that one.")
        move(session, group, "split", actor, {"out_of": out_of.id})
        splitting.give_out(session, group, out_of)
        if not group.submissions:
            raise IllegalTransition("All messages of that item were erased.")
        events.of_group(session, actor.label, out_of.id, "give_out", {"group": group.id})
