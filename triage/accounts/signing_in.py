"""Signing in with a password, showing once more who one is, and choosing a new password.

Password hashing happens outside the write transaction (it takes long, and writers take turns); the decision
is made inside it, on the row as it then stands, so guesses made at the same time cannot pass a lock-out
together.
"""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import lockout, passwords
from triage.accounts import second_step
from triage.accounts.rows import USERNAME, actor_of, end_sessions, log
from triage.accounts.sessions import Kind, SignedIn, digest, sign_out, signed_in, start
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import (
    CodeNeeded,
    PasswordChangeNeeded,
    PasswordRefused,
    PenjagaError,
    ProofNeeded,
    SecondStepNeeded,
    SignInRefused,
)
from triage.permissions import SECOND_STEP
from triage.tables import Account, AuthSession

_REFUSAL = "The name or the password is wrong, or the account is locked for a while."
_log = structlog.get_logger(__name__)


def sign_in(
    store: Store,
    username: str,
    password: str,
    *,
    device: str | None = None,
    kind: Kind = "web",
    to_set_up: bool = True,
) -> tuple[str, SignedIn]:
    """Start a session; return its token and whom it belongs to. `device`: how the browser is counted.

    Where the account has a second step, the session is good for nothing but `second_step.enter_code`.
    Raises `SignInRefused`, always the same, for an unknown name, a wrong password and a locked or closed
    account: the answer tells a guesser nothing. With `to_set_up` False, for whoever could not do it, a right
    password with something left to set up starts nothing and raises `PasswordChangeNeeded` or
    `SecondStepNeeded`.
    """
    number, stored, fits = _checked(store, username, password)
    renewed = passwords.hash_password(password) if fits and passwords.outdated(stored) else None
    with store.write() as session:
        account = session.get_one(Account, number)
        code_due = account.totp_secret is not None
        accepted = lockout.attempt(
            session, account, device, fits=fits and account.password_hash == stored, more=code_due
        )
        stuck = _set_up_first(account) if accepted and not to_set_up else None
        token = ""
        if accepted and stuck is None:
            account.password_hash = renewed or account.password_hash
            token = start(session, account, kind, code_due=code_due)
            log(session, account, "password-right" if code_due else "sign-in", actor_of(account).label)
    if not accepted:
        _log.warning("sign_in_failed", account=number)
        raise SignInRefused(_REFUSAL)
    if stuck is not None:
        raise stuck
    who = signed_in(store, token)
    if who is None:
        raise SignInRefused(_REFUSAL)
    return token, who


def sign_in_program(store: Store, config: Config, username: str, password: str, code: str) -> str:
    """Start a session for a program, in one call; return its token.

    Raises as `sign_in` without anything to set up, `CodeNeeded` where a code is needed and none came,
    `CodeRefused` for a wrong one; then no session is left.
    """
    token, who = sign_in(store, username, password, kind="api", to_set_up=False)
    if who.due != "code":
        return token
    try:
        if not code:
            raise CodeNeeded
        return second_step.enter_code(store, config, token, code)
    except PenjagaError:
        sign_out(store, token)
        raise


def prove(
    store: Store, config: Config, token: str, password: str, code: str, device: str | None = None
) -> None:
    """Show once more who one is, so that what guards the account may be changed.

    Wrong passwords and codes count towards the lock-out. Raises `SignInRefused`, `CodeRefused`.
    """
    owner = signed_in(store, token)
    if owner is None or owner.due == "code":
        raise SignInRefused("The session has ended.")
    with store.read() as session:
        stored = session.get_one(Account, owner.actor.account_id).password_hash
    fits = passwords.matches(stored, password)
    with store.write() as session:
        account = session.get_one(Account, owner.actor.account_id)
        has_code = account.totp_secret is not None
        accepted = lockout.attempt(
            session, account, device, fits=fits and account.password_hash == stored, more=has_code
        )
        right = accepted and (not has_code or second_step.accept(session, config, account, code, device))
        held = session.get(AuthSession, digest(token))
        if right and held is not None:
            held.proved_at = now()
            log(session, account, "prove", actor_of(account).label)
    if not accepted:
        raise SignInRefused(_REFUSAL)
    if not right:
        raise second_step.refused()


def change_password(store: Store, token: str, current: str, new: str, device: str | None = None) -> str:
    """Set a new password; ends every session of the account and returns the token of a new one.

    Raises `SignInRefused` if the token is not valid or `current` is wrong (wrong ones count towards the
    lock-out), `PasswordRefused` with the rule that the new one breaks, `ProofNeeded` where the account has a
    second step and its code was given too long ago.
    """
    owner = signed_in(store, token)
    if owner is None or owner.due == "code":
        raise SignInRefused("The session has ended.")
    if owner.second_step and not owner.proved:
        raise ProofNeeded("Show once more who you are.")
    passwords.check_new(new, owner.actor.username)
    if new == current:
        raise PasswordRefused("password-same", "The new password is the old one.")
    with store.read() as session:
        stored = session.get_one(Account, owner.actor.account_id).password_hash
    fits = passwords.matches(stored, current)
    hashed = passwords.hash_password(new)
    with store.write() as session:
        account = session.get_one(Account, owner.actor.account_id)
        accepted = lockout.attempt(session, account, device, fits=fits and account.password_hash == stored)
        fresh = _with_new_password(session, account, hashed) if accepted else ""
    if not accepted:
        raise SignInRefused(_REFUSAL)
    return fresh


def _checked(store: Store, username: str, password: str) -> tuple[int, str, bool]:
    """Return the account of a name, its hash, and whether the password fits. Raises `SignInRefused`."""
    username = username.strip().lower()
    with store.read() as session:
        query = select(Account.id, Account.password_hash).where(Account.username == username)
        # What cannot be a username is not worth a query (PostgreSQL refuses some of it).
        row = session.execute(query).one_or_none() if USERNAME.fullmatch(username) else None
    fits = passwords.matches(row.password_hash if row else None, password)
    if row is None:
        _log.warning("sign_in_failed", account=None)
        raise SignInRefused(_REFUSAL)
    return row.id, row.password_hash, fits


def _with_new_password(session: Session, account: Account, hashed: str) -> str:
    account.password_hash, account.must_change_password = hashed, False
    end_sessions(session, account)
    log(session, account, "change-password", actor_of(account).label)
    return start(session, account, "web")


def _set_up_first(account: Account) -> PenjagaError | None:
    if account.must_change_password:
        return PasswordChangeNeeded()
    if account.role in SECOND_STEP and account.totp_secret is None:
        return SecondStepNeeded()
    return None
