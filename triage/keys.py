"""Which secret a store was made with: receipts, hashes and sealed text are of use only with the same one.

The store keeps a check value of each secret that it was used with. It is keyed by the secret itself, so it
tells only whoever has the secret whether that is the one.
"""

from __future__ import annotations

from typing import Literal

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.receipts import keyed_hash
from triage.tables import KnownSecret, Submission

IDENTITY_CHARACTERS = 16
_log = structlog.get_logger(__name__)
# known: the newest that was used; rotated: a new one beside the earlier; foreign: the earlier is not given.
FOREIGN = "the secret is not the one that this store was used with: its receipts are not found"
FOREIGN_REMEDY = "set PENJAGA_SECRET as it was, or name the earlier one in PENJAGA_SECRET_EARLIER"
Standing = Literal["unused", "known", "rotated", "foreign"]


def identity(secret: str) -> str:
    """Return the check value of a secret (16 hexadecimal digits)."""
    return keyed_hash(secret, "identity", "")[:IDENTITY_CHARACTERS]


def standing(session: Session, config: Config) -> Standing:
    """Tell how the secret that is set relates to those that the store was used with."""
    newest = session.scalar(select(KnownSecret.identity).order_by(KnownSecret.id.desc()).limit(1))
    if newest is None:
        return "unused"
    if newest == identity(config.secret):
        return "known"
    return "rotated" if newest in map(identity, config.secrets) else "foreign"


def note(store: Store, config: Config, *, foreign: bool = False) -> Standing:
    """Note the secret that is set as the one in use; one that the store does not know only if `foreign`.

    Returns how it stood before.
    """
    with store.read() as session:
        found = standing(session, config)
    if found == "known" or (found == "foreign" and not foreign):
        return found
    with store.write() as session:
        found = standing(session, config)
        earlier = session.scalar(select(KnownSecret).where(KnownSecret.identity == identity(config.secret)))
        if earlier is not None:
            session.delete(earlier)
            session.flush()
        session.add(KnownSecret(identity=identity(config.secret), noted_at=now()))
    return found


def adopt_receipt(store: Store, submission_id: int, receipt_hash: str) -> None:
    """Keep a receipt under the present secret once it was used, so that the earlier one can be forgotten."""
    try:
        with store.write() as session:
            session.get_one(Submission, submission_id).receipt_hash = receipt_hash
    except StoreUnavailable:
        # A full disk must not keep people from reading; the next look does it.
        _log.warning("receipt_not_rehashed")
