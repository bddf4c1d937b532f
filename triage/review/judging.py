"""Judging suggestions: the same claim or another one."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import events, grouping, outbox
from triage.archive import entries, wordings
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.db import Store
from triage.errors import IllegalTransition, NotFound
from triage.permissions import Actor, require
from triage.review import leases
from triage.review.doubting import doubt_what_remains
from triage.review.undoing import GRACE
from triage.states import move
from triage.tables import ClaimGroup, Decision, SuggestedMatch


def confirm(store: Store, actor: Actor, group_id: int, match_id: int) -> int | None:
    """Say that the group's claim is the one that this fact-check answers: everyone who sent it is told.

    That can be taken back for a few seconds (`undoing`). Takes the group if it is free. The fact-check is
    published already, so no second person is needed, unless matching saw hardly any likeness: then the number
    of the decision that waits for approval is returned. Raises `LeaseLost`, `IllegalTransition`, and
    `NotFound` also for a suggestion of another group.
    """
    require(actor, "match.judge")
    with store.write() as session:
        match = _match(session, group_id, match_id)
        group = leases.taken(session, actor, group_id)
        fact_check = entries.current(session, match.fact_check_id)
        if fact_check.retracted_at is not None:
            raise IllegalTransition("This fact-check was retracted.")
        _require_unjudged(match)
        decision = _same(group, fact_check, actor, "approved" if match.likely else "proposed")
        session.add(decision)
        session.flush()
        leases.give_back(group)
        data = {"fact_check": fact_check.id, "probability": match.probability}
        if not match.likely:
            move(session, group, "propose", actor, data | {"decision": decision.id})
            return decision.id
        _judge(match, actor, "confirmed")
        group.fact_check_id = fact_check.id
        move(session, group, "confirm", actor, data)
        wordings.learn(session, group, fact_check.id, actor.label, by_two=False)
        outbox.add(session, "answer", group.id, after=GRACE)
        return None


def reject(store: Store, actor: Actor, group_id: int, match_id: int) -> None:
    """Say that this fact-check is about something else; takes the group. Errors as `confirm`."""
    require(actor, "match.judge")
    with store.write() as session:
        match = _match(session, group_id, match_id)
        group = leases.taken(session, actor, group_id)
        _judge(match, actor, "rejected")
        doubt_what_remains(session, group)
        data = {"fact_check": match.fact_check_id, "probability": match.probability}
        events.of_group(session, actor.label, group.id, "reject", data)


def withdraw(store: Store, actor: Actor, group_id: int) -> None:
    """Say that the fact-check that answered a group is no answer to it after all: the group waits again.

    Its senders learn that their message is looked at once more, and the archive unlearns its words. Raises
    `NotFound`, `Forbidden`, `IllegalTransition`, also for what was decided on this very group: that is
    corrected, not withdrawn.
    """
    require(actor, "match.judge")
    with store.write() as session:
        group = leases.find(session, group_id)
        decision = session.scalar(
            select(Decision).where(Decision.group_id == group.id).order_by(Decision.id.desc()).limit(1)
        )
        if group.fact_check_id is None or (decision is not None and decision.kind != "confirm"):
            raise IllegalTransition("This item was not answered by a fact-check that was there before.")
        move(session, group, "withdraw", actor, {"fact_check": group.fact_check_id})
        outbox.take_back(session, "answer", group.id)
        wordings.unlearn(session, group, group.fact_check_id, actor.label)
        if decision is not None:
            decision.state = "withdrawn"
        session.execute(
            update(SuggestedMatch)
            .where(SuggestedMatch.group_id == group.id, SuggestedMatch.fact_check_id == group.fact_check_id)
            .values(state="rejected", judged_by=actor.account_id, judged_at=now())
        )
        group.fact_check_id = None
        group.band = "review" if group.band == "answer" else group.band
        doubt_what_remains(session, group)
        outbox.add(session, "answer", group.id)
        if not grouping.has_messages(session, group):
            # Nothing that a person could look at.
            move(session, group, "empty", events.SYSTEM)


def _match(session: Session, group_id: int, match_id: int) -> SuggestedMatch:
    match = session.get(SuggestedMatch, match_id)
    if match is None or match.group_id != group_id:
        raise NotFound("This item has no suggestion with this number.")
    return match


def _same(group: ClaimGroup, fact_check: CurrentFactCheck, actor: Actor, state: str) -> Decision:
    return Decision(
        group_id=group.id,
        kind="confirm",
        state=state,
        fact_check_id=fact_check.id,
        verdict=fact_check.verdict,
        claim=fact_check.claim,
        headline=fact_check.title,
        explanation=fact_check.explanation,
        what_to_do=fact_check.what_to_do,
        evidence=list(fact_check.evidence),
        harm=group.harm,
        author_id=actor.account_id,
        created_at=now(),
    )


def _judge(match: SuggestedMatch, actor: Actor, verdict: str) -> None:
    _require_unjudged(match)
    match.state, match.judged_by, match.judged_at = verdict, actor.account_id, now()


def _require_unjudged(match: SuggestedMatch) -> None:
    if match.state != "suggested":
        raise IllegalTransition("This suggestion was judged already.")
