"""Judging drawn answers: one at a time, without knowing how sure the program was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from triage import accounts, events
from triage.columns import now
from triage.db import Store
from triage.errors import Forbidden, IllegalTransition, NotFound
from triage.permissions import Actor, require
from triage.tables import (
    Account,
    Answer,
    AuditedAnswer,
    ClaimGroup,
    FactCheckVersion,
    Sighting,
    Submission,
    SuggestedMatch,
)

Outcome = Literal["right", "wrong", "unclear"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
# Who pressed the wrong button may say otherwise for so long.
CHANGE = timedelta(minutes=10)
# People who judge at the same time get different ones of the first so many.
_SPREAD = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of an answer, and only then how sure the program was.

    `probability`: of the fact-check for the claim that the message was taken for; None where that is not
    known any more, and as long as the judgement can be changed: nobody changes it to what the program says.
    `answered`: the group is still answered by that fact-check.
    """

    outcome: Outcome
    by: str
    mine: bool
    changeable: bool
    probability: float | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """A message beside the version of the fact-check that answered it; `judged` None while nobody has."""

    id: int
    group_id: int
    messages: int
    text: str
    url: str
    fact_check_id: int
    verdict: str
    title: str
    claim: str
    explanation: str
    publisher: str
    checked_on: date | None
    language: str
    answered_at: datetime
    judged: Judged | None

    @property
    def words(self) -> str:
        """What the message is held against: the claim as the fact-check tells it, or its heading."""
        return self.claim or self.title


def waiting(session: Session, actor: Actor) -> int:
    """Return how many drawn answers this person may judge."""
    return session.scalar(_to_judge(actor).with_only_columns(func.count())) or 0


def next_one(session: Session, actor: Actor) -> Audit | None:
    """Return one of the answers that have waited longest for this person's word, None if none does."""
    require(actor, "answer.audit")
    numbers = session.scalars(
        _to_judge(actor).order_by(AuditedAnswer.drawn_at, AuditedAnswer.id).limit(_SPREAD)
    ).all()
    return one(session, actor, numbers[actor.account_id % len(numbers)]) if numbers else None


def one(session: Session, actor: Actor, number: int) -> Audit:
    """Return a drawn answer. Raises `NotFound`, also where its message was emptied."""
    require(actor, "answer.audit")
    row = session.execute(
        select(AuditedAnswer, Answer, Submission, FactCheckVersion, ClaimGroup)
        .join(Answer, Answer.id == AuditedAnswer.answer_id)
        .join(Submission, Submission.id == Answer.submission_id)
        .join(ClaimGroup, ClaimGroup.id == Submission.group_id)
        .join(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == Answer.fact_check_id)
            & (FactCheckVersion.number == Answer.version),
        )
        .where(AuditedAnswer.id == number, Submission.state != "erased")
    ).one_or_none()
    if row is None:
        raise NotFound("There is no drawn answer with this number.")
    told, message, group = row.FactCheckVersion, row.Submission, row.ClaimGroup
    return Audit(
        id=number,
        group_id=group.id,
        messages=group.submissions,
        text=message.text,
        url=message.url or "",
        fact_check_id=told.fact_check_id,
        verdict=told.verdict,
        title=told.title,
        claim=told.claim,
        explanation=told.explanation,
        publisher=told.publisher,
        checked_on=told.checked_on,
        language=told.language,
        answered_at=row.Answer.created_at,
        judged=_judged(session, actor, row.AuditedAnswer, row.Answer, group),
    )


def judge(store: Store, actor: Actor, number: int, outcome: Outcome) -> None:
    """Keep whether an answer was right for its message; who judged it may say otherwise for ten minutes.

    Raises `NotFound`, `Forbidden` where the claim was reported from a browser of one's own, and
    `IllegalTransition` where another judged it, it is too late, or the message was emptied meanwhile.
    """
    require(actor, "answer.audit")
    with store.write() as session:
        row = session.execute(
            select(AuditedAnswer, Submission)
            .join(Answer, Answer.id == AuditedAnswer.answer_id)
            .join(Submission, Submission.id == Answer.submission_id)
            .where(AuditedAnswer.id == number)
        ).one_or_none()
        if row is None:
            raise NotFound("There is no drawn answer with this number.")
        audited, message = row.AuditedAnswer, row.Submission
        if audited.judged_by == actor.account_id and audited.outcome == outcome:
            return
        if message.state == "erased" or (audited.outcome and not _changeable(audited, actor)):
            raise IllegalTransition("This answer was judged already, or its message was emptied.")
        if accounts.has_reported(session, actor, message.group_id):
            raise Forbidden("This claim was reported from a browser that you use.", "own-report")
        audited.outcome, audited.judged_by = outcome, actor.account_id
        audited.judged_at = audited.judged_at or now()
        data = {"answer": audited.answer_id, "outcome": outcome}
        events.of_group(session, actor.label, message.group_id, "audit", data)


def _to_judge(actor: Actor) -> Select[int]:
    return (
        select(AuditedAnswer.id)
        .join(Answer, Answer.id == AuditedAnswer.answer_id)
        .join(Submission, Submission.id == Answer.submission_id)
        .where(AuditedAnswer.outcome == "", Submission.state != "erased", ~_own(actor))
    )


def _own(actor: Actor) -> ColumnElement[bool]:
    return accounts.reported_by(actor, Sighting.group_id == Submission.group_id)


def _changeable(audited: AuditedAnswer, actor: Actor) -> bool:
    recent = audited.judged_at is not None and audited.judged_at > now() - CHANGE
    return recent and audited.judged_by == actor.account_id


def _judged(
    session: Session, actor: Actor, audited: AuditedAnswer, answer: Answer, group: ClaimGroup
) -> Judged | None:
    outcome = next((one for one in OUTCOMES if one == audited.outcome), None)
    if outcome is None:
        return None
    probability = session.scalar(
        select(SuggestedMatch.probability).where(
            SuggestedMatch.group_id == group.id, SuggestedMatch.fact_check_id == answer.fact_check_id
        )
    )
    by = session.get(Account, audited.judged_by)
    changeable = _changeable(audited, actor)
    return Judged(
        outcome=outcome,
        by=by.display_name if by else "",
        mine=audited.judged_by == actor.account_id,
        changeable=changeable,
        probability=None if changeable else probability,
        answered=group.state == "answered" and group.fact_check_id == answer.fact_check_id,
    )
