"""What was decided on claim groups, by whom, and what their senders were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.tables import Account, ClaimGroup, Decision, FactCheck


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as it was written, with who wrote it, who reviewed it and what came back."""

    id: int
    kind: str
    state: str
    author_id: int
    author: str
    verdict: str
    claim: str
    headline: str
    explanation: str
    what_to_do: str
    evidence: tuple[dict[str, str], ...]
    harm: str
    created_at: datetime
    reviewer_id: int | None
    reviewer: str
    reviewed_at: datetime | None
    remark: str
    reason: str


def decisions(session: Session, group_ids: Sequence[int]) -> dict[int, tuple[DecisionView, ...]]:
    """Return the decisions of each group, newest first, with one query for all of them."""
    if not group_ids:
        return {}
    author, reviewer = aliased(Account), aliased(Account)
    rows = session.execute(
        select(Decision, author.display_name.label("author"), reviewer.display_name.label("reviewer"))
        .join(author, author.id == Decision.author_id)
        .outerjoin(reviewer, reviewer.id == Decision.reviewer_id)
        .where(Decision.group_id.in_(group_ids))
        .order_by(Decision.id.desc())
    )
    found: dict[int, tuple[DecisionView, ...]] = {}
    for row in rows:
        seen = _view(row.Decision, row.author, row.reviewer or "")
        found[row.Decision.group_id] = (*found.get(row.Decision.group_id, ()), seen)
    return found


def told(session: Session, groups: Sequence[ClaimGroup]) -> dict[int, CurrentFactCheck]:
    """Return the fact-check that answers each group that has one, with at most one query."""
    numbers = {group.fact_check_id for group in groups if group.fact_check_id is not None}
    if not numbers:
        return {}
    rows = session.execute(entries.statement().where(FactCheck.id.in_(numbers)))
    found = {row.FactCheck.id: entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows}
    return {group.id: found[group.fact_check_id] for group in groups if group.fact_check_id in found}


def _view(decision: Decision, author: str, reviewer: str) -> DecisionView:
    return DecisionView(
        id=decision.id,
        kind=decision.kind,
        state=decision.state,
        author_id=decision.author_id,
        author=author,
        verdict=decision.verdict,
        claim=decision.claim,
        headline=decision.headline,
        explanation=decision.explanation,
        what_to_do=decision.what_to_do,
        evidence=tuple(decision.evidence),
        harm=decision.harm,
        created_at=decision.created_at,
        reviewer_id=decision.reviewer_id,
        reviewer=reviewer,
        reviewed_at=decision.reviewed_at,
        remark=decision.remark,
        reason=decision.reason,
    )
