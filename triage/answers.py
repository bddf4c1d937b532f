"""Answers: what each sender is told, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import structlog
from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from triage import outbox
from triage.archive.entries import CurrentFactCheck, current
from triage.columns import now
from triage.db import Store
from triage.events import SYSTEM
from triage.outbox import Job
from triage.states import move
from triage.tables import Answer, ClaimGroup, Decision, Submission

_log = structlog.get_logger(__name__)
# Answers per write transaction: a claim that thousands sent must not keep intake waiting.
CHUNK = 200
Missing = Literal["", "text", "context"]


def answer_groups(store: Store, jobs: Sequence[Job]) -> None:
    """Tell everyone who sent a message of these groups what the group's fact-check says, each once.

    Of a group that has none any more, what was told is withdrawn.
    """
    for job in jobs:
        while not _answer_some(store, job):
            pass


def _answer_some(store: Store, job: Job) -> bool:
    told: list[int] = []
    done = _answer_or_withdraw_some(store, job, told)
    for item in told:
        _log.info("answered", item=item, group=job.ref)
    return done


def _answer_or_withdraw_some(store: Store, job: Job, told: list[int]) -> bool:
    """Put into `told` the numbers of those who were told."""
    with store.write() as session:
        group = session.get_one(ClaimGroup, job.ref)
        fact_check = current(session, group.fact_check_id) if group.fact_check_id else None
        if fact_check is None:
            return _withdraw_some(session, job)
        untold = session.scalars(
            select(Submission)
            .where(Submission.group_id == group.id, Submission.state.in_(("assessed", "answered")))
            .where(Submission.id.not_in(_told(fact_check)))
            .order_by(Submission.id)
            .limit(CHUNK)
        ).all()
        if any(submission.state == "assessed" for submission in untold):
            _first_told(session, group)
        for submission in untold:
            # Not decided by people: matched for certain once the encoder was back.
            answer(session, submission, fact_check, via="band" if group.state == "assessed" else "decision")
            told.append(submission.id)
        if len(untold) == CHUNK:
            return False
        if group.state in ("assessed", "approved", "published"):
            move(session, group, "answer", SYSTEM)
        outbox.settle(session, job)
        return True


def _first_told(session: Session, group: ClaimGroup) -> None:
    """Keep when a claim's senders were first told what people decided on it."""
    decided = select(Decision.id).where(Decision.group_id == group.id).limit(1)
    if group.answered_at is None and session.scalar(decided) is not None:
        group.answered_at = now()


def _withdraw_some(session: Session, job: Job) -> bool:
    told = session.scalars(
        select(Submission)
        .where(Submission.group_id == job.ref, Submission.state == "answered")
        .order_by(Submission.id)
        .limit(CHUNK)
    ).all()
    # Of an emptied message the answer stays to be read, unless it turns out to be none.
    emptied = select(Submission.id).where(Submission.group_id == job.ref, Submission.state == "erased")
    numbers = [submission.id for submission in told]
    session.execute(
        update(Answer)
        .where(or_(Answer.submission_id.in_(numbers), Answer.submission_id.in_(emptied)))
        .where(Answer.withdrawn_at.is_(None))
        .values(withdrawn_at=now())
    )
    for submission in told:
        move(session, submission, "reopen", SYSTEM)
    if len(told) == CHUNK:
        return False
    outbox.settle(session, job)
    return True


def answer(session: Session, submission: Submission, fact_check: CurrentFactCheck, via: str) -> None:
    """Record that a sender is told this version of a fact-check, inside the caller's transaction."""
    withdrawn = session.scalar(
        select(Answer).where(
            Answer.submission_id == submission.id,
            Answer.fact_check_id == fact_check.id,
            Answer.version == fact_check.version,
        )
    )
    if withdrawn is None:
        answer_first(session, submission, fact_check, via)
        return
    withdrawn.withdrawn_at, withdrawn.via, withdrawn.created_at = None, via, now()
    _answered(session, submission, fact_check)


def answer_first(session: Session, submission: Submission, fact_check: CurrentFactCheck, via: str) -> None:
    """Record that a sender who was never told anything is told this version of a fact-check, as `answer`."""
    session.add(
        Answer(
            submission_id=submission.id,
            fact_check_id=fact_check.id,
            version=fact_check.version,
            via=via,
            created_at=now(),
        )
    )
    _answered(session, submission, fact_check)


def _answered(session: Session, submission: Submission, fact_check: CurrentFactCheck) -> None:
    move(session, submission, "answer", SYSTEM, {"fact_check": fact_check.id, "version": fact_check.version})


def ask_back(session: Session, submission: Submission, missing: Missing) -> None:
    """Tell a sender what is missing from a message too thin to check."""
    session.add(
        Answer(
            submission_id=submission.id,
            fact_check_id=None,
            version=0,
            via="ask-back",
            missing=missing,
            created_at=now(),
        )
    )
    move(session, submission, "answer", SYSTEM, {"missing": missing})


def _told(fact_check: CurrentFactCheck) -> Select[int]:
    return select(Answer.submission_id).where(
        Answer.fact_check_id == fact_check.id,
        Answer.version == fact_check.version,
        Answer.withdrawn_at.is_(None),
    )
