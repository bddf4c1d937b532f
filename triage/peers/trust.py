"""How far another office is trusted: read when something is to be told, so that a change holds at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.archive.entries import CurrentFactCheck
from triage.tables import FactCheck, Peer

Trust = Literal["answers", "suggests", "none"]
LEVELS: tuple[Trust, ...] = get_args(Trust)


def answers(session: Session, peer_id: int | None) -> bool:
    """Tell whether an entry of this office may answer without a person's word; None: of no such office."""
    if peer_id is None:
        return True
    return session.scalar(select(Peer.trust).where(Peer.id == peer_id)) == "answers"


def unused(session: Session) -> frozenset[int]:
    """Return the offices whose fact-checks are kept, but neither matched nor told any more."""
    return frozenset(session.scalars(select(Peer.id).where(Peer.trust == "none")))


def used(session: Session, found: Iterable[CurrentFactCheck]) -> dict[int, CurrentFactCheck]:
    """Return by number those entries that are searched, and not of an office that is not used any more."""
    searched = [entry for entry in found if entry.searchable]
    left_out = unused(session) if any(entry.peer_id for entry in searched) else frozenset()
    return {entry.id: entry for entry in searched if entry.peer_id not in left_out}


def turned(session: Session, before: frozenset[int]) -> tuple[frozenset[int], Sequence[int], Sequence[int]]:
    """Return the offices that are not used, and the entries that went out of use since, and came back.

    `before`: the offices that were not used then.
    """
    after = unused(session)
    return after, _entries_of(session, after - before), _entries_of(session, before - after)


def _entries_of(session: Session, offices: frozenset[int]) -> Sequence[int]:
    if not offices:
        return ()
    return session.scalars(select(FactCheck.id).where(FactCheck.peer_id.in_(offices))).all()
