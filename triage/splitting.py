"""Splitting: a group that went up in another gets back what was its own."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models.fingerprint import fingerprint
from triage import grouping, sightings, urgency
from triage.columns import now
from triage.tables import ClaimGroup, Sighting, Submission
from triage.tables import Fingerprint as StoredFingerprint

# Messages that came after the merging, looked through for wordings of the group: the newest so many.
MAX_SINCE = 1_000


def give_out(session: Session, group: ClaimGroup, out_of: ClaimGroup) -> None:
    """Give a group back its messages, wordings and senders, inside the caller's transaction.

    What came after the merging in the very words of one of its messages goes with it; what was only nearly
    the same stays where it came to. The caller moves the group to its state.
    """
    homes = _homes(session, group)
    own = (StoredFingerprint.group_id == out_of.id, StoredFingerprint.home_group_id.in_(homes))
    digests = frozenset(session.scalars(select(StoredFingerprint.digest).where(*own)))
    session.execute(update(StoredFingerprint).where(*own).values(group_id=group.id))
    session.execute(
        update(Submission)
        .where(Submission.group_id == out_of.id, Submission.home_group_id.in_(homes))
        .values(group_id=group.id)
    )
    for message in session.scalars(
        select(Submission)
        .where(Submission.group_id == out_of.id, Submission.home_group_id.is_(None))
        .order_by(Submission.id.desc())
        .limit(MAX_SINCE)
    ):
        if fingerprint(message.text, message.url).digest in digests:
            message.group_id = group.id
    session.flush()
    group.merged_into = None
    for each in (group, out_of):
        each.apart = True
        _count_anew(session, each)
        grouping.stand_for(session, each)
        urgency.update(each, now())


def _homes(session: Session, group: ClaimGroup) -> list[int]:
    """Return the group and all that went up in it before."""
    homes, last = [group.id], [group.id]
    while last:
        last = list(session.scalars(select(ClaimGroup.id).where(ClaimGroup.merged_into.in_(last))))
        homes += last
    return homes


def _count_anew(session: Session, group: ClaimGroup) -> None:
    session.execute(delete(Sighting).where(Sighting.group_id == group.id))
    reporter, village = (
        func.coalesce(column, "") for column in (Submission.reporter_hash, Submission.village)
    )
    first, last = func.min(Submission.created_at), func.max(Submission.created_at)
    rows = session.execute(
        select(reporter, village, func.count(), first, last)
        .where(Submission.group_id == group.id)
        .group_by(reporter, village)
    ).all()
    session.add_all(
        Sighting(
            group_id=group.id,
            reporter_hash=who,
            village=where,
            times=times,
            first_seen=begin,
            last_seen=end,
        )
        for who, where, times, begin, end in rows
    )
    session.flush()
    sightings.recount(session, group)
    group.submissions = sum(times for _, _, times, _, _ in rows)
    group.first_seen = min((begin for *_, begin, _ in rows), default=group.first_seen)
    group.last_seen = max((end for *_, end in rows), default=group.last_seen)
