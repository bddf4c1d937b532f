"""Who has an account: made, reset, closed and opened again by an operator; every change is an event."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import lockout, passwords
from triage.accounts.rows import USERNAME, end_sessions, log, role_named
from triage.columns import now
from triage.db import Store
from triage.errors import AccountRefused, NotFound
from triage.permissions import OPERATOR, ROLES, Role
from triage.tables import Account

_WILAYAH = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account just made, with the one-time password that is shown once and never again."""

    username: str
    password: str
    role: Role


def create(store: Store, username: str, display_name: str, role: str, wilayah: str) -> str:
    """Make an account; return its one-time password. Raises `AccountRefused` with what is wrong."""
    username = username.strip().lower()
    display_name = " ".join(display_name.split())
    if not USERNAME.fullmatch(username):
        raise AccountRefused(
            "A username has 3 to 40 characters: letters, digits, dot, dash or underscore, no spaces."
        )
    if not 1 <= len(display_name) <= 80:
        raise AccountRefused("A name to show has 1 to 80 characters.")
    if not _WILAYAH.fullmatch(wilayah):
        raise AccountRefused("wilayah is a Kemendagri code such as 35.08 or 35.08.01.2001.")
    known = role_named(role)
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        if session.scalar(select(Account.id).where(Account.username == username)) is not None:
            raise AccountRefused(f"There is already an account {username}.")
        _add(session, username, display_name, known, wilayah, hashed)
    return password


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
            _add(session, account.username, account.username.capitalize(), account.role, wilayah, hashed)
    return made


def accounts(session: Session) -> list[Account]:
    """List all accounts by username."""
    return list(session.scalars(select(Account).order_by(Account.username)))


def reset_password(store: Store, username: str, reason: str) -> str:
    """Give an account a new one-time password, unlock it and end its sessions; return the password.

    Raises `NotFound` for an unknown name, `AccountRefused` without a reason or for a closed account, to
    which no password opens anything.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _named(session, username)
        if not account.active:
            raise AccountRefused(
                f"The account {account.username} is closed; `penjaga users activate` opens it."
            )
        _hand_over(session, account, hashed)
        log(session, account, "reset-password", OPERATOR.label, {"reason": _reason(reason)})
    return password


def activate(store: Store, username: str, reason: str) -> str:
    """Open a closed account again; return its one-time password: whoever knew the old one stays out.

    Raises `NotFound` for an unknown name, `AccountRefused` without a reason or for an open account.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _named(session, username)
        if account.active:
            raise AccountRefused(f"The account {account.username} is open already.")
        account.active = True
        _hand_over(session, account, hashed)
        log(session, account, "activate", OPERATOR.label, {"reason": _reason(reason)})
    return password


def deactivate(store: Store, username: str, reason: str) -> None:
    """Close an account at once, with its sessions; what it did stays.

    Raises `NotFound` for an unknown name, `AccountRefused` without a reason.
    """
    with store.write() as session:
        account = _named(session, username)
        account.active = False
        end_sessions(session, account)
        log(session, account, "deactivate", OPERATOR.label, {"reason": _reason(reason)})


def _add(session: Session, username: str, display_name: str, role: Role, wilayah: str, hashed: str) -> None:
    account = Account(username=username, display_name=display_name, role=role, wilayah=wilayah)
    account.password_hash, account.must_change_password, account.active = hashed, True, True
    account.created_at = now()
    session.add(account)
    session.flush()
    log(session, account, "create", OPERATOR.label, {"role": role, "wilayah": wilayah})


def _hand_over(session: Session, account: Account, hashed: str) -> None:
    account.password_hash, account.must_change_password = hashed, True
    lockout.clear(account)
    end_sessions(session, account)


def _named(session: Session, username: str) -> Account:
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    if account is None:
        raise NotFound(f"There is no account {username}.")
    return account


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise AccountRefused("Say why: the reason goes into the event log.")
    return reason
