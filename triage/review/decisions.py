"""Decisions: one person writes, a second one approves, and only then is anything published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.text import canonical_url, clean
from models.types import HARMS
from triage import accounts, outbox, publish
from triage.archive import entries, wordings
from triage.archive.entries import CurrentFactCheck
from triage.columns import now
from triage.db import Store
from triage.errors import DecisionRefused, Forbidden, IllegalTransition, NotFound
from triage.permissions import Actor, require
from triage.review import drafts, leases
from triage.review.undoing import GRACE
from triage.states import move
from triage.tables import ClaimGroup, Decision, SuggestedMatch
from triage.verdicts import verdicts

MAX_LINE, MAX_TEXT, MAX_EVIDENCE = 300, 5_000, 20
# Readers are told it beside the text: what changed, in a few sentences.
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What a verifier writes. `evidence` holds label and url of each source, and `archived`: the day (ISO) of
    which an archive keeps a copy, where one does.
    """

    verdict: str
    claim: str
    headline: str
    explanation: str
    what_to_do: str
    evidence: tuple[dict[str, str], ...]
    harm: str


def decide(store: Store, actor: Actor, group_id: int, draft: Draft) -> int:
    """Propose a verdict on a group, taking it if it is free; returns the number of the decision.

    Raises `DecisionRefused` (naming the field), `LeaseLost`, `IllegalTransition`, `NotFound`, `Forbidden`.
    """
    require(actor, "decision.write")
    checked = _checked(draft)
    with store.write() as session:
        group = leases.taken(session, actor, group_id)
        decision = _proposed(session, actor, group, "new", checked)
        group.harm = checked.harm
        leases.give_back(group)
        move(session, group, "decide", actor, {"decision": decision.id, "verdict": decision.verdict})
        return decision.id


def correct(store: Store, actor: Actor, group_id: int, draft: Draft, reason: str) -> int:
    """Propose to correct what was decided on this very group and published; returns the decision's number.

    `reason` tells readers what changed. Until a second person approves, what was published holds. Raises
    `DecisionRefused` (naming the field: `same` where nothing would change, `retract` where the verdict would
    take the page away), `IllegalTransition`, `NotFound`, `Forbidden`.
    """
    require(actor, "fact.correct")
    checked, reason = _checked(draft), written(reason, "reason", MAX_REASON)
    with store.write() as session:
        group = leases.find(session, group_id)
        if group.fact_check_id is None or publish.home_of(session, group) != group.id:
            raise IllegalTransition("What answers this item was not decided on it.")
        before = entries.current(session, group.fact_check_id)
        if before.public and not verdicts()[checked.verdict].publishable:
            raise DecisionRefused("With this verdict there would be no page: retract it instead.", "retract")
        if checked == _as_draft(before):
            raise DecisionRefused("Nothing would change.", "same")
        decision = _proposed(session, actor, group, "correct", checked)
        decision.reason = reason
        move(session, group, "revise", actor, {"decision": decision.id, "verdict": decision.verdict})
        return decision.id


def _proposed(session: Session, actor: Actor, group: ClaimGroup, kind: str, checked: Draft) -> Decision:
    """Write a decision that waits for approval; one's own draft of it has served."""
    decision = Decision(
        group_id=group.id,
        kind=kind,
        state="proposed",
        fact_check_id=None,
        verdict=checked.verdict,
        claim=checked.claim,
        headline=checked.headline,
        explanation=checked.explanation,
        what_to_do=checked.what_to_do,
        evidence=list(checked.evidence),
        harm=checked.harm,
        author_id=actor.account_id,
        created_at=now(),
    )
    session.add(decision)
    session.flush()
    drafts.discard_draft(session, actor, group.id)
    return decision


def _as_draft(entry: CurrentFactCheck) -> Draft:
    return Draft(
        verdict=entry.verdict,
        claim=entry.claim,
        headline=entry.title,
        explanation=entry.explanation,
        what_to_do=entry.what_to_do,
        evidence=entry.evidence,
        harm=entry.harm,
    )


def approve(store: Store, actor: Actor, decision_id: int, *, of_group: int | None = None) -> None:
    """Approve somebody else's decision: it is published, and everyone who sent the claim is told.

    That can be taken back for a few seconds (`undoing`).

    A decision that the claim is one already checked publishes nothing: that fact-check is the answer.

    Raises `Forbidden` for one's own decision, for what one reported and for what was not seen in one's area,
    `IllegalTransition` if it no longer
    waits, `NotFound` if it is not one of the group `of_group`, where the caller names one.
    """
    with store.write() as session:
        decision, group = _reviewable(session, actor, decision_id, of_group)
        decision.state, decision.reviewer_id, decision.reviewed_at = "approved", actor.account_id, now()
        move(session, group, "approve", actor, {"decision": decision.id})
        if decision.fact_check_id is not None:
            if entries.current(session, decision.fact_check_id).retracted_at is not None:
                raise IllegalTransition("What this would be answered with was retracted.")
            _adopt(session, group, decision, decision.fact_check_id, actor)
            outbox.add(session, "answer", group.id, after=GRACE)
        else:
            outbox.add(session, "publish", decision.id, after=GRACE)


