"""Answers: what each sender is told, once, and what a receipt shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from triage import keys, outbox, receipts, waiting
from triage.archive.entries import CurrentFactCheck, current
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound
from triage.events import SYSTEM
from triage.marking import N_
from triage.outbox import Job
from triage.review.leases import in_force
from triage.states import move
from triage.tables import Answer, ClaimGroup, Decision, Event, Submission
from triage.verdicts import Verdict, verdicts

_log = structlog.get_logger(__name__)
# Answers per write transaction: a claim that thousands sent must not keep intake waiting.
CHUNK = 200
ASK_BACK = "tidak-dapat-diperiksa"
# In place of a name and a day: the starter archive describes kinds of hoaxes, nobody checked an instance.
STARTER_NOTE = N_(
    "Dari arsip awal Penjaga: kabar yang sudah lama beredar. Tanggal pemeriksaannya tidak tercatat."
)

Status = Literal["received", "in_review", "answered", "closed"]
Missing = Literal["", "text", "context"]


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What a reporter reads. `verdict` is None where an imported fact-check gives none of ours.

    `page` is the number of the fact-check's public page, None where it has none. Of an entry of the starter
    archive (`from_starter`) nobody is on record as having checked it: `checked_by` is empty.
    """

    verdict: Verdict | None
    headline: str
    explanation: str
    what_to_do: str
    ask: str
    sources: tuple[dict[str, str], ...]
    checked_by: str
    checked_at: date | None
    page: int | None
    language: str = "id"
    from_starter: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission as its receipt shows it; `also_sent` counts the other people who sent the same.

    `in_hand`: somebody works on it just now, or has decided already. `withdrawn`: an answer given
    before did not belong to it. `objected`: its sender said so. `expired`: the clock emptied it, not its
    sender. `usual_wait`: while it waits for people,
    within what time they answer half of what comes; None where too little is known.
    """

    status: Status
    received_at: datetime
    text: str
    url: str | None
    also_sent: int
    answer: PublicAnswer | None
    missing: Missing
    withdrawn: bool
    in_hand: bool
    objected: bool
    expired: bool
    usual_wait: timedelta | None

    @property
    def may_object(self) -> bool:
        """Whether its sender may say that the answer is about something else: once, and not of a question."""
        return self.status == "answered" and not self.missing and not self.objected


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


def find(store: Store, config: Config, receipt: str) -> SubmissionView:
    """Return what a receipt shows. Raises `NotFound` if there is no such receipt."""
    with store.read() as session:
        submission = submission_of(session, config, receipt)
        view = _view(session, submission)
    present = receipts.keyed_hash(config.secret, "receipt", receipts.canonical(receipt) or "")
    if submission.receipt_hash != present:
        keys.adopt_receipt(store, submission.id, present)
    return view


def submission_of(session: Session, config: Config, receipt: str) -> Submission:
    """Return the submission that a receipt belongs to, however it was typed. Raises `NotFound`."""
    spelled = receipts.canonical(receipt)
    hashes = receipts.keyed_hashes(config.secrets, "receipt", spelled) if spelled else []
    submission = session.scalar(select(Submission).where(Submission.receipt_hash.in_(hashes)))
    if submission is None:
        raise NotFound("There is no submission with this receipt.")
    structlog.contextvars.bind_contextvars(item=submission.id)
    return submission


def _view(session: Session, submission: Submission) -> SubmissionView:
    newest = session.scalar(
        select(Answer)
        .where(Answer.submission_id == submission.id)
        .order_by(Answer.withdrawn_at.is_not(None), Answer.id.desc())
        .limit(1)
    )
    withdrawn = newest is not None and newest.withdrawn_at is not None
    group = session.get(ClaimGroup, submission.group_id) if submission.group_id else None
    answered = newest is not None and newest.fact_check_id is not None
    missing: Missing = "" if newest is None or answered else _missing(newest.missing)
    status = _status(submission.state)
    return SubmissionView(
        status=status,
        received_at=submission.created_at,
        text=submission.text,
        url=submission.url,
        also_sent=max(0, group.reporters - 1) if group else 0,
        answer=_public(session, newest) if newest is not None and not withdrawn else None,
        missing=missing,
        withdrawn=withdrawn,
        in_hand=group is not None and _in_hand(group),
        objected=submission.objected_at is not None,
        expired=status == "closed" and _expired(session, submission),
        usual_wait=waiting.usual_wait(session) if status == "in_review" else None,
    )


def _expired(session: Session, submission: Submission) -> bool:
    by_clock = select(Event.seq).where(
        Event.subject == "submission", Event.subject_id == submission.id, Event.name == "expire"
    )
    return session.scalar(by_clock.limit(1)) is not None


def _in_hand(group: ClaimGroup) -> bool:
    held = group.state == "leased" and in_force(group.lease_until)
    return held or group.state in ("decided", "approved", "published")


def _status(state: str) -> Status:
    if state in ("received", "answered"):
        return "received" if state == "received" else "answered"
    # A parked item still waits, for a person: to its reporter it is under review.
    return "closed" if state == "erased" else "in_review"


def _missing(stored: str) -> Missing:
    return "text" if stored == "text" else "context"


def _public(session: Session, told: Answer) -> PublicAnswer:
    if told.fact_check_id is None:
        verdict = verdicts()[ASK_BACK]
        return PublicAnswer(verdict, "", "", "", "", (), "", None, None)
    found = current(session, told.fact_check_id)
    return PublicAnswer(
        verdict=verdicts().get(found.verdict),
        headline=found.title,
        explanation=found.explanation,
        what_to_do=found.what_to_do,
        ask=found.ask,
        sources=found.sources,
        checked_by="" if found.from_starter else found.publisher,
        checked_at=None if found.from_starter else found.checked_on,
        page=found.id if found.public else None,
        language=found.language,
        from_starter=found.from_starter,
    )


def _told(fact_check: CurrentFactCheck) -> Select[int]:
    return select(Answer.submission_id).where(
        Answer.fact_check_id == fact_check.id,
        Answer.version == fact_check.version,
        Answer.withdrawn_at.is_(None),
    )
