"""Sending letters, each once: what a letter tells is settled before it goes, and that it went right after.

Whoever stops in between leaves a letter that was begun. It is handed in again under the same Message-ID, by
which mail servers know it; only then a letter can come twice, and nothing is ever lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from triage import outbox
from triage.alerts import claims, letters, owing, post, quiet
from triage.alerts.claims import Rising
from triage.alerts.post import LetterRefused, MailAway
from triage.alerts.subscriptions import drop_begun, may_receive, read_address
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.mail_settings import MailServer
from triage.outbox import Job
from triage.tables import Account, AlertSent, AlertSubscription, Surge

# A claim that goes up and down is not told anew each time.
AGAIN_AFTER = timedelta(hours=6)
UNREADABLE = "The address is sealed with another PENJAGA_SECRET; its owner types it again on the page."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A letter that is to go out: to whom, and about which surges (ids, in order)."""

    address: str | None
    surges: tuple[int, ...]


def send_alerts(store: Store, config: Config, job: Job) -> None:
    """Write to one person (`job.ref`, an account) what rises and was not told; settles the job.

    In the person's quiet time the job is put off until it ends. Raises `MailAway`: nothing is lost then.
    """
    mail = _mail(config)
    while (begun := _begin(store, config, job)) is not None:
        if begun.address is None:
            outbox.park(store, job, UNREADABLE)
            return
        with store.read() as session:
            told = claims.rising(session, begun.surges)
        letter = letters.alert(config, mail, begun.address, _key(job, told), told, now())
        try:
            post.hand_in(mail, letter, begun.address)
        except LetterRefused as error:
            outbox.park(store, job, str(error))
            return
        _note_sent(store, job, begun.surges)
        _log.info("alert_sent", surges=len(begun.surges))


def send_trial(store: Store, config: Config, job: Job) -> None:
    """Send one person a letter as a trial; settles the job. Raises `MailAway`."""
    mail = _mail(config)
    with store.read() as session:
        row = outbox.row_of(session, job)
        if row is None:
            return
        # By its time as well, as in `_key`: numbers of rows come again.
        key = f"trial:{job.ref}:{row.created_at.isoformat()}"
        held = _receiver(session, job)
        address = read_address(config, held) if held is not None else None
    if held is not None and address is None:
        outbox.park(store, job, UNREADABLE)
        return
    if address is not None:
        letter = letters.trial(config, mail, address, key, now())
        try:
            post.hand_in(mail, letter, address)
        except LetterRefused as error:
            outbox.park(store, job, str(error))
            return
    with store.write() as session:
        _be_done(session, job)


def _mail(config: Config) -> MailServer:
    if config.mail is None:
        raise MailAway("No mail server is set: PENJAGA_SMTP_URL.")
    return config.mail


def _key(job: Job, told: Sequence[Rising]) -> str:
    """Name a letter by whom and what it tells, in whatever order.

    By time as well: in a store that was put back from a copy, numbers come again, and mail servers would
    take the letter for the earlier one and drop it.
    """
    surges = sorted(f"{claim.surge.id} {claim.surge.found_at.isoformat()}" for claim in told)
    return f"{job.ref}:{','.join(surges)}"


def _begin(store: Store, config: Config, job: Job) -> _Begun | None:
    """Settle what the next letter tells; None where there is none to send now."""
    with store.write() as session:
        if outbox.row_of(session, job) is None:
            return None
        held = _receiver(session, job)
        if held is None or not held.active:
            drop_begun(session, job.ref)
            _be_done(session, job)
            return None
        if owing.owed_otherwise(session, job):
            outbox.settle(session, job)
            return None
        wait = quiet.left(config.wilayah, held.quiet_from, held.quiet_to, now())
        if wait:
            outbox.put_off(session, job, wait)
            return None
        surges = _unfinished(session, job.ref) or _untold(session, job.ref)
        if not surges:
            _be_done(session, job)
            return None
        return _Begun(read_address(config, held), surges)


def _be_done(session: Session, job: Job) -> None:
    """Settle a job, and with it what is parked: put back, that would find nothing more to do."""
    outbox.settle(session, job)
    outbox.close_parked(session, job.task, job.ref)


def _receiver(session: Session, job: Job) -> AlertSubscription | None:
    account = session.get(Account, job.ref)
    if account is None or not may_receive(account):
        return None
    return session.get(AlertSubscription, job.ref)


def _unfinished(session: Session, account_id: int) -> tuple[int, ...]:
    """Return the surges of a letter that was begun; one about nothing that goes on is dropped."""
    rows = session.execute(
        select(Surge.id, Surge.ended_at)
        .join(AlertSent, AlertSent.surge_id == Surge.id)
        .where(AlertSent.account_id == account_id, AlertSent.sent_at.is_(None))
        .order_by(Surge.id)
    ).all()
    if rows and all(ended is not None for _, ended in rows):
        drop_begun(session, account_id)
        return ()
    return tuple(number for number, _ in rows)


def _untold(session: Session, account_id: int) -> tuple[int, ...]:
    """Begin a letter about what goes on and was not told, and return its surges."""
    own = AlertSent.account_id == account_id
    lately = (
        select(Surge.group_id)
        .join(AlertSent, AlertSent.surge_id == Surge.id)
        .where(own, AlertSent.sent_at > now() - AGAIN_AFTER)
    )
    numbers = session.scalars(
        select(Surge.id)
        .where(
            Surge.ended_at.is_(None),
            Surge.id.not_in(select(AlertSent.surge_id).where(own)),
            Surge.group_id.not_in(lately),
        )
        .order_by(Surge.id)
    ).all()
    session.add_all(AlertSent(surge_id=number, account_id=account_id, sent_at=None) for number in numbers)
    session.flush()
    return tuple(numbers)


def _note_sent(store: Store, job: Job, surges: tuple[int, ...]) -> None:
    with store.write() as session:
        # These and no others: while this worker was held up, another may have begun the next letter.
        told = (AlertSent.account_id == job.ref, AlertSent.surge_id.in_(surges), AlertSent.sent_at.is_(None))
        session.execute(update(AlertSent).where(*told).values(sent_at=now()))
        outbox.close_parked(session, job.task, job.ref)
