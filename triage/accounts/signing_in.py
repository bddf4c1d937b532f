"""Signing in: argon2id passwords, sessions kept on the server, every change an event.

A sign-in gives a random token; only its SHA-256 is stored, so a stolen database signs nobody in. Password
hashing happens outside the write transaction (it takes long, and writers take turns); the decision is made
inside it, on the row as it then stands, so guesses made at the same time cannot pass a lock-out together.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from triage import lockout, passwords
from triage.accounts.rows import USERNAME, actor_of, end_sessions, log
from triage.columns import now
from triage.db import Store
from triage.errors import PasswordChangeNeeded, PasswordRefused, SignInRefused, StoreUnavailable
from triage.permissions import Actor
from triage.tables import Account, AuthSession

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
# Reading pages must not write: the time last seen is only as fine as this.
SEEN_STEP = timedelta(minutes=5)
_REFUSAL = "The name or the password is wrong, or the account is locked for a while."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a token belongs to. Until `must_change_password` is settled, nothing else may be done."""

    actor: Actor
    must_change_password: bool


def sign_in(store: Store, username: str, password: str, *, to_change: bool = True) -> tuple[str, SignedIn]:
    """Start a session; return its token (256 random bits) and whom it belongs to.

    Raises `SignInRefused`, always the same, for an unknown name, a wrong password and a locked or closed
    account: the answer tells a guesser nothing. With `to_change` False, for whoever could not change it,
    a right one-time password starts nothing and raises `PasswordChangeNeeded`.
    """
    username = username.strip().lower()
    with store.read() as session:
        query = select(Account.id, Account.password_hash).where(Account.username == username)
        # What cannot be a username is not worth a query (PostgreSQL refuses some of it).
        found = session.execute(query).one_or_none() if USERNAME.fullmatch(username) else None
    fits = passwords.matches(found.password_hash if found else None, password)
    if found is None:
        _log.warning("sign_in_failed", account=None)
        raise SignInRefused(_REFUSAL)
    with store.write() as session:
        account = session.get_one(Account, found.id)
        accepted = lockout.attempt(
            session, account, fits=fits and account.password_hash == found.password_hash
        )
        stuck = accepted and account.must_change_password and not to_change
        token = _start_session(session, account) if accepted and not stuck else ""
        if token:
            log(session, account, "sign-in", actor_of(account).label)
    if not accepted:
        _log.warning("sign_in_failed", account=found.id)
        raise SignInRefused(_REFUSAL)
    if stuck:
        raise PasswordChangeNeeded
    return token, SignedIn(actor_of(account), account.must_change_password)


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
        found = SignedIn(actor_of(account), account.must_change_password)
        stale = held.last_seen + SEEN_STEP <= moment
    if stale:
        _touch(store, _digest(token), moment)
    return found


def account_for(store: Store, token: str) -> Actor | None:
    """Return who may act with this token, None if it is nobody's (any more).

    Raises `PasswordChangeNeeded` while a one-time password waits to be changed.
    """
    found = signed_in(store, token)
    if found is None:
        return None
    if found.must_change_password:
        raise PasswordChangeNeeded
    return found.actor


def sign_out(store: Store, token: str) -> None:
    """End the session of a token; an unknown token is already signed out."""
    with store.write() as session:
        held = session.get(AuthSession, _digest(token))
        if held is not None:
            account = session.get_one(Account, held.account_id)
            session.delete(held)
            log(session, account, "sign-out", actor_of(account).label)


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
            end_sessions(session, account)
            fresh = _start_session(session, account)
            log(session, account, "change-password", actor_of(account).label)
    if not accepted:
        raise SignInRefused(_REFUSAL)
    return fresh


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


def _touch(store: Store, token_hash: str, moment: datetime) -> None:
    try:
        with store.write() as session:
            session.execute(
                update(AuthSession).where(AuthSession.token_hash == token_hash).values(last_seen=moment)
            )
    except StoreUnavailable:
        # A full disk must not keep people from reading.
        _log.warning("last_seen_not_written")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
