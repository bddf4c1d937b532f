"""Links that open an account once: whoever holds one chooses its password. For invitations and resets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from triage import lockout, passwords
from triage.accounts.rows import actor_of, end_sessions, log
from triage.accounts.sessions import digest, start
from triage.columns import now
from triage.db import Store
from triage.errors import LinkRefused
from triage.permissions import Actor
from triage.tables import Account, AccountLink

VALID = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a link is for. `second_step`: the account has one, which the link does not replace."""

    actor: Actor
    second_step: bool


def new_link(session: Session, account: Account) -> str:
    """Make the one link of an account, in the caller's write transaction; return its token (256 random bits).

    From then on no password opens the account, until the link was used; earlier links are void.
    """
    account.password_hash, account.must_change_password = "", False
    lockout.clear(session, account)
    end_sessions(session, account)
    void(session, account)
    token = secrets.token_urlsafe(32)
    session.add(AccountLink(token_hash=digest(token), account_id=account.id, expires_at=now() + VALID))
    return token


def void(session: Session, account: Account) -> None:
    """Make the link of an account good for nothing."""
    session.execute(delete(AccountLink).where(AccountLink.account_id == account.id))


def invited(store: Store, token: str) -> Invited:
    """Tell whom a link is for, without using it. Raises `LinkRefused`."""
    with store.read() as session:
        account = _account(session, token)
        return Invited(actor_of(account), account.totp_secret is not None)


def use_link(store: Store, token: str, password: str) -> str:
    """Choose the password of an account; return the token of a session.

    Where the account has a second step, the session still waits for its code.

    Raises `LinkRefused` for a link that was used, replaced or is too old, `PasswordRefused`: then the link is
    still good.
    """
    passwords.check_new(password, invited(store, token).actor.username)
    hashed = passwords.hash_password(password)
    with store.write() as session:
        account = _account(session, token)
        account.password_hash, account.must_change_password = hashed, False
        void(session, account)
        log(session, account, "use-link", actor_of(account).label)
        return start(session, account, "web", code_due=account.totp_secret is not None)


def _account(session: Session, token: str) -> Account:
    account = session.scalar(
        select(Account)
        .join(AccountLink, AccountLink.account_id == Account.id)
        .where(AccountLink.token_hash == digest(token), AccountLink.expires_at > now(), Account.active)
    )
    if account is None:
        raise LinkRefused("This link was used already, was replaced, or is older than 72 hours.")
    return account
