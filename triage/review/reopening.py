"""Fact-checks that hold no longer, ours or another office's: what they answered goes back to people."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from triage import events, grouping, outbox
from triage.archive import wordings
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.permissions import Actor
from triage.review.doubting import doubt_what_remains
from triage.states import move
from triage.suggesting import may_answer
from triage.tables import ClaimGroup, Decision, FactCheck, FactCheckVersion, SuggestedMatch

Why = Literal["retracted", "changed"]


def close(session: Session, fact_check: FactCheck) -> None:
    """Take a fact-check out of what is searched and suggested; coming again in the same words, it changed."""
    fact_check.searchable, fact_check.retracted_at, fact_check.updated_at = False, now(), now()
    fact_check.seq = (session.scalar(select(func.max(FactCheck.seq))) or 0) + 1
    session.execute(
        update(FactCheckVersion)
        .where(FactCheckVersion.fact_check_id == fact_check.id, FactCheckVersion.number == fact_check.version)
        .values(content_hash="")
    )
    suggested = (SuggestedMatch.fact_check_id == fact_check.id, SuggestedMatch.state != "rejected")
    session.execute(delete(SuggestedMatch).where(*suggested))


def take_back(session: Session, fact_check_id: int, actor: Actor | None, why: Why) -> None:
    """Let every group that a fact-check answers wait again; its senders learn next that it was taken back.

    `actor`: who retracted it here, None where its own office did, or has changed its verdict.
    """
    answered = select(ClaimGroup).where(ClaimGroup.fact_check_id == fact_check_id)
    for group in session.scalars(answered).all():
        outbox.take_back(session, "answer", group.id)
        wordings.unlearn(session, group, fact_check_id, actor.label if actor else events.SYSTEM)
        session.execute(
            update(Decision)
            .where(Decision.group_id == group.id, Decision.state.in_(("proposed", "approved")))
            .values(state="retracted" if why == "retracted" else "withdrawn")
        )
        _wait_again(session, group, actor, {"fact_check": fact_check_id, "why": why})
        outbox.add(session, "answer", group.id)
        if not grouping.has_messages(session, group):
            # Nothing that a person could look at.
            move(session, group, "empty", events.SYSTEM)


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
    _wait_again(session, group, None, {"fact_check": fact_check.id, "why": "trust"})
    return True


def _wait_again(session: Session, group: ClaimGroup, actor: Actor | None, data: dict[str, int | str]) -> None:
    group.fact_check_id = None
    group.band = "review" if group.band == "answer" else group.band
    if group.state == "assessed":
        # Matched for certain a moment ago, and nobody told.
        move(session, group, "queue", events.SYSTEM, {"band": group.band})
    elif actor is not None:
        move(session, group, "retract", actor, data)
    else:
        move(session, group, "reopen", events.SYSTEM, data)
    doubt_what_remains(session, group)
