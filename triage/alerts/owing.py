"""That letters are owed: one piece of work for each person, however many claims rise until it is done."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from triage import outbox
from triage.broker import OutboxTask
from triage.config import Config
from triage.permissions import PERMISSIONS
from triage.tables import Account, AlertSubscription, Outbox

# What begins to rise within it comes in one letter.
GATHER = timedelta(minutes=1)


def owe(session: Session, config: Config) -> None:
    """Owe a letter to everybody who wants one, in the transaction in which claims begin to rise."""
    if config.mail is None:
        return
    for account_id in session.scalars(receiving().order_by(Account.id)):
        owe_one(session, "alert", account_id, after=GATHER)


def owe_one(session: Session, task: OutboxTask, account_id: int, *, after: timedelta = timedelta()) -> None:
    """Owe somebody a letter, unless one is owed already that is not parked: it then tells this as well."""
    if session.scalar(select(Outbox.id).where(*_owed(task, account_id)).limit(1)) is None:
        outbox.add(session, task, account_id, after=after)


def owed_otherwise(session: Session, job: outbox.Job) -> bool:
    """Tell whether another row owes the same and does it: an earlier one, or one that is at it already.

    Two come about where a dead letter is put back beside one that was owed since.
    """
    does_it = or_(Outbox.id < job.id, Outbox.attempts > 0)
    other = select(Outbox.id).where(*_owed(job.task, job.ref), Outbox.id != job.id, does_it)
    return session.scalar(other.limit(1)) is not None


def receiving() -> Select[int]:
    """Select the accounts that letters go to: open, with a role that may, and switched on."""
    roles = PERMISSIONS["alerts.receive"]
    return (
        select(Account.id)
        .join(AlertSubscription, AlertSubscription.account_id == Account.id)
        .where(Account.active.is_(True), Account.role.in_(roles), AlertSubscription.active.is_(True))
    )


def _owed(task: OutboxTask, account_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Outbox.task == task, Outbox.ref == account_id, Outbox.parked_at.is_(None))
