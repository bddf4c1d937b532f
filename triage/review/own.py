"""What one person decided, and what came of it later: for their own eyes, beside nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased

from triage.permissions import Actor, require
from triage.tables import Account, Decision, FactCheck, FactCheckVersion

MAX_SHOWN = 50
Outcome = Literal["proposed", "approved", "returned", "withdrawn", "undone", "corrected", "retracted"]


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """One decision. `other` is who else had a hand in it, `remark` what came back with it."""

    group_id: int
    kind: str
    verdict: str
    headline: str
    at: datetime
    outcome: Outcome
    other: str
    remark: str


@dataclass(frozen=True, slots=True)
class OwnWork:
    """The newest decisions that a person wrote and reviewed, at most `MAX_SHOWN` of each."""

    written: tuple[OwnDecision, ...]
    reviewed: tuple[OwnDecision, ...]


def own_work(session: Session, actor: Actor) -> OwnWork:
    """Return what a person decided, newest first, with two queries."""
    require(actor, "queue.see")
    return OwnWork(
        _rows(session, Decision.author_id == actor.account_id, by_author=True),
        _rows(session, Decision.reviewer_id == actor.account_id, by_author=False),
    )


def _rows(session: Session, whose: ColumnElement[bool], *, by_author: bool) -> tuple[OwnDecision, ...]:
    other, published = aliased(Account), aliased(FactCheckVersion)
    moment = Decision.created_at if by_author else Decision.reviewed_at
    rows = session.execute(
        select(Decision, other.display_name, published.number, FactCheck.version)
        .outerjoin(other, other.id == (Decision.reviewer_id if by_author else Decision.author_id))
        .outerjoin(FactCheck, FactCheck.id == Decision.fact_check_id)
        .outerjoin(
            published,
            and_(published.fact_check_id == Decision.fact_check_id, published.decision_id == Decision.id),
        )
        .where(whose)
        .order_by(moment.desc())
        .limit(MAX_SHOWN)
    )
    return tuple(
        OwnDecision(
            group_id=decision.group_id,
            kind=decision.kind,
            verdict=decision.verdict,
            headline=decision.headline,
            at=decision.created_at if by_author else decision.reviewed_at or decision.created_at,
            outcome=_outcome(decision, corrected=number is not None and number < version),
            other=name or "",
            remark=decision.remark,
        )
        for decision, name, number, version in rows
    )


def _outcome(decision: Decision, *, corrected: bool) -> Outcome:
    outcomes: tuple[Outcome, ...] = get_args(Outcome)
    return (
        "corrected"
        if corrected and decision.state == "approved"
        else next(one for one in outcomes if one == decision.state)
    )
