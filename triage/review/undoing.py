"""The last step, taken back within seconds: before that nobody is told anything.

What a tap sets off is owed by the outbox and falls due only after the time to think again. Taking it back
deletes the row that no worker has touched, so that it is either taken back or done, never both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import events, outbox
from triage.archive import wordings
from triage.columns import now
from triage.db import Store
from triage.errors import NotFound, UndoTooLate
from triage.permissions import Actor, require
from triage.review import leases
from triage.review.doubting import doubt_what_remains
from triage.states import move
from triage.tables import ClaimGroup, Decision, Submission, SuggestedMatch

# As long as people are promised; the rest is for the way there on a slow link.
UNDO = timedelta(seconds=10)
GRACE = UNDO + timedelta(seconds=3)

Kind = Literal["confirm", "approve", "reject"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class LastStep:
    """What a person did just now. `number` is the decision's, or the suggestion's that was rejected."""

    kind: Kind
    number: int
    group_id: int
    at: datetime

    @property
    def until(self) -> datetime:
        """Until when it can be taken back for sure."""
        return self.at + UNDO


def last_step(session: Session, actor: Actor) -> LastStep | None:
    """Return the newest step of a person that can still be taken back."""
    since = now() - UNDO
    waiting = select(Decision.id, Decision.group_id, Decision.created_at, Decision.reviewed_at).join(
        ClaimGroup, (ClaimGroup.id == Decision.group_id) & (ClaimGroup.state == "approved")
    )
    confirmed = session.execute(
        waiting.where(Decision.author_id == actor.account_id, Decision.created_at > since)
        .where(Decision.state == "approved", Decision.reviewer_id.is_(None))
        .order_by(Decision.created_at.desc())
        .limit(1)
    ).first()
    approved = session.execute(
        waiting.where(Decision.reviewer_id == actor.account_id, Decision.reviewed_at > since)
        .where(Decision.state == "approved")
        .order_by(Decision.reviewed_at.desc())
        .limit(1)
    ).first()
    rejected = session.execute(
        select(SuggestedMatch.id, SuggestedMatch.group_id, SuggestedMatch.judged_at)
        .join(ClaimGroup, (ClaimGroup.id == SuggestedMatch.group_id) & (ClaimGroup.state == "leased"))
        .where(SuggestedMatch.judged_by == actor.account_id, SuggestedMatch.judged_at > since)
        .where(SuggestedMatch.state == "rejected", ClaimGroup.lease_account == actor.account_id)
        .order_by(SuggestedMatch.judged_at.desc())
        .limit(1)
    ).first()
    steps = [
        *([LastStep("confirm", confirmed.id, confirmed.group_id, confirmed.created_at)] if confirmed else []),
        *([LastStep("approve", approved.id, approved.group_id, approved.reviewed_at)] if approved else []),
        *([LastStep("reject", rejected.id, rejected.group_id, rejected.judged_at)] if rejected else []),
    ]
    return max(steps, key=lambda step: step.at, default=None)


def undo(store: Store, actor: Actor, group_id: int, kind: Kind, number: int) -> None:
    """Take back one's own step.

    What was said of a suggestion leaves the item in the hands of whoever said it; an approval leaves it
    waiting for approval. Raises `UndoTooLate` once it took effect, `NotFound` where it is not one's own.
    """
    undoing: dict[Kind, Callable[[Session, Actor, int, int], None]] = {
        "confirm": _unconfirm, "approve": _unapprove, "reject": _unreject,
    }  # fmt: skip
    with store.write() as session:
        undoing[kind](session, actor, group_id, number)


def _unconfirm(session: Session, actor: Actor, group_id: int, number: int) -> None:
    require(actor, "match.judge")
    decision, group = _own(session, group_id, number, Decision.author_id == actor.account_id)
    if decision.reviewer_id is not None:
        raise UndoTooLate("A second person has approved it.")
    _take_back(session, "answer", group.id, group)
    decision.state = "undone"
    _unadopt(session, group, decision, actor)
    move(session, group, "undo", actor, {"decision": decision.id})
    group.lease_account, group.lease_until = actor.account_id, now() + leases.LEASE


def _unapprove(session: Session, actor: Actor, group_id: int, number: int) -> None:
    require(actor, "decision.approve")
    decision, group = _own(session, group_id, number, Decision.reviewer_id == actor.account_id)
    if decision.fact_check_id is None:
        _take_back(session, "publish", decision.id, group)
    else:
        _take_back(session, "answer", group.id, group)
        _unadopt(session, group, decision, actor)
    decision.state, decision.reviewer_id, decision.reviewed_at = "proposed", None, None
    move(session, group, "unapprove", actor, {"decision": decision.id})
    if decision.kind == "correct":
        # Who sent it meanwhile waited for the correction: what was published holds again.
        outbox.add(session, "answer", group.id)


def _unreject(session: Session, actor: Actor, group_id: int, number: int) -> None:
    require(actor, "match.judge")
    match = session.get(SuggestedMatch, number)
    if match is None or match.group_id != group_id or match.judged_by != actor.account_id:
        raise NotFound("There is no such step of yours.")
    if match.state != "rejected" or match.judged_at is None or match.judged_at <= now() - GRACE:
        raise UndoTooLate("This was said too long ago.")
    group = leases.taken(session, actor, group_id)
    match.state, match.judged_by, match.judged_at = "suggested", None, None
    doubt_what_remains(session, group)
    events.of_group(session, actor.label, group.id, "unreject", {"fact_check": match.fact_check_id})


def _own(session: Session, group_id: int, number: int, mine: object) -> tuple[Decision, ClaimGroup]:
    decision = session.scalar(
        select(Decision).where(Decision.id == number, Decision.group_id == group_id, mine)  # type: ignore[arg-type]
    )
    if decision is None:
        raise NotFound("There is no such step of yours.")
    if decision.state != "approved":
        raise UndoTooLate("This was taken back already, or changed since.")
    return decision, session.get_one(ClaimGroup, group_id)


def _take_back(session: Session, task: Literal["answer", "publish"], ref: int, group: ClaimGroup) -> None:
    if group.state != "approved" or not outbox.take_back(session, task, ref):
        raise UndoTooLate("People are being told already.")


def _unadopt(session: Session, group: ClaimGroup, decision: Decision, actor: Actor) -> None:
    fact_check_id = decision.fact_check_id
    group.fact_check_id = None
    session.execute(
        update(SuggestedMatch)
        .where(SuggestedMatch.group_id == group.id, SuggestedMatch.fact_check_id == fact_check_id)
        .values(state="suggested", judged_by=None, judged_at=None)
    )
    if fact_check_id is not None:
        wordings.unlearn(session, group, fact_check_id, actor.label)
    told = select(Submission.id).where(Submission.group_id == group.id, Submission.state == "answered")
    if session.scalar(told.limit(1)) is not None:
        # Work owed since before told somebody after all: they learn that it is looked at once more.
        outbox.add(session, "answer", group.id)
