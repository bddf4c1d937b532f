"""Answers of others that hold no longer: their groups go back to people."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import grouping, outbox
from triage.archive.entries import CurrentFactCheck
from triage.events import SYSTEM
from triage.review.doubting import doubt_what_remains
from triage.states import move
from triage.suggesting import may_answer
from triage.tables import ClaimGroup, Decision

Why = Literal["retracted", "changed", "trust"]


def reopen_all(session: Session, fact_check_id: int, why: Why) -> None:
    """Let every group that a fact-check answers wait for people; who was told it is told that it is gone."""
    answered = select(ClaimGroup).where(
        ClaimGroup.fact_check_id == fact_check_id, ClaimGroup.state.in_(("approved", "published", "answered"))
    )
    for group in session.scalars(answered).all():
        outbox.take_back(session, "answer", group.id)
        session.execute(
            update(Decision)
            .where(Decision.group_id == group.id, Decision.state == "approved")
            .values(state="withdrawn")
        )
        _reopen(session, group, why)
        outbox.add(session, "answer", group.id)
        if not grouping.has_messages(session, group):
            move(session, group, "empty", SYSTEM)


def left_to_people(session: Session, group: ClaimGroup, fact_check: CurrentFactCheck) -> bool:
    """Tell whether a further message of an answered group waits for a person, and let the group wait if so.

    So it does where nobody but the program called it answered, and the office whose fact-check that was may
    not answer by itself any more. What was told before stays told.
    """
    if fact_check.peer_id is None or may_answer(session, fact_check):
        return False
    by_people = select(Decision.id).where(Decision.group_id == group.id, Decision.state == "approved")
    if session.scalar(by_people.limit(1)) is not None:
        return False
    _reopen(session, group, "trust")
    return True


def _reopen(session: Session, group: ClaimGroup, why: Why) -> None:
    data = {"fact_check": group.fact_check_id, "why": why}
    group.fact_check_id = None
    group.band = "review" if group.band == "answer" else group.band
    move(session, group, "reopen", SYSTEM, data)
    doubt_what_remains(session, group)
