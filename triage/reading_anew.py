"""Wordings kept in an earlier normal form: what was sent is read anew, to be known when it comes again.

Not a migration: the normal form changes with every table of words, and a migration that reads messages would
read them as the program of its own day does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.fingerprint import Fingerprint, fingerprint
from models.text import normal_form
from triage import grouping
from triage.db import Store
from triage.tables import Fingerprint as StoredFingerprint
from triage.tables import Submission

# Wordings between two writes: less than a second of work, so that intake never waits long.
CHUNK = 200


def in_earlier_form(session: Session) -> int:
    """Count the wordings that were read in another normal form than the present one."""
    stale = StoredFingerprint.form != normal_form()
    return session.scalar(select(func.count()).select_from(StoredFingerprint).where(stale)) or 0


def read_anew(store: Store) -> int:
    """Add to each group how its messages read now; return how many earlier wordings were gone through.

    Nothing that is kept goes away and no group joins another: a reading that is known already stays where it
    is. Goes on where it was stopped; does nothing when all are in the present form.
    """
    gone_through, last = 0, 0
    while chunk := _next(store, last):
        readings = _readings(store, chunk)
        with store.write() as session:
            for group, print_ in readings:
                grouping.remember(session, group, print_, grouping.homes(session, [print_]))
            numbers = [wording.id for wording in chunk]
            stored = update(StoredFingerprint).where(StoredFingerprint.id.in_(numbers))
            session.execute(stored.values(form=normal_form()))
        gone_through, last = gone_through + len(chunk), chunk[-1].id
    return gone_through


def _next(store: Store, last: int) -> Sequence[StoredFingerprint]:
    with store.read() as session:
        stale = select(StoredFingerprint).where(
            StoredFingerprint.form != normal_form(), StoredFingerprint.id > last
        )
        return session.scalars(stale.order_by(StoredFingerprint.id).limit(CHUNK)).all()


def _readings(store: Store, chunk: Iterable[StoredFingerprint]) -> list[tuple[int, Fingerprint]]:
    """Return group and present reading of every message of the chunk's groups, the first message first.

    Of a message that has left the group, what is left is the wording: it is read in its place.
    """
    with store.read() as session:
        sent = session.execute(
            select(Submission.text, Submission.url, Submission.group_id)
            .where(Submission.group_id.in_({wording.group_id for wording in chunk}))
            .order_by(Submission.id)
        ).all()
    texts = [(row.text, row.url, row.group_id) for row in sent]
    texts += [(wording.text, None, wording.group_id) for wording in chunk]
    return [
        (group, fingerprint(text, url))
        for text, url, group in dict.fromkeys(texts)
        if group and (text or url)
    ]
