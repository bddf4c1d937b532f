"""Sessions: kept on the server, ended by idleness, by age, by their owner, and by every change of an account.

A sign-in gives a random token; only its SHA-256 is stored, so a stolen database signs nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from triage.accounts.rows import actor_of, end_sessions, log
from triage.columns import now
from triage.db import Store
from triage.errors import CodeNeeded, NotFound, PasswordChangeNeeded, SecondStepNeeded, StoreUnavailable
from triage.permissions import SECOND_STEP, Actor
from triage.tables import Account, AuthSession

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
# The password was right and the code is still to come: long enough to find the phone.
CODE_WAIT = timedelta(minutes=10)
# For so long after showing who one is, what guards the account may be changed.
PROOF = timedelta(minutes=10)
# Reading pages must not write: the time last seen is only as fine as this.
SEEN_STEP = timedelta(minutes=5)
_NAMED = 16
Kind = Literal["web", "api"]
Due = Literal["", "code", "password", "second-step"]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom a token belongs to. Until what is `due` is settled, nothing else may be done.

    `second_step`: whether the account has one. `proved`: whether its holder showed who they are just now.
    """

    actor: Actor
    due: Due
    second_step: bool
    proved: bool

    @property
    def must_change_password(self) -> bool:
        """Whether a one-time password waits to be changed."""
        return self.due == "password"


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of a person's sessions; `name` is for ending it, and opens nothing."""

    name: str
    kind: Kind
    since: datetime
    last_seen: datetime
    this: bool


def start(session: Session, account: Account, kind: Kind, *, code_due: bool = False) -> str:
    """Begin a session in the caller's write transaction; return its token (256 random bits)."""
    token, moment = secrets.token_urlsafe(32), now()
    held = AuthSession(token_hash=digest(token), account_id=account.id, kind=kind, code_due=code_due)
    held.created_at, held.last_seen = moment, moment
    held.expires_at = moment + (CODE_WAIT if code_due else ABSOLUTE)
    held.proved_at = None if code_due else moment
    session.add(held)
    return token


def found(session: Session, token: str) -> tuple[AuthSession, Account] | None:
    """Return a session that holds, with its account; None if it is idle for 12 h, 7 days old, or ended."""
    moment = now()
    row = session.execute(
        select(AuthSession, Account)
        .join(Account, Account.id == AuthSession.account_id)
        .where(
            AuthSession.token_hash == digest(token),
            AuthSession.expires_at > moment,
            AuthSession.last_seen > moment - IDLE,
            Account.active,
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def as_signed_in(held: AuthSession, account: Account) -> SignedIn:
    """Return what a session allows as it stands."""
    return SignedIn(
        actor=actor_of(account),
        due=_due(held, account),
        second_step=account.totp_secret is not None,
        proved=held.proved_at is not None and held.proved_at > now() - PROOF,
    )


def signed_in(store: Store, token: str) -> SignedIn | None:
    """Tell whom a token belongs to; None if it is unknown, idle for 12 h, older than 7 days or closed."""
    with store.read() as session:
        row = found(session, token)
        if row is None:
            return None
        held, account = row
        who = as_signed_in(held, account)
        stale = held.last_seen + SEEN_STEP <= now()
    if stale:
        _touch(store, digest(token))
    return who


def account_for(store: Store, token: str) -> Actor | None:
    """Return who may act with this token, None if it is nobody's (any more).

    Raises `CodeNeeded`, `PasswordChangeNeeded` or `SecondStepNeeded` while that is still to be done.
    """
    who = signed_in(store, token)
    if who is None:
        return None
    if who.due == "code":
        raise CodeNeeded
    if who.due == "password":
        raise PasswordChangeNeeded
    if who.due == "second-step":
        raise SecondStepNeeded
    return who.actor


def sessions_of(store: Store, token: str) -> tuple[OwnSession, ...]:
    """List the sessions of whoever holds the token, the one last seen first."""
    moment = now()
    with store.read() as session:
        row = found(session, token)
        if row is None:
            return ()
        rows = session.scalars(
            select(AuthSession)
            .where(
                AuthSession.account_id == row[1].id,
                AuthSession.expires_at > moment,
                AuthSession.last_seen > moment - IDLE,
                AuthSession.code_due.is_(False),
            )
            .order_by(AuthSession.last_seen.desc(), AuthSession.created_at.desc())
        ).all()
    return tuple(
        OwnSession(
            name=held.token_hash[:_NAMED],
            kind="api" if held.kind == "api" else "web",
            since=held.created_at,
            last_seen=held.last_seen,
            this=held.token_hash == digest(token),
        )
        for held in rows
    )


def end_one(store: Store, token: str, name: str) -> None:
    """End one of the sessions of whoever holds the token. Raises `NotFound` if it is none of theirs."""
    with store.write() as session:
        row = found(session, token)
        account_id = row[1].id if row else None
        rows = session.scalars(select(AuthSession).where(AuthSession.account_id == account_id)).all()
        held = next((one for one in rows if one.token_hash[:_NAMED] == name), None)
        if row is None or held is None:
            raise NotFound("There is no such session of yours.")
        session.delete(held)
        log(session, row[1], "sign-out", actor_of(row[1]).label, {"from_afar": held is not row[0]})


def sign_out(store: Store, token: str) -> None:
    """End the session of a token; an unknown token is already signed out."""
    with store.write() as session:
        held = session.get(AuthSession, digest(token))
        if held is not None:
            account = session.get_one(Account, held.account_id)
            session.delete(held)
            log(session, account, "sign-out", actor_of(account).label)


def sign_out_everywhere(store: Store, token: str) -> None:
    """End every session of whoever holds the token, this one as well."""
    with store.write() as session:
        row = found(session, token)
        if row is not None:
            end_sessions(session, row[1])
            log(session, row[1], "sign-out-everywhere", actor_of(row[1]).label)


def drop_expired_sessions(store: Store) -> int:
    """Delete sessions that ended by age or idleness; return how many."""
    moment = now()
    ended = or_(AuthSession.expires_at <= moment, AuthSession.last_seen <= moment - IDLE)
    with store.read() as session:
        number = session.scalar(select(func.count()).select_from(AuthSession).where(ended)) or 0
    if number:
        with store.write() as session:
            session.execute(delete(AuthSession).where(ended))
    return number


def digest(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _due(held: AuthSession, account: Account) -> Due:
    if held.code_due:
        return "code"
    if account.must_change_password:
        return "password"
    return "second-step" if account.role in SECOND_STEP and account.totp_secret is None else ""


def _touch(store: Store, token_hash: str) -> None:
    try:
        with store.write() as session:
            session.execute(
                update(AuthSession).where(AuthSession.token_hash == token_hash).values(last_seen=now())
            )
    except StoreUnavailable:
        # A full disk must not keep people from reading.
        _log.warning("last_seen_not_written")
