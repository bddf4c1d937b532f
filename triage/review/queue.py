"""The queue as a verifier sees it: most urgent first, with the reasons, and nothing hidden unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from models.matching import by_words_alone
from models.types import Reason
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.permissions import Actor, require
from triage.review.outcomes import DecisionView, decisions, told
from triage.tables import (
    Account,
    ClaimGroup,
    FactCheck,
    FactCheckVersion,
    Sighting,
    Submission,
    SuggestedMatch,
)
from triage.urgency import LATE, URGENT, WAITING

PAGE = 25
# So many people asking is more than a family passing something on.
FREQUENT = 3
View = Literal["waiting", "urgent", "area", "frequent", "late", "mine", "approval", "answered"]
_STATES: dict[View, tuple[str, ...]] = {
    "waiting": WAITING,
    "urgent": WAITING,
    "area": WAITING,
    "frequent": WAITING,
    "late": WAITING,
    "mine": ("leased",),
    "approval": ("decided",),
    "answered": ("approved", "published", "answered"),
}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A claim group in a list; `best_*` describe its likeliest fact-check, if one was suggested.

    `decisions` are all that were written on it, newest first; `answer` is what its senders are told.
    `by_words`: matched while there was no encoder, and not again since.
    """

    group_id: int
    text: str
    url: str | None
    harm: str
    urgency: float
    reasons: tuple[Reason, ...]
    submissions: int
    reporters: int
    villages: int
    first_seen: datetime
    last_seen: datetime
    band: str
    state: str
    lease_holder: str | None
    lease_until: datetime | None
    best_title: str | None
    best_probability: float | None
    merged_into: int | None
    decisions: tuple[DecisionView, ...]
    answer: CurrentFactCheck | None
    by_words: bool

    @property
    def decision(self) -> DecisionView | None:
        """The newest decision."""
        return self.decisions[0] if self.decisions else None

    @property
    def proposed(self) -> DecisionView | None:
        """The decision that waits for approval."""
        newest = self.decision
        return newest if newest and newest.state == "proposed" and self.state == "decided" else None

    @property
    def sent_back(self) -> DecisionView | None:
        """The last text that came back, beside which the proposed one is read; None where none did."""
        earlier = (one for one in self.decisions[1:] if one.kind == "new" and one.state == "returned")
        return next(earlier, None) if self.proposed and self.proposed.kind == "new" else None

    @property
    def returned(self) -> DecisionView | None:
        """The decision that came back with a remark, while nobody has written the next one."""
        newest = self.decision
        if newest is None or newest.state != "returned":
            return None
        waits_in = ("answered",) if newest.kind == "correct" else ("queued", "leased")
        return newest if self.state in waits_in else None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a view, and how many items each view holds; `first` is the place of its first item."""

    items: tuple[QueueItem, ...]
    counts: dict[View, int]
    page: int
    pages: int
    first: int


def queue(session: Session, actor: Actor, view: View = "waiting", page: int = 1) -> QueuePage:
    """Return a page (from 1) of a view, most urgent first. A constant number of queries, however long."""
    require(actor, "queue.see")
    counts = _counts(session, actor)
    pages = max(1, -(-counts[view] // PAGE))
    page = min(max(page, 1), pages)
    groups = session.scalars(_listed(view, actor, page)).all()
    return QueuePage(items(session, groups), counts, page, pages, first=(page - 1) * PAGE + 1)


def items(session: Session, groups: Sequence[ClaimGroup]) -> tuple[QueueItem, ...]:
    """Complete groups to list items, with five queries for all of them."""
    messages = {
        row.id: row
        for row in session.execute(
            select(Submission.id, Submission.text, Submission.url).where(
                Submission.id.in_([group.representative_id for group in groups])
            )
        )
    }
    holders: dict[int, str] = {
        row.id: row.display_name
        for row in session.execute(
            select(Account.id, Account.display_name).where(
                Account.id.in_([group.lease_account for group in groups if group.lease_account])
            )
        )
    }
    numbers = [group.id for group in groups]
    best = _best_matches(session, numbers)
    decided, answers = decisions(session, numbers), told(session, groups)
    return tuple(
        _item(
            group,
            messages[group.representative_id],
            holders.get(group.lease_account or 0),
            best.get(group.id),
            decided.get(group.id, ()),
            answers.get(group.id),
        )
        for group in groups
    )


def reasons(stored: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
    """Read reasons back from the store."""
    return tuple(Reason(row["code"], row["values"]) for row in stored)


def _listed(view: View, actor: Actor, page: int) -> Select[ClaimGroup]:
    """Select one page: the head of each state, which an index holds in order, then the head of these.

    Over several states at once the store would have to sort every group of the view.
    """
    order = (
        (ClaimGroup.last_seen.desc(), ClaimGroup.id.desc())
        if view == "answered"
        else (ClaimGroup.urgency.desc(), ClaimGroup.id)
    )
    heads = [
        select(ClaimGroup.id)
        .where(ClaimGroup.state == state, *_filter(view, actor))
        .order_by(*order)
        .limit(page * PAGE)
        .subquery()
        for state in _STATES[view]
    ]
    among = union_all(*(select(head.c.id) for head in heads))
    return (
        select(ClaimGroup)
        .where(ClaimGroup.id.in_(among))
        .order_by(*order)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )


def _counts(session: Session, actor: Actor) -> dict[View, int]:
    """Count every view, with one statement for each set of states."""
    counts: dict[View, int] = {}
    for states in dict.fromkeys(_STATES.values()):
        views = [view for view in _STATES if _STATES[view] == states]
        sums = (func.count(case((and_(true(), *_filter(view, actor)), 1))) for view in views)
        row = session.execute(select(*sums).where(ClaimGroup.state.in_(states))).one()
        counts.update(zip(views, row, strict=True))
    return {view: counts[view] for view in _STATES}


def _filter(view: View, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    if view == "mine":
        return (ClaimGroup.lease_account == actor.account_id,)
    if view == "urgent":
        return (ClaimGroup.urgency >= URGENT,)
    if view == "frequent":
        return (ClaimGroup.reporters >= FREQUENT,)
    if view == "late":
        return (ClaimGroup.first_seen < now() - LATE,)
    if view == "area":
        within = or_(Sighting.village == actor.area, Sighting.village.like(f"{actor.area}.%"))
        return (exists().where(Sighting.group_id == ClaimGroup.id, within),)
    return ()


def _best_matches(session: Session, group_ids: Sequence[int]) -> dict[int, tuple[str, float]]:
    best = (
        select(SuggestedMatch.group_id, func.min(SuggestedMatch.rank).label("rank"))
        .where(SuggestedMatch.group_id.in_(group_ids), SuggestedMatch.state != "rejected")
        .group_by(SuggestedMatch.group_id)
        .subquery()
    )
    rows = session.execute(
        select(SuggestedMatch.group_id, SuggestedMatch.probability, FactCheckVersion.title)
        .join(best, (best.c.group_id == SuggestedMatch.group_id) & (best.c.rank == SuggestedMatch.rank))
        .join(FactCheck, FactCheck.id == SuggestedMatch.fact_check_id)
        .join(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
    )
    return {row.group_id: (row.title, row.probability) for row in rows}


def _item(
    group: ClaimGroup,
    message: Any,
    holder: str | None,
    best: tuple[str, float] | None,
    written: tuple[DecisionView, ...],
    answer: CurrentFactCheck | None,
) -> QueueItem:
    return QueueItem(
        group_id=group.id,
        text=message.text,
        url=message.url,
        harm=group.harm,
        urgency=group.urgency,
        reasons=reasons(group.urgency_reasons),
        submissions=group.submissions,
        reporters=group.reporters,
        villages=group.villages,
        first_seen=group.first_seen,
        last_seen=group.last_seen,
        band=group.band,
        by_words=by_words_alone(group.model_version),
        state=group.state,
        lease_holder=holder,
        lease_until=group.lease_until,
        best_title=best[0] if best else None,
        best_probability=best[1] if best else None,
        merged_into=group.merged_into,
        decisions=written,
        answer=answer,
    )
