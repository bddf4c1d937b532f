"""Reading other offices' feeds by the clock, each in its turn; what fails is tried again, ever less often."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import select

from triage import outbox
from triage.archive import importing
from triage.archive.importing import CANNOT_OPEN
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import PenjagaError
from triage.fetch import Fetcher, Limits
from triage.outbox import Job
from triage.peers.register import owe
from triage.tables import Peer

EVERY = timedelta(minutes=15)
LONGEST = timedelta(hours=6)
# Of an office that answers slowly, or with very much: others' work waits meanwhile.
LIMITS = Limits(bytes=20_000_000, total_s=30.0, tries=2, retry_after_s=20.0)
_MAX_REASON = 500
_log = structlog.get_logger(__name__)


def owe_due(store: Store) -> None:
    """Owe the reading of every office whose time has come."""
    due = select(Peer).where(Peer.trust != "none", Peer.due_at <= now())
    with store.read() as session:
        if session.scalar(due.limit(1)) is None:
            return
    with store.write() as session:
        for peer in session.scalars(due):
            owe(session, peer)
            peer.due_at = now() + _wait(peer.failures)


def read(store: Store, config: Config, jobs: Sequence[Job], fetcher: Fetcher | None = None) -> None:
    """Read the offices that the jobs name. What cannot be read is noted and tried again later.

    Raises `StoreUnavailable`; what was committed before stays.
    """
    for job in jobs:
        with store.read() as session:
            peer = session.get(Peer, job.ref)
            wanted = peer is not None and peer.trust != "none"
            address = peer.url if peer is not None else ""
        failed = _try_to_read(store, address, fetcher or Fetcher(config, limits=LIMITS)) if wanted else ""
        with store.write() as session:
            peer = session.get(Peer, job.ref)
            if not outbox.settle(session, job) or peer is None or not wanted:
                continue
            peer.failed, peer.failures = failed, peer.failures + 1 if failed else 0
            peer.read_at = peer.read_at if failed else now()
            peer.due_at = now() + _wait(peer.failures)
        _log.info("peer_read", peer=job.ref, failed=failed.partition(":")[0])


def _try_to_read(store: Store, address: str, fetcher: Fetcher) -> str:
    """Return code and reason of a failure, '' if all was read."""
    try:
        importing.read_address(store, address, fetcher)
    except CANNOT_OPEN as error:
        return _reason(error)
    return ""


def _reason(error: PenjagaError) -> str:
    return f"{error.code}: {error}"[:_MAX_REASON]


def _wait(failures: int) -> timedelta:
    """Return the time to the next reading: spread, so that offices do not all come at the same moment."""
    longer = min(LONGEST, EVERY * float(2 ** min(failures, 10)))
    return longer * random.uniform(0.8, 1.0)  # noqa: S311 - jitter, not a secret