def send_back(
    store: Store, actor: Actor, decision_id: int, remark: str, *, of_group: int | None = None
) -> None:
    """Return somebody else's decision to the queue with a remark for the next try. Errors as `approve`.

    Where it would have corrected something, what was published goes on to hold.

    Raises `DecisionRefused` without a remark, or with one that is too long.
    """
    remark = written(remark, "remark", MAX_TEXT)
    with store.write() as session:
        decision, group = _reviewable(session, actor, decision_id, of_group)
        decision.state, decision.reviewer_id, decision.reviewed_at = "returned", actor.account_id, now()
        decision.remark = remark
        step = "keep" if decision.kind == "correct" else "return"
        move(session, group, step, actor, {"decision": decision.id})


def _adopt(session: Session, group: ClaimGroup, decision: Decision, fact_check_id: int, actor: Actor) -> None:
    group.fact_check_id = fact_check_id
    wordings.learn(session, group, fact_check_id, actor.label, by_two=True)
    session.execute(
        update(SuggestedMatch)
        .where(SuggestedMatch.group_id == group.id, SuggestedMatch.fact_check_id == fact_check_id)
        .values(state="confirmed", judged_by=decision.author_id, judged_at=decision.created_at)
    )


def _reviewable(
    session: Session, actor: Actor, decision_id: int, of_group: int | None
) -> tuple[Decision, ClaimGroup]:
    require(actor, "decision.approve")
    decision = session.get(Decision, decision_id)
    if decision is None or of_group not in (None, decision.group_id):
        raise NotFound("There is no decision with this number.")
    if decision.author_id == actor.account_id:
        raise Forbidden("Nobody approves their own decision.", "own-decision")
    if accounts.has_reported(session, actor, decision.group_id):
        raise Forbidden("Nobody approves an answer to their own report.", "own-report")
    if not leases.within_area(session, actor, decision.group_id):
        raise Forbidden("This claim was not seen in the approver's area.", "outside-area")
    if decision.state != "proposed":
        raise IllegalTransition("This decision was reviewed already.")
    return decision, session.get_one(ClaimGroup, decision.group_id)


def _checked(draft: Draft) -> Draft:
    if draft.verdict not in verdicts():
        raise DecisionRefused("Choose a verdict.", "verdict")
    if draft.harm not in HARMS:
        raise DecisionRefused("Choose what kind of harm the claim can do.", "harm")
    return Draft(
        verdict=draft.verdict,
        claim=written(draft.claim, "claim", MAX_TEXT),
        headline=written(draft.headline, "headline", MAX_LINE),
        explanation=written(draft.explanation, "explanation", MAX_TEXT),
        what_to_do=written(draft.what_to_do, "what_to_do", MAX_TEXT, required=False),
        evidence=_sources(draft.evidence),
        harm=draft.harm,
    )


def written(given: str, field: str, limit: int, *, required: bool = True) -> str:
    """Return a text as it is kept. Raises `DecisionRefused` where it is missing or too long."""
    text = clean(given).strip()
    if required and not text:
        raise DecisionRefused(f"{field} is needed.", field)
    if len(text) > limit:
        raise DecisionRefused(f"{field} may have {limit} characters, this has {len(text)}.", field)
    return text


def _sources(rows: tuple[dict[str, str], ...]) -> tuple[dict[str, str], ...]:
    if len(rows) > MAX_EVIDENCE:
        raise DecisionRefused(f"evidence may have {MAX_EVIDENCE} rows, this has {len(rows)}.", "evidence")
    return tuple(_evidence(row) for row in rows)


def _evidence(row: dict[str, str]) -> dict[str, str]:
    url = clean(row.get("url", "")).strip()
    if url and canonical_url(url) is None:
        raise DecisionRefused("Each evidence link must begin with http:// or https://.", "evidence")
    label = written(row.get("label", "") or url, "evidence", MAX_LINE)
    archived = row.get("archived", "")
    if archived and not _is_past_day(archived):
        raise DecisionRefused("The day of an archive copy must be a past day, as 2026-11-25.", "evidence")
    return {"label": label, "url": url} | ({"archived": archived} if archived else {})


def _is_past_day(written: str) -> bool:
    try:
        return date.fromisoformat(written) <= (now() + timedelta(days=1)).date()
    except ValueError:
        return False
