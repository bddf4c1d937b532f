"""Accounts and sign-in: argon2id passwords, sessions kept on the server, every change an event.

A sign-in gives a random token; only its SHA-256 is stored, so a stolen database signs nobody in. Password
hashing happens outside the write transaction (it takes long, and writers take turns); the decision is made
inside it, on the row as it then stands, so guesses made at the same time cannot pass a lock-out together.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from triage import events, lockout, passwords
from triage.columns import now
from triage.db import Store
from triage.errors import AccountRefused, NotFound, PasswordRefused, SignInRefused, StoreUnavailable
from triage.permissions import OPERATOR, ROLES, Actor, Role
from triage.tables import Account, AuthSession

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
# Reading pages must not write: the time last seen is only as fine as this.
SEEN_STEP = timedelta(minutes=5)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
_WILAYAH = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?")
_REFUSAL = "The name or the password is wrong, or the account is locked for a while."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a token belongs to. Until `must_change_password` is settled, nothing else may be done."""

    actor: Actor
    must_change_password: bool


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
    if not _USERNAME.fullmatch(username):
        raise AccountRefused(
            "A username has 3 to 40 characters: letters, digits, dot, dash or underscore, no spaces."
        )
    if not 1 <= len(display_name) <= 80:
        raise AccountRefused("A name to show has 1 to 80 characters.")
    if not _WILAYAH.fullmatch(wilayah):
        raise AccountRefused("wilayah is a Kemendagri code such as 35.08 or 35.08.01.2001.")
    known = _role(role)
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


def sign_in(store: Store, username: str, password: str) -> tuple[str, SignedIn]:
    """Start a session; return its token (256 random bits) and whom it belongs to.

    Raises `SignInRefused`, always the same, for an unknown name, a wrong password and a locked or closed
    account: the answer tells a guesser nothing.
    """
    username = username.strip().lower()
    with store.read() as session:
        query = select(Account.id, Account.password_hash).where(Account.username == username)
        # What cannot be a username is not worth a query (PostgreSQL refuses some of it).
        found = session.execute(query).one_or_none() if _USERNAME.fullmatch(username) else None
    fits = passwords.matches(found.password_hash if found else None, password)
    if found is None:
        _log.warning("sign_in_failed", account=None)
        raise SignInRefused(_REFUSAL)
    with store.write() as session:
        account = session.get_one(Account, found.id)
        accepted = lockout.attempt(
            session, account, fits=fits and account.password_hash == found.password_hash
        )
        token = _start_session(session, account) if accepted else ""
        if accepted:
            _event(session, account, "sign-in", _actor(account).label)
    if not accepted:
        _log.warning("sign_in_failed", account=found.id)
        raise SignInRefused(_REFUSAL)
    return token, SignedIn(_actor(account), account.must_change_password)


def signed_in(store: Store, token: str) -> SignedIn | None:
    """Tell whom a token belongs to; None if it is unknown, idle for 12 h, older than 7 days or closed."""
    moment = now()
    with store.read() as session:
        row = session.execute(
            select(AuthSession, Account)
            .join(Account, Account.id == AuthSession.account_id)
            .where(
                AuthSession.token_hash == _digest(token),
                AuthSession.expires_at > moment,
                AuthSession.last_seen > moment - IDLE,
                Account.active,
            )
        ).one_or_none()
        if row is None:
            return None
        held, account = row
        found = SignedIn(_actor(account), account.must_change_password)
        stale = held.last_seen + SEEN_STEP <= moment
    if stale:
        _touch(store, _digest(token), moment)
    return found


def account_for(store: Store, token: str) -> Actor | None:
    """Return who may act with this token; None also while a one-time password waits to be changed."""
    found = signed_in(store, token)
    return None if found is None or found.must_change_password else found.actor


def sign_out(store: Store, token: str) -> None:
    """End the session of a token; an unknown token is already signed out."""
    with store.write() as session:
        held = session.get(AuthSession, _digest(token))
        if held is not None:
            account = session.get_one(Account, held.account_id)
            session.delete(held)
            _event(session, account, "sign-out", _actor(account).label)


