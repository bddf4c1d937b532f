"""Wordings that the archive learns: how people said what a fact-check answers, and unlearning them.

They only serve to find the fact-check. No page, feed or ClaimReview shows one: they are private messages,
kept without numbers and addresses of people, and without names behind a form of address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import wordings
from triage import events, outbox
from triage.intake import whole
from triage.masking import without_names, without_people
from triage.tables import ClaimGroup, ClaimText, ClaimVector, FactCheck, Submission

# Of one fact-check: beyond so many the oldest goes, because it is the newest that people still send.
MAX_LEARNED = 20
# Of a group that very many sent in ever other spelling, so many are looked at.
MAX_LOOKED_AT = 50
# Places before these belong to what the publisher wrote: heading and claim.
_FIRST_PLACE = 2


def learn(session: Session, group: ClaimGroup, fact_check_id: int, actor: str, *, by_two: bool) -> None:
    """Let a fact-check be found by the messages of a group that a person has called the same.

    What one person alone has called the same may be suggested to the next, but answers nobody by itself: it
    takes two (`by_two`), as for everything that is said to people who sent something else.
    Part of the transaction of that decision; what is learned is encoded next. Learns nothing from messages
    that deny, could stand for anything or are known already, and nothing for an entry that is not searched.
    """
    fact_check = session.get_one(FactCheck, fact_check_id)
    if not fact_check.searchable:
        return
    known = list(
        session.scalars(
            select(ClaimText)
            .where(ClaimText.fact_check_id == fact_check_id, ClaimText.told.is_(False))
            .order_by(ClaimText.position)
        )
    )
    own = [row.text for row in known if row.submission_id is None]
    before = len(known)
    public = " ".join(own)
    for submission, said in _messages(session, group):
        text = without_names(said, public)
        if not wordings.is_learnable(text, own) or not wordings.is_new(text, [row.text for row in known]):
            continue
        place = max(_FIRST_PLACE, *(row.position + 1 for row in known))
        row = ClaimText(
            fact_check_id=fact_check_id,
            position=place,
            text=text,
            submission_id=submission,
            unproven=not by_two,
        )
        session.add(row)
        session.flush()
        known.append(row)
        _log(session, "learn", fact_check_id, row, group, actor)
    if len(known) > before:
        dropped = [row for row in known if row.submission_id is not None][:-MAX_LEARNED]
        for row in dropped:
            _log(session, "unlearn", fact_check_id, row, group, actor)
        _remove(session, dropped)
        outbox.add(session, "embed", fact_check.seq)


def unlearn(session: Session, group: ClaimGroup, fact_check_id: int, actor: str) -> None:
    """Take back what a fact-check has learned from a group, inside the caller's transaction."""
    messages = select(Submission.id).where(Submission.group_id == group.id)
    rows = session.scalars(
        select(ClaimText).where(
            ClaimText.fact_check_id == fact_check_id, ClaimText.submission_id.in_(messages)
        )
    ).all()
    for row in rows:
        _log(session, "unlearn", fact_check_id, row, group, actor)
    _remove(session, rows)
    if rows:
        _announce(session, fact_check_id)


def forget(session: Session, submission: Submission, heir: int | None, actor: str) -> None:
    """Remove what was learned from a message that is erased; `heir`, the number of another in the very same
    words, keeps it as its own.
    """
    rows = session.scalars(select(ClaimText).where(ClaimText.submission_id == submission.id)).all()
    if not rows:
        return
    if heir is not None:
        for row in rows:
            row.submission_id = heir
        return
    group = session.get_one(ClaimGroup, submission.group_id)
    for row in rows:
        _log(session, "unlearn", row.fact_check_id, row, group, actor)
    _remove(session, rows)
    for fact_check_id in {row.fact_check_id for row in rows}:
        _announce(session, fact_check_id)


def _messages(session: Session, group: ClaimGroup) -> Iterator[tuple[int, str]]:
    """Yield number and text of the group's messages, each wording once, the one that was looked at first."""
    first = func.min(Submission.id)
    distinct = session.execute(
        select(first, Submission.text, Submission.url)
        .where(Submission.group_id == group.id, Submission.state != "erased")
        .group_by(Submission.text, Submission.url)
        .order_by(first)
        .limit(MAX_LOOKED_AT)
    ).all()
    for number, text, url in sorted(distinct, key=lambda row: row[0] != group.representative_id):
        yield number, without_people(whole(text, url))


def _log(
    session: Session, name: str, fact_check_id: int, row: ClaimText, group: ClaimGroup, actor: str
) -> None:
    data = {"group": group.id, "submission": row.submission_id, "wording": row.id}
    events.append(session, actor=actor, subject="fact_check", subject_id=fact_check_id, name=name, data=data)


def _remove(session: Session, rows: Sequence[ClaimText]) -> None:
    numbers = [row.id for row in rows]
    session.execute(delete(ClaimVector).where(ClaimVector.claim_text_id.in_(numbers)))
    session.execute(delete(ClaimText).where(ClaimText.id.in_(numbers)))


def _announce(session: Session, fact_check_id: int) -> None:
    """Give the entry's newest vector a new number: indexes load an entry anew when they see a greater one."""
    newest = session.scalar(
        select(ClaimVector)
        .join(ClaimText, ClaimText.id == ClaimVector.claim_text_id)
        .where(ClaimText.fact_check_id == fact_check_id)
        .order_by(ClaimVector.id.desc())
        .limit(1)
    )
    if newest is not None:
        again = ClaimVector(claim_text_id=newest.claim_text_id, encoder=newest.encoder, vector=newest.vector)
        session.delete(newest)
        session.flush()
        session.add(again)
        session.flush()
