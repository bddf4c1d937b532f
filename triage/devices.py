"""How browsers are counted: each has a random number, of which only a keyed hash is stored."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import receipts, sightings
from triage.config import Config
from triage.tables import AccountDevice, Sighting, Submission


def reporter_hash(config: Config, device: str) -> str:
    """Return how the messages of a browser are counted: a keyed hash of its random number."""
    return receipts.keyed_hash(config.secret, "reporter", device)


def adopt(session: Session, config: Config, device: str) -> None:
    """Bring what a browser sent before the secret changed under the present one: it stays one person."""
    if not config.earlier_secrets:
        return
    present = reporter_hash(config, device)
    for earlier in receipts.keyed_hashes(config.earlier_secrets, "reporter", device):
        theirs = select(Submission.group_id).where(Submission.reporter_hash == earlier)
        groups = set(session.scalars(theirs.distinct())) - {None}
        for sighting in session.scalars(
            select(Sighting).where(Sighting.group_id.in_(groups), Sighting.reporter_hash == earlier)
        ).all():
            sightings.rename(session, sighting, sighting.group_id, present)
        session.flush()
        session.execute(
            update(Submission).where(Submission.reporter_hash == earlier).values(reporter_hash=present)
        )
        _adopt_accounts(session, earlier, present)


def _adopt_accounts(session: Session, earlier: str, present: str) -> None:
    for row in session.scalars(select(AccountDevice).where(AccountDevice.reporter_hash == earlier)).all():
        if session.get(AccountDevice, (row.account_id, present)) is None:
            row.reporter_hash = present
        else:
            session.delete(row)
    session.flush()
