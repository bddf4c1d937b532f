"""Claim groups: which earlier messages say the same, and who sent a claim from where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import fingerprint
from models.fingerprint import Fingerprint
from triage.answers import ANSWERABLE
from triage.tables import ClaimGroup, FingerprintBand, Sighting, Submission
from triage.tables import Fingerprint as StoredFingerprint

# A hub of very many look-alikes must not slow each new message down.
MAX_CANDIDATES = 50


def find_known(session: Session, print_: Fingerprint) -> ClaimGroup | None:
    """Return the group of an earlier message that says the same, word for word or nearly so."""
    group_id = session.scalar(
        select(StoredFingerprint.group_id).where(StoredFingerprint.digest == print_.digest)
    )
    if group_id is None:
        group_id = _near(session, print_)
    return _following_merges(session, group_id) if group_id is not None else None


def find_answered(session: Session, fact_check_id: int) -> ClaimGroup | None:
    """Return the group that a fact-check already answers: other wordings of the same claim join it."""
    return session.scalar(
        select(ClaimGroup)
        .where(ClaimGroup.fact_check_id == fact_check_id, ClaimGroup.state.in_(ANSWERABLE))
        .order_by(ClaimGroup.id)
        .limit(1)
    )


def remember(session: Session, group: ClaimGroup, print_: Fingerprint) -> None:
    """Keep a wording as belonging to the group, unless it is known already."""
    known = session.scalar(select(StoredFingerprint.id).where(StoredFingerprint.digest == print_.digest))
    if known is not None:
        return
    stored = StoredFingerprint(digest=print_.digest, text=print_.text, group_id=group.id)
    session.add(stored)
    session.flush()
    session.add_all(FingerprintBand(key=key, fingerprint_id=stored.id) for key in set(print_.bands))


def join(session: Session, group: ClaimGroup, submission: Submission) -> None:
    """Put a submission into a group and count its sender and village."""
    submission.group_id = group.id
    _count(session, group, submission.reporter_hash or "", submission.village or "", submission.created_at)
    group.submissions += 1
    group.first_seen = min(group.first_seen, submission.created_at)
    group.last_seen = max(group.last_seen, submission.created_at)


def _near(session: Session, print_: Fingerprint) -> int | None:
    if not print_.bands:
        return None
    candidates = session.scalars(
        select(StoredFingerprint)
        .where(
            StoredFingerprint.id.in_(
                select(FingerprintBand.fingerprint_id).where(FingerprintBand.key.in_(print_.bands))
            )
        )
        .order_by(StoredFingerprint.id)
        .limit(MAX_CANDIDATES)
    )
    for stored in candidates:
        earlier = Fingerprint(stored.digest, (), stored.text)
        if fingerprint.is_near_duplicate(earlier, print_):
            return stored.group_id
    return None


def _following_merges(session: Session, group_id: int) -> ClaimGroup:
    group = session.get_one(ClaimGroup, group_id)
    while group.merged_into is not None:
        group = session.get_one(ClaimGroup, group.merged_into)
    return group


def _count(session: Session, group: ClaimGroup, reporter: str, village: str, at: datetime) -> None:
    def seen(*where: object) -> bool:
        query = select(Sighting.group_id).where(Sighting.group_id == group.id, *where).limit(1)  # type: ignore[arg-type]
        return session.scalar(query) is not None

    # Without a device nobody can be told apart, so each such message counts as a person of its own.
    if not reporter or not seen(Sighting.reporter_hash == reporter):
        group.reporters += 1
    if village and not seen(Sighting.village == village):
        group.villages += 1
    sighting = session.get(Sighting, (group.id, reporter, village))
    if sighting is None:
        session.add(
            Sighting(
                group_id=group.id,
                reporter_hash=reporter,
                village=village,
                times=1,
                first_seen=at,
                last_seen=at,
            )
        )
        session.flush()
    else:
        sighting.times += 1
        sighting.last_seen = max(sighting.last_seen, at)
