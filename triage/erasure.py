"""Erasure: a reporter takes a message back, and nothing that holds its words or tells of its sender remains.

What closed long ago is emptied by the clock (`triage.retention`), in the same way.

What stays is that a message was received, answered and erased, for the accounts and the event log.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from models.fingerprint import fingerprint
from triage import events, grouping, receipt_view, urgency
from triage.archive import wordings
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.states import move
from triage.tables import (
    ClaimGroup,
    Fingerprint,
    FingerprintBand,
    Outbox,
    Submission,
    SubmissionNote,
    SuggestedMatch,
)
from triage.urgency import WAITING

# Of a claim that very many sent, so many other wordings are looked at. Beyond them the message's own is
# forgotten although somebody else may have sent it too: then the next one that has it is read anew.
MAX_LOOKED_AT = 200


def erase(store: Store, config: Config, receipt: str) -> None:
    """Empty a message for good, and forget it wherever it was read; a second time nothing happens.

    Of one that the clock emptied, what the archive learned from it is forgotten.

    Everybody else's message and answer stay. A waiting group that nobody's message is left in goes away.
    Raises `NotFound`.
    """
    with store.write() as session:
        submission = receipt_view.submission_of(session, config, receipt)
        if submission.state == "erased":
            # What the clock emptied may have taught the archive a wording, which stays until its sender says.
            wordings.forget(session, submission, None, events.REPORTER)
            return
        group = session.get(ClaimGroup, submission.group_id) if submission.group_id else None
        heir = sent_by_another(session, submission) if group is not None else None
        wordings.forget(session, submission, heir, events.REPORTER)
        if group is not None:
            _forget_in_group(session, group, submission, shared=heir is not None)
        session.execute(delete(Outbox).where(Outbox.task == "assess", Outbox.ref == submission.id))
        move(session, submission, "erase", events.REPORTER)
        empty(session, submission)


def empty(session: Session, submission: Submission) -> None:
    """Remove what a message says and who sent it from where; its state, `erased`, is set before."""
    session.execute(delete(SubmissionNote).where(SubmissionNote.submission_id == submission.id))
    submission.text, submission.url, submission.village = "", None, None
    submission.reporter_hash, submission.payload_hash = None, ""
    submission.erased_at = now()


def _forget_in_group(session: Session, group: ClaimGroup, submission: Submission, *, shared: bool) -> None:
    """Leave the group as if the message had not been there, but for what other messages support too."""
    _forget_wordings(session, submission)
    was_read = group.representative_id == submission.id
    grouping.leave(session, group, submission)
    if was_read and not shared:
        forget_reasons(session, group)
    if group.state not in WAITING:
        return
    if grouping.has_messages(session, group):
        urgency.update(group, now())
    else:
        group.lease_account = group.lease_until = None
        move(session, group, "empty", events.REPORTER)


def _forget_wordings(session: Session, submission: Submission) -> None:
    """Remove the wordings that no message supports any more, also where the message was before it left."""
    own = fingerprint(submission.text, submission.url).digest
    read_in = select(Fingerprint.group_id).where(Fingerprint.digest == own)
    for group_id in {submission.group_id, session.scalar(read_in)} - {None}:
        living = _digests(session, _others(group_id, submission))
        gone = select(Fingerprint.id).where(
            Fingerprint.group_id == group_id, Fingerprint.digest.not_in(living)
        )
        if len(living) >= MAX_LOOKED_AT:
            gone = gone.where(Fingerprint.digest == own)
        _remove(session, session.scalars(gone).all())


def forget_wordings(session: Session, group_id: int, digests: Collection[str]) -> None:
    """Remove these wordings of a group, those of messages just emptied, but what other messages support."""
    living = _digests(session, _readable(group_id))
    gone = select(Fingerprint.id).where(
        Fingerprint.group_id == group_id, Fingerprint.digest.in_(set(digests) - living)
    )
    _remove(session, session.scalars(gone).all())


def forget_reasons(session: Session, group: ClaimGroup) -> None:
    """Remove the reasons of a group's suggestions: they quote the message that it was found by."""
    session.execute(update(SuggestedMatch).where(SuggestedMatch.group_id == group.id).values(reasons=[]))


def _remove(session: Session, numbers: Sequence[int]) -> None:
    session.execute(delete(FingerprintBand).where(FingerprintBand.fingerprint_id.in_(numbers)))
    session.execute(delete(Fingerprint).where(Fingerprint.id.in_(numbers)))


def sent_by_another(session: Session, submission: Submission) -> int | None:
    """Return the first message of somebody else in the group in the very same words, if any."""
    same = _others(submission.group_id, submission).where(
        Submission.text == submission.text, Submission.url.is_not_distinct_from(submission.url)
    )
    return session.scalar(same.order_by(Submission.id).limit(1))


def _digests(session: Session, messages: Select[int]) -> set[str]:
    """Return the wordings that these messages support."""
    texts = messages.with_only_columns(Submission.text, Submission.url).distinct()
    return {fingerprint(text, url).digest for text, url in session.execute(texts.limit(MAX_LOOKED_AT))}


def _others(group_id: int | None, submission: Submission) -> Select[int]:
    return _readable(group_id).where(Submission.id != submission.id)


def _readable(group_id: int | None) -> Select[int]:
    return select(Submission.id).where(Submission.group_id == group_id, Submission.state != "erased")
