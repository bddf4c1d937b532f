"""Retracting: a fact-check of our own holds no longer, and everybody who was answered by it is told so."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from triage import events, grouping, outbox, publish
from triage.archive import wordings
from triage.columns import now
from triage.db import Store
from triage.errors import Forbidden, IllegalTransition
from triage.permissions import Actor, require
from triage.review import leases
from triage.review.decisions import MAX_REASON, written
from triage.review.doubting import doubt_what_remains
from triage.states import move
from triage.tables import ClaimGroup, Decision, FactCheck, FactCheckVersion, Notice, SuggestedMatch


def retract(store: Store, actor: Actor, group_id: int, reason: str) -> None:
    """Retract what was decided on this very group and published, for a reason that readers are told.

    Its page stays and says so; it is suggested and answers no more. Every message that it answered waits
    again, in whatever group. Raises `DecisionRefused` without a reason, `IllegalTransition` where nothing of
    our own answers the group, `NotFound`, and `Forbidden` also for what was not seen in one's area.
    """
    require(actor, "fact.retract")
    reason = written(reason, "retraction", MAX_REASON)
    with store.write() as session:
        group = leases.find(session, group_id)
        if group.fact_check_id is None or publish.home_of(session, group) != group.id:
            raise IllegalTransition("What answers this item was not decided on it.")
        if not leases.within_area(session, actor, group.id):
            raise Forbidden("This claim was not seen in the approver's area.", "outside-area")
        fact_check = session.get_one(FactCheck, group.fact_check_id)
        _close(session, fact_check)
        suggested = (SuggestedMatch.fact_check_id == fact_check.id, SuggestedMatch.state != "rejected")
        session.execute(delete(SuggestedMatch).where(*suggested))
        for each in session.scalars(
            select(ClaimGroup).where(ClaimGroup.fact_check_id == fact_check.id)
        ).all():
            _take_back(session, each, fact_check, actor)
        notice = Notice(
            fact_check_id=fact_check.id,
            kind="retracted",
            version=fact_check.version,
            reason=reason,
            author_id=actor.account_id,
            created_at=now(),
        )
        session.add(notice)
        session.flush()
        data = {"group": group.id, "notice": notice.id, "version": fact_check.version}
        events.append(
            session,
            actor=actor.label,
            subject="fact_check",
            subject_id=fact_check.id,
            name="retract",
            data=data,
        )


def _close(session: Session, fact_check: FactCheck) -> None:
    """Take a fact-check out of what is searched; should it be decided again in the same words, it changed."""
    fact_check.searchable, fact_check.retracted_at, fact_check.updated_at = False, now(), now()
    fact_check.seq = (session.scalar(select(func.max(FactCheck.seq))) or 0) + 1
    session.execute(
        update(FactCheckVersion)
        .where(FactCheckVersion.fact_check_id == fact_check.id, FactCheckVersion.number == fact_check.version)
        .values(content_hash="")
    )


def _take_back(session: Session, group: ClaimGroup, fact_check: FactCheck, actor: Actor) -> None:
    """Let a group wait again; its senders learn next that what they were told was taken back."""
    outbox.take_back(session, "answer", group.id)
    wordings.unlearn(session, group, fact_check.id, actor.label)
    session.execute(
        update(Decision)
        .where(Decision.group_id == group.id, Decision.state.in_(("proposed", "approved")))
        .values(state="retracted")
    )
    group.fact_check_id = None
    group.band = "review" if group.band == "answer" else group.band
    if group.state == "assessed":
        # Matched for certain a moment ago, and nobody told.
        move(session, group, "queue", events.SYSTEM, {"band": group.band})
    else:
        move(session, group, "retract", actor, {"fact_check": fact_check.id})
    doubt_what_remains(session, group)
    outbox.add(session, "answer", group.id)
    if not grouping.has_messages(session, group):
        # Nothing that a person could look at.
        move(session, group, "empty", events.SYSTEM)
