"""Claim groups: which earlier messages say the same, and who sent a claim from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import cast

from rapidfuzz import fuzz
from sqlalchemy import Select, Table, bindparam, func, insert, select, union_all, update
from sqlalchemy.orm import Session

from models.fingerprint import Fingerprint, fingerprint
from models.near_copies import nearness
from models.text import normal_form
from triage import events, sightings, urgency
from triage.columns import now
from triage.states import ANSWERABLE, move
from triage.tables import ClaimGroup, Decision, FingerprintBand, Submission, SuggestedMatch
from triage.tables import Fingerprint as StoredFingerprint
from triage.urgency import WAITING

# Hubs of very many look-alikes must not slow each new message down: of each key so many newest wordings are
# looked at, and of all these the ones that share most keys are compared.
MAX_SHARING = 100
MAX_CANDIDATES = 50
# Percent by which the words of two messages are alike, from which a person is shown both.
RESEMBLING = 75


def newest_wording(session: Session) -> int:
    """Return the number of the newest wording kept, for `find_known` to look only at what came since."""
    return session.scalar(select(func.max(StoredFingerprint.id))) or 0


def homes(session: Session, prints: Iterable[Fingerprint]) -> dict[str, int]:
    """Return to which groups those of these wordings belong that are known word for word; by digest."""
    asked = select(StoredFingerprint.digest, StoredFingerprint.group_id).where(
        StoredFingerprint.digest.in_([print_.digest for print_ in prints])
    )
    return dict(session.execute(asked).all())


def find_known(
    session: Session, print_: Fingerprint, known: Mapping[str, int], since: int = 0
) -> list[ClaimGroup]:
    """Return the groups of earlier messages that say the same, word for word or nearly so; nearest first.

    `known`: what `homes` says of this wording. `since`: of wordings that say nearly the same, only those kept
    after this one are looked at.
    """
    group_id = known.get(print_.digest)
    numbers = [group_id] if group_id is not None else _near(session, print_, since)
    groups = {group.id: group for group in (_following_merges(session, each) for each in numbers)}
    return list(groups.values())


def united(session: Session, groups: Sequence[ClaimGroup]) -> ClaimGroup:
    """Return the group for a message that says the same as all of these, nearest first.

    Where the nearest waits, what else waits becomes one with it, so that it makes no difference which message
    came first. A group that a person has worked on takes others in and goes nowhere.
    """
    if len(groups) == 1 or groups[0].state not in WAITING:
        return groups[0]
    waiting = [group for group in groups if group.state in WAITING]
    worked_on = touched(session, waiting)
    into = min(waiting, key=lambda group: (group.id not in worked_on, group.band == "new", group.id))
    for group in waiting:
        if group is not into and group.id not in worked_on:
            absorb(session, group, into)
            move(session, group, "link", events.SYSTEM, {"into": into.id})
            taken_in(session, into, group, events.SYSTEM)
    return into


def resembling(session: Session, group: ClaimGroup) -> list[int]:
    """Return the groups of other messages in much the same words that are no copies, likest first.

    Another amount, place or day keeps them apart: whether that matters, a person can tell.
    """
    read = session.get_one(Submission, group.representative_id)
    own = fingerprint(read.text, read.url)
    if not own.bands:
        return []
    found: dict[int, float] = {}
    for stored in _sharing_keys(session, own, since=0):
        alike = fuzz.token_set_ratio(own.text, stored.text)
        if stored.group_id != group.id and alike >= RESEMBLING:
            found[stored.group_id] = max(alike, found.get(stored.group_id, 0.0))
    return sorted(found, key=lambda number: (-found[number], number))


def find_answered(session: Session, fact_check_id: int) -> ClaimGroup | None:
    """Return the group that a fact-check already answers: other wordings of the same claim join it."""
    return session.scalar(
        select(ClaimGroup)
        .where(ClaimGroup.fact_check_id == fact_check_id, ClaimGroup.state.in_(ANSWERABLE))
        .order_by(ClaimGroup.id)
        .limit(1)
    )


def remember(session: Session, group_id: int, print_: Fingerprint, known: Mapping[str, int]) -> None:
    """Keep a wording as belonging to the group, unless it is known already; `known`: see `find_known`."""
    if print_.digest in known:
        return
    stored = StoredFingerprint(digest=print_.digest, text=print_.text, form=normal_form(), group_id=group_id)
    session.add(stored)
    session.flush()
    keys = [{"key": key, "fingerprint_id": stored.id} for key in set(print_.bands)]
    if keys:
        session.execute(insert(cast("Table", FingerprintBand.__table__)), keys)


def begin(
    session: Session,
    submission: Submission,
    *,
    band: str,
    harm: str,
    doubt: float,
    model_version: str,
    fact_check_id: int | None = None,
) -> ClaimGroup:
    """Make a group that a message stands for; it joins as any other does."""
    group = ClaimGroup(
        state="assessed",
        band=band,
        representative_id=submission.id,
        fact_check_id=fact_check_id,
        harm=harm,
        urgency=0.0,
        urgency_reasons=[],
        doubt=doubt,
        submissions=0,
        reporters=0,
        villages=0,
        first_seen=submission.created_at,
        last_seen=submission.created_at,
        model_version=model_version,
    )
    session.add(group)
    session.flush()
    return group


def join(session: Session, group: ClaimGroup, submission: Submission) -> None:
    """Put a submission into a group and count its sender and village."""
    submission.group_id = group.id
    sightings.count(
        session, group, submission.reporter_hash or "", submission.village or "", submission.created_at
    )
    group.submissions += 1
    group.first_seen = min(group.first_seen, submission.created_at)
    group.last_seen = max(group.last_seen, submission.created_at)


def leave(session: Session, group: ClaimGroup, submission: Submission) -> None:
    """Take a submission out of a group and no longer count its sender and village there."""
    sightings.take_out(session, group, submission)
    submission.group_id = None
    session.flush()
    group.submissions -= 1
    sightings.recount(session, group)
    stand_for(session, group)


def has_messages(session: Session, group: ClaimGroup) -> bool:
    """Tell whether there is a message in the group that can still be read."""
    living = select(Submission.id).where(Submission.group_id == group.id, Submission.state != "erased")
    return session.scalar(living.limit(1)) is not None


def stand_for(session: Session, group: ClaimGroup) -> None:
    """Let one of its own messages stand for a group whose former one has gone elsewhere, if any is left."""
    own = select(Submission.id).where(Submission.group_id == group.id, Submission.state != "erased")
    if session.scalar(own.where(Submission.id == group.representative_id)) is None:
        first = session.scalar(own.order_by(Submission.id).limit(1))
        group.representative_id = first or group.representative_id


def absorb(session: Session, group: ClaimGroup, into: ClaimGroup) -> None:
    """Give a group's messages, wordings and senders to another, inside the caller's transaction.

    The caller moves the group to its end.
    """
    for table in (Submission, StoredFingerprint):
        home = func.coalesce(table.home_group_id, table.group_id)
        session.execute(
            update(table).where(table.group_id == group.id).values(group_id=into.id, home_group_id=home)
        )
    sightings.merge(session, group, into)
    into.submissions += group.submissions
    into.first_seen = min(into.first_seen, group.first_seen)
    into.last_seen = max(into.last_seen, group.last_seen)
    group.merged_into = into.id
    urgency.update(into, now())


def taken_in(session: Session, into: ClaimGroup, group: ClaimGroup, actor: str) -> None:
    """Log on the remaining group which one went up in it."""
    events.of_group(session, actor, into.id, "absorb", {"group": group.id})


def _near(session: Session, print_: Fingerprint, since: int) -> list[int]:
    """Return the groups of wordings that say nearly the same, each once, nearest first, then oldest."""
    if not print_.bands:
        return []
    found: dict[int, tuple[float, int]] = {}
    for stored in _sharing_keys(session, print_, since):
        near = nearness(Fingerprint(stored.digest, (), stored.text), print_)
        if near:
            order = (-near, stored.id)
            found[stored.group_id] = min(order, found.get(stored.group_id, order))
    return sorted(found, key=lambda group_id: found[group_id])


def _sharing_keys(session: Session, print_: Fingerprint, since: int) -> Iterable[StoredFingerprint]:
    """Return the wordings that share most keys with one that has some."""
    given = {f"key{number}": key for number, key in enumerate(print_.bands)}
    return session.scalars(
        _sharing(len(print_.bands)),
        given | {"since": since, "sharing": MAX_SHARING, "candidates": MAX_CANDIDATES},
    )


@lru_cache(maxsize=64)
def _sharing(keys: int) -> Select[StoredFingerprint]:
    """Select the wordings that share most of so many keys. Kept: it takes longer to write than to answer."""
    each = (
        select(FingerprintBand.fingerprint_id)
        .where(
            FingerprintBand.key == bindparam(f"key{number}"),
            FingerprintBand.fingerprint_id > bindparam("since"),
        )
        .order_by(FingerprintBand.fingerprint_id.desc())
        .limit(bindparam("sharing"))
        .subquery()
        for number in range(keys)
    )
    sharing = union_all(*(select(newest.c.fingerprint_id) for newest in each)).subquery()
    return (
        select(StoredFingerprint)
        .join(sharing, sharing.c.fingerprint_id == StoredFingerprint.id)
        .group_by(StoredFingerprint.id)
        .order_by(func.count().desc(), StoredFingerprint.id)
        .limit(bindparam("candidates"))
    )


def touched(session: Session, groups: Sequence[ClaimGroup]) -> frozenset[int]:
    """Tell which groups somebody holds, has decided on once, has judged a suggestion of or has split."""
    numbers = [group.id for group in groups]
    decided = select(Decision.group_id).where(Decision.group_id.in_(numbers))
    judged = select(SuggestedMatch.group_id).where(
        SuggestedMatch.group_id.in_(numbers), SuggestedMatch.state != "suggested"
    )
    held = (group.id for group in groups if group.state == "leased" or group.apart)
    return frozenset(session.scalars(union_all(decided, judged))).union(held)


def _following_merges(session: Session, group_id: int) -> ClaimGroup:
    group = session.get_one(ClaimGroup, group_id)
    while group.merged_into is not None:
        group = session.get_one(ClaimGroup, group.merged_into)
    return group
