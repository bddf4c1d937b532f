"""Who has an account: invited, changed, reset, closed and opened again; every change is an event.

By an administrator, or by whoever runs commands on the machine. Nobody changes their own account here: nobody
gives themselves a role, and the last administrator stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import lockout, passwords
from triage.accounts import links, second_step
from triage.accounts.rows import USERNAME, end_sessions, log, role_named
from triage.alerts import subscriptions
from triage.columns import now
from triage.db import Store
from triage.errors import AccountRefused, Forbidden, NotFound
from triage.permissions import OPERATOR, ROLES, Actor, Role, require
from triage.tables import Account

MAX_REASON = 300
_WILAYAH = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made, with the one-time password that is shown once and never again."""

    username: str
    password: str
    role: Role


@dataclass(frozen=True, slots=True)
class _New:
    username: str
    display_name: str
    role: Role
    wilayah: str


def create(
    store: Store, username: str, display_name: str, role: str, wilayah: str, by: Actor = OPERATOR
) -> str:
    """Make an account; return its one-time password. Raises `AccountRefused` with what is wrong."""
    new, password = _checked(by, username, display_name, role, wilayah), passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        _add(session, new, hashed, by)
    return password


def invite(
    store: Store, username: str, display_name: str, role: str, wilayah: str, by: Actor = OPERATOR
) -> str:
    """Make an account without a password; return the token of the link by which its owner chooses one.

    Raises `AccountRefused` with what is wrong, `Forbidden`.
    """
    new = _checked(by, username, display_name, role, wilayah)
    with store.write() as session:
        return links.new_link(session, _add(session, new, "", by))


def create_first_accounts(store: Store, wilayah: str) -> list[NewAccount]:
    """Make one account per role, named as the role, if there is no account yet; else return nothing."""
    with store.read() as session:
        if session.scalar(select(Account.id).limit(1)) is not None:
            return []
    made = [NewAccount(role, passwords.one_time(), role) for role in ROLES]
    hashes = [passwords.hash_password(account.password) for account in made]
    with store.write() as session:
        if session.scalar(select(Account.id).limit(1)) is not None:
            return []
        for account, hashed in zip(made, hashes, strict=True):
            new = _New(account.username, account.username.capitalize(), account.role, wilayah)
            _add(session, new, hashed, OPERATOR)
    return made


def accounts(session: Session, by: Actor = OPERATOR) -> list[Account]:
    """List all accounts by username. Raises `Forbidden`."""
    require(by, "accounts.manage")
    return list(session.scalars(select(Account).order_by(Account.username)))


def account_named(session: Session, username: str, by: Actor) -> Account:
    """Return an account. Raises `Forbidden`, `NotFound`."""
    require(by, "accounts.manage")
    known = USERNAME.fullmatch(username)
    account = session.scalar(select(Account).where(Account.username == username)) if known else None
    if account is None:
        raise NotFound(f"There is no account {username}.")
    return account


