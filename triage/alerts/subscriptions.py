"""Who is written to when claims rise: everybody for themselves, with an address of their own choice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from triage import events, outbox
from triage.alerts import owing
from triage.alerts.addresses import is_address, masked_address
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound, PenjagaError, SealBroken
from triage.permissions import PERMISSIONS, Actor, require
from triage.sealing import seal, sealed_by_present, unseal
from triage.tables import Account, AlertSent, AlertSubscription, Event, Outbox

QUIET_FROM, QUIET_TO = 21, 5
HOURS = range(24)
TRIAL_AFTER = timedelta(minutes=5)
_TRIED = "try-alerts"


class AlertRefused(PenjagaError):
    """What somebody asked of their alerts cannot be noted; `field` names what is wrong."""

    code = "alert-refused"
    status = 422

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody chose. `address`: None where another secret sealed it. `trial_owed`: one is on its way.

    `failed`: why the last letter did not go out, '' where nothing failed.
    """

    address: str | None
    quiet_from: int
    quiet_to: int
    active: bool
    trial_owed: bool
    failed: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody with an address, as an administrator sees them; `mask` is '' where it cannot be read."""

    account_id: int
    display_name: str
    mask: str
    active: bool


def own(session: Session, config: Config, actor: Actor) -> Own | None:
    """Return what the actor chose, None where nothing. Raises `Forbidden`."""
    require(actor, "alerts.receive")
    held = session.get(AlertSubscription, actor.account_id)
    if held is None:
        return None
    rows = session.scalars(
        select(Outbox)
        .where(Outbox.task.in_(("alert", "trial")), Outbox.ref == actor.account_id)
        .order_by(Outbox.id)
    ).all()
    return Own(
        address=read_address(config, held),
        quiet_from=held.quiet_from,
        quiet_to=held.quiet_to,
        active=held.active,
        trial_owed=any(row.task == "trial" and row.parked_at is None for row in rows),
        failed=next((row.last_error for row in reversed(rows) if row.last_error), ""),
    )


def receivers(session: Session, config: Config, actor: Actor) -> tuple[Receiver, ...]:
    """List who has an address, by name. Raises `Forbidden`."""
    require(actor, "accounts.manage")
    rows = session.execute(
        select(AlertSubscription, Account.display_name)
        .join(Account, Account.id == AlertSubscription.account_id)
        .order_by(Account.display_name, Account.id)
    )
    return tuple(Receiver(held.account_id, name, _mask(config, held), held.active) for held, name in rows)


def choose(
    store: Store, config: Config, actor: Actor, address: str, quiet_from: int, quiet_to: int, *, active: bool
) -> None:
    """Keep an address and when it is quiet. What rises just now is written at once, unless it was already.

    Raises `AlertRefused` with what is wrong, `Forbidden`.
    """
    require(actor, "alerts.receive")
    address = address.strip()
    if not is_address(address):
        raise AlertRefused("This is no e-mail address that letters can be sent to.", "address")
    if quiet_from not in HOURS or quiet_to not in HOURS:
        raise AlertRefused("Quiet hours go from 0 to 23.", "quiet")
    with store.write() as session:
        held = session.get(AlertSubscription, actor.account_id)
        if held is None:
            held = AlertSubscription(account_id=actor.account_id)
            session.add(held)
        held.address = seal(config, _purpose(actor.account_id), address)
        held.quiet_from, held.quiet_to, held.active, held.changed_at = quiet_from, quiet_to, active, now()
        data = {"active": active, "quiet": [quiet_from, quiet_to]}
        _log(session, actor.account_id, "choose-alerts", actor.label, data)
        session.flush()
        # What they failed of may be what was just corrected.
        _close_parked(session, actor.account_id)
        if active and config.mail is not None:
            owing.owe_one(session, "alert", actor.account_id)


def ask_trial(store: Store, actor: Actor) -> None:
    """Owe the actor a letter as a trial. Raises `AlertRefused` (`none`, `soon`), `Forbidden`."""
    require(actor, "alerts.receive")
    with store.write() as session:
        if session.get(AlertSubscription, actor.account_id) is None:
            raise AlertRefused("There is no address yet.", "none")
        # By the log: who deletes an address and types another may try no more often. A clock that was set
        # back must not keep a trial for ever.
        last = session.scalar(
            select(Event.at)
            .where(Event.subject == "account", Event.subject_id == actor.account_id, Event.name == _TRIED)
            .order_by(Event.seq.desc())
            .limit(1)
        )
        if last is not None and timedelta() <= now() - last < TRIAL_AFTER:
            raise AlertRefused("A trial was asked for a moment ago.", "soon")
        _log(session, actor.account_id, _TRIED, actor.label, {})
        owing.owe_one(session, "trial", actor.account_id)


def switch_off(store: Store, actor: Actor, account_id: int) -> None:
    """Write to somebody no more, as an administrator. Raises `NotFound`, `Forbidden`."""
    require(actor, "accounts.manage")
    with store.write() as session:
        held = session.get(AlertSubscription, account_id)
        if held is None:
            raise NotFound("This account receives no alerts.")
        held.active, held.changed_at = False, now()
        _close_parked(session, account_id)
        _log(session, account_id, "stop-alerts", actor.label, {})


def delete_own(store: Store, actor: Actor) -> None:
    """Forget the actor's own address. Raises `Forbidden`."""
    require(actor, "alerts.receive")
    with store.write() as session:
        forget(session, actor.account_id, actor.label)


