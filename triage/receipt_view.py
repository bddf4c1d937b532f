"""What a receipt shows: where a message stands, and what its sender is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import exists, select, true
from sqlalchemy.orm import Session

from triage import disagreement, keys, receipts, waiting
from triage.answers import Missing
from triage.archive.entries import CurrentFactCheck, current
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound
from triage.marking import N_
from triage.review.leases import in_force
from triage.tables import Answer, ClaimGroup, Event, Notice, Submission
from triage.verdicts import Verdict, verdicts

ASK_BACK = "tidak-dapat-diperiksa"
# In place of a name and a day: the starter archive describes kinds of hoaxes, nobody checked an instance.
STARTER_NOTE = N_(
    "Dari arsip awal Penjaga: kabar yang sudah lama beredar. Tanggal pemeriksaannya tidak tercatat."
)

Status = Literal["received", "in_review", "answered", "closed"]


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """What a reporter reads. `verdict` is None where an imported fact-check gives none of ours.

    `page` is the number of the fact-check's public page, None where it has none. Of an entry of the starter
    archive (`from_starter`) nobody is on record as having checked it: `checked_by` is empty.
    `correction`: what changed since this reporter was first told. `differing`: what other offices say against
    it.
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
    correction: str = ""
    differing: tuple[CurrentFactCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission as its receipt shows it; `also_sent` counts the other people who sent the same.

    `in_hand`: somebody works on it just now, or has decided already. `withdrawn`: an answer given before did
    not belong to it; `retracted`: it was our own and holds no longer, for this reason; `taken_back_by`: the
    other office that does not stand by it any more. `objected`: its sender
    said so. `expired`: the clock emptied it, not its sender. `usual_wait`: while it waits for people, within
    what time they answer half of what comes; None where too little is known.
    """

    status: Status
    received_at: datetime
    text: str
    url: str | None
    also_sent: int
    answer: PublicAnswer | None
    missing: Missing
    withdrawn: bool
    retracted: str
    taken_back_by: str
    in_hand: bool
    objected: bool
    expired: bool
    usual_wait: timedelta | None

    @property
    def may_object(self) -> bool:
        """Whether its sender may say that the answer is about something else: once, and not of a question."""
        return self.status == "answered" and not self.missing and not self.objected


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
    told = current(session, newest.fact_check_id) if newest and newest.fact_check_id else None
    retracted = _retracted(session, newest) if newest and told else ""
    taken_back_by = told.publisher if told and told.origin != "own" and told.retracted_at else ""
    gone = bool(retracted or taken_back_by)
    withdrawn = newest is not None and (newest.withdrawn_at is not None or gone)
    group = session.get(ClaimGroup, submission.group_id) if submission.group_id else None
    missing: Missing = "" if newest is None or told else _missing(newest.missing)
    status = _status(submission.state)
    if status == "answered" and gone:
        # Its group waits again already; the workers have not come to this message yet.
        status = "in_review"
    return SubmissionView(
        status=status,
        received_at=submission.created_at,
        text=submission.text,
        url=submission.url,
        also_sent=max(0, group.reporters - 1) if group else 0,
        answer=_public(session, newest, told) if newest is not None and not withdrawn else None,
        missing=missing,
        withdrawn=withdrawn,
        retracted=retracted,
        taken_back_by=taken_back_by,
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


def _retracted(session: Session, answer: Answer) -> str:
    """Return why what was told was retracted, '' if it was not, or was taken back before that."""
    until = Notice.created_at <= answer.withdrawn_at if answer.withdrawn_at else true()
    reason = session.scalar(
        select(Notice.reason)
        .where(Notice.fact_check_id == answer.fact_check_id, Notice.kind == "retracted")
        .where(Notice.version >= answer.version, until)
        .order_by(Notice.id.desc())
        .limit(1)
    )
    return reason or ""


def _correction(session: Session, answer: Answer, found: CurrentFactCheck) -> str:
    """Return what changed with this version, for whoever was told an earlier one."""
    earlier = exists().where(
        Answer.submission_id == answer.submission_id,
        Answer.fact_check_id == found.id,
        Answer.version < found.version,
    )
    reason = session.scalar(
        select(Notice.reason).where(
            Notice.fact_check_id == found.id,
            Notice.kind == "corrected",
            Notice.version == found.version,
            earlier,
        )
    )
    return reason or ""


def _differing(session: Session, answer: Answer, found: CurrentFactCheck) -> tuple[CurrentFactCheck, ...]:
    group_id = session.scalar(select(Submission.group_id).where(Submission.id == answer.submission_id))
    return disagreement.in_group(session, group_id, found) if group_id else ()


def _public(session: Session, answer: Answer, found: CurrentFactCheck | None) -> PublicAnswer:
    if found is None:
        verdict = verdicts()[ASK_BACK]
        return PublicAnswer(verdict, "", "", "", "", (), "", None, None)
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
        correction=_correction(session, answer, found) if found.version > 1 else "",
        differing=_differing(session, answer, found),
    )