def reset_password(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> str:
    """Give an account a new one-time password, unlock it and end its sessions; return the password.

    Raises `NotFound` for an unknown name, `Forbidden`, `AccountRefused` without a reason or for a closed
    account, to which no password opens anything.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _open(session, by, username)
        _hand_over(session, account, hashed)
        log(session, account, "reset-password", by.label, {"reason": _reason(reason)})
    return password


def reset_by_link(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> str:
    """As `reset_password`, but return the token of a link by which the owner chooses a new password."""
    with store.write() as session:
        return _linked(session, _open(session, by, username), "reset-password", reason, by)


def reset_second_step(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> None:
    """Forget the second step of an account, for whoever lost phone and recovery codes; ends its sessions.

    Raises `NotFound`, `Forbidden`, `AccountRefused` without a reason or where there is none.
    """
    with store.write() as session:
        account = _named(session, by, username)
        if account.totp_secret is None:
            raise AccountRefused(f"The account {account.username} has no second step.")
        second_step.remove(session, account)
        end_sessions(session, account)
        log(session, account, "reset-second-step", by.label, {"reason": _reason(reason)})


def change(store: Store, username: str, role: str, wilayah: str, reason: str, by: Actor = OPERATOR) -> None:
    """Give an account another role or area; its sessions end at once.

    Raises `NotFound`, `Forbidden`, `AccountRefused` with what is wrong.
    """
    known = _known_area(role_named(role), wilayah)
    with store.write() as session:
        account = _named(session, by, username)
        before = {"role": account.role, "wilayah": account.wilayah}
        account.role, account.wilayah = known, wilayah
        if not subscriptions.may_receive(account):
            subscriptions.forget(session, account.id, by.label)
        end_sessions(session, account)
        data = {"from": before, "to": {"role": role, "wilayah": wilayah}, "reason": _reason(reason)}
        log(session, account, "change", by.label, data)


def activate(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> str:
    """Open a closed account again; return its one-time password: whoever knew the old one stays out.

    Raises `NotFound` for an unknown name, `Forbidden`, `AccountRefused` without a reason or for an open
    account.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _reopened(session, by, username)
        _hand_over(session, account, hashed)
        log(session, account, "activate", by.label, {"reason": _reason(reason)})
    return password


def activate_by_link(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> str:
    """As `activate`, but return the token of a link by which the owner chooses a new password."""
    with store.write() as session:
        return _linked(session, _reopened(session, by, username), "activate", reason, by)


def deactivate(store: Store, username: str, reason: str, by: Actor = OPERATOR) -> None:
    """Close an account at once, with its sessions, its link and its address for alerts; what it did stays.

    Raises `NotFound` for an unknown name, `Forbidden`, `AccountRefused` without a reason.
    """
    with store.write() as session:
        account = _named(session, by, username)
        account.active = False
        subscriptions.forget(session, account.id, by.label)
        end_sessions(session, account)
        links.void(session, account)
        log(session, account, "deactivate", by.label, {"reason": _reason(reason)})


def _linked(session: Session, account: Account, event: str, reason: str, by: Actor) -> str:
    token = links.new_link(session, account)
    log(session, account, event, by.label, {"reason": _reason(reason), "link": True})
    return token


def _checked(by: Actor, username: str, display_name: str, role: str, wilayah: str) -> _New:
    require(by, "accounts.manage")
    username = username.strip().lower()
    display_name = " ".join(display_name.split())
    if not USERNAME.fullmatch(username):
        raise AccountRefused(
            "A username has 3 to 40 characters: letters, digits, dot, dash or underscore, no spaces.",
            "username",
        )
    if not 1 <= len(display_name) <= 80:
        raise AccountRefused("A name to show has 1 to 80 characters.", "name")
    return _New(username, display_name, _known_area(role_named(role), wilayah), wilayah)


def _known_area(role: Role, wilayah: str) -> Role:
    if not _WILAYAH.fullmatch(wilayah):
        raise AccountRefused("wilayah is a Kemendagri code such as 35.08 or 35.08.01.2001.", "wilayah")
    return role


def _add(session: Session, new: _New, hashed: str, by: Actor) -> Account:
    if session.scalar(select(Account.id).where(Account.username == new.username)) is not None:
        raise AccountRefused(f"There is already an account {new.username}.", "taken")
    account = Account(
        username=new.username, display_name=new.display_name, role=new.role, wilayah=new.wilayah
    )
    account.password_hash, account.must_change_password, account.active = hashed, True, True
    account.created_at = now()
    session.add(account)
    session.flush()
    data = {"role": new.role, "wilayah": new.wilayah}
    log(session, account, "create" if hashed else "invite", by.label, data)
    return account


def _hand_over(session: Session, account: Account, hashed: str) -> None:
    account.password_hash, account.must_change_password = hashed, True
    lockout.clear(session, account)
    links.void(session, account)
    end_sessions(session, account)


def _open(session: Session, by: Actor, username: str) -> Account:
    account = _named(session, by, username)
    if not account.active:
        raise AccountRefused(f"The account {account.username} is closed; `penjaga users activate` opens it.")
    return account


def _reopened(session: Session, by: Actor, username: str) -> Account:
    account = _named(session, by, username)
    if account.active:
        raise AccountRefused(f"The account {account.username} is open already.")
    account.active = True
    return account


def _named(session: Session, by: Actor, username: str) -> Account:
    account = account_named(session, username.strip().lower(), by)
    if account.id == by.account_id:
        raise Forbidden("Nobody changes their own account here.", "own-account")
    return account


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= MAX_REASON:
        raise AccountRefused("Say why: the reason goes into the event log.", "reason")
    return reason