def forget(session: Session, account_id: int, by: str) -> None:
    """Forget somebody's address, and what was begun to be written, in the caller's write transaction."""
    held = session.get(AlertSubscription, account_id)
    if held is None:
        return
    session.delete(held)
    drop_begun(session, account_id)
    _close_parked(session, account_id)
    _log(session, account_id, "forget-alerts", by, {})


def drop_begun(session: Session, account_id: int) -> None:
    """Take back the letter that was begun for somebody and not sent."""
    begun = (AlertSent.account_id == account_id, AlertSent.sent_at.is_(None))
    session.execute(delete(AlertSent).where(*begun))


def _close_parked(session: Session, account_id: int) -> None:
    outbox.close_parked(session, "alert", account_id)
    outbox.close_parked(session, "trial", account_id)


def may_receive(account: Account) -> bool:
    """Tell whether an account is open, and its role one that alerts go to."""
    return account.active and account.role in PERMISSIONS["alerts.receive"]


def read_address(config: Config, held: AlertSubscription) -> str | None:
    """Return an address; None where another secret sealed it."""
    try:
        return unseal(config, _purpose(held.account_id), held.address)
    except SealBroken:
        return None


def seal_anew(store: Store, config: Config) -> int:
    """Seal with the present secret what an earlier one sealed; return how many.

    What an unknown secret sealed is left: it is readable again once that one is given.
    """
    with store.read() as session:
        rows = session.scalars(select(AlertSubscription)).all()
    if all(_by_present(config, held) for held in rows):
        return 0
    done = 0
    with store.write() as session:
        for held in session.scalars(select(AlertSubscription)):
            if not _by_present(config, held):
                with suppress(SealBroken):
                    purpose = _purpose(held.account_id)
                    held.address = seal(config, purpose, unseal(config, purpose, held.address))
                    done += 1
    return done


def _mask(config: Config, held: AlertSubscription) -> str:
    address = read_address(config, held)
    return masked_address(address) if address is not None else ""


def _by_present(config: Config, held: AlertSubscription) -> bool:
    return sealed_by_present(config, _purpose(held.account_id), held.address)


def _purpose(account_id: int) -> str:
    # Sealed for one account: moved to another row, it opens nothing.
    return f"alert address:{account_id}"


def _log(session: Session, account_id: int, name: str, by: str, data: dict[str, Any]) -> None:
    events.append(session, actor=by, subject="account", subject_id=account_id, name=name, data=data)