def change_password(store: Store, token: str, current: str, new: str) -> str:
    """Set a new password; ends every session of the account and returns the token of a new one.

    Raises `SignInRefused` if the token is not valid or `current` is wrong (wrong ones count towards the
    lock-out), `PasswordRefused` with the rule that the new one breaks.
    """
    owner = signed_in(store, token)
    if owner is None:
        raise SignInRefused("The session has ended.")
    passwords.check_new(new, owner.actor.username)
    if new == current:
        raise PasswordRefused("password-same", "The new password is the old one.")
    with store.read() as session:
        stored = session.get_one(Account, owner.actor.account_id).password_hash
    fits = passwords.matches(stored, current)
    hashed = passwords.hash_password(new)
    with store.write() as session:
        account = session.get_one(Account, owner.actor.account_id)
        accepted = lockout.attempt(session, account, fits=fits and account.password_hash == stored)
        fresh = ""
        if accepted:
            account.password_hash, account.must_change_password = hashed, False
            _end_sessions(session, account)
            fresh = _start_session(session, account)
            _event(session, account, "change-password", _actor(account).label)
    if not accepted:
        raise SignInRefused(_REFUSAL)
    return fresh


def reset_password(store: Store, username: str, reason: str) -> str:
    """Give an account a new one-time password, unlock it and end its sessions; return the password.

    Raises `NotFound` for an unknown name, `AccountRefused` without a reason.
    """
    password = passwords.one_time()
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _named(session, username)
        account.password_hash, account.must_change_password = hashed, True
        lockout.clear(account)
        _end_sessions(session, account)
        _event(session, account, "reset-password", OPERATOR.label, {"reason": _reason(reason)})
    return password


def deactivate(store: Store, username: str, reason: str) -> None:
    """Close an account at once, with its sessions; what it did stays. Errors as `reset_password`."""
    with store.write() as session:
        account = _named(session, username)
        account.active = False
        _end_sessions(session, account)
        _event(session, account, "deactivate", OPERATOR.label, {"reason": _reason(reason)})


def drop_expired_sessions(store: Store) -> int:
    """Delete sessions that ended by age or idleness; return how many."""
    moment = now()
    ended = or_(AuthSession.expires_at <= moment, AuthSession.last_seen <= moment - IDLE)
    with store.read() as session:
        found = session.scalar(select(func.count()).select_from(AuthSession).where(ended)) or 0
    if found:
        with store.write() as session:
            session.execute(delete(AuthSession).where(ended))
    return found


def _start_session(session: Session, account: Account) -> str:
    token = secrets.token_urlsafe(32)
    moment = now()
    held = AuthSession(token_hash=_digest(token), account_id=account.id)
    held.created_at, held.last_seen, held.expires_at = moment, moment, moment + ABSOLUTE
    session.add(held)
    return token


def _end_sessions(session: Session, account: Account) -> None:
    session.execute(delete(AuthSession).where(AuthSession.account_id == account.id))


def _touch(store: Store, token_hash: str, moment: datetime) -> None:
    try:
        with store.write() as session:
            session.execute(
                update(AuthSession).where(AuthSession.token_hash == token_hash).values(last_seen=moment)
            )
    except StoreUnavailable:
        # A full disk must not keep people from reading.
        _log.warning("last_seen_not_written")


def _add(session: Session, username: str, display_name: str, role: Role, wilayah: str, hashed: str) -> None:
    account = Account(username=username, display_name=display_name, role=role, wilayah=wilayah)
    account.password_hash, account.must_change_password, account.active = hashed, True, True
    account.created_at = now()
    session.add(account)
    session.flush()
    _event(session, account, "create", OPERATOR.label, {"role": role, "wilayah": wilayah})


def _event(
    session: Session, account: Account, name: str, actor: str, data: dict[str, Any] | None = None
) -> None:
    events.append(session, actor=actor, subject="account", subject_id=account.id, name=name, data=data)


def _named(session: Session, username: str) -> Account:
    account = session.scalar(select(Account).where(Account.username == username.strip().lower()))
    if account is None:
        raise NotFound(f"There is no account {username}.")
    return account


def _actor(account: Account) -> Actor:
    return Actor(account.id, account.username, account.display_name, _role(account.role))


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise AccountRefused(f"There is no role {name}; roles are {', '.join(ROLES)}.")


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise AccountRefused("Say why: the reason goes into the event log.")
    return reason


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
