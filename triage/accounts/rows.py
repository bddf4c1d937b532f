"""What managing accounts and signing in share: names, events, and the end of an account's sessions."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from triage import events
from triage.errors import AccountRefused
from triage.permissions import ROLES, Actor, Role
from triage.tables import Account, AuthSession

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")


def actor_of(account: Account) -> Actor:
    """Return the person that an account is."""
    return Actor(
        account.id, account.username, account.display_name, role_named(account.role), account.wilayah
    )


def role_named(name: str) -> Role:
    """Return a role by its name. Raises `AccountRefused`."""
    for role in ROLES:
        if role == name:
            return role
    raise AccountRefused(f"There is no role {name}; roles are {', '.join(ROLES)}.", "role")


def log(
    session: Session, account: Account, name: str, actor: str, data: dict[str, Any] | None = None
) -> None:
    """Log a change of an account, in the caller's write transaction."""
    events.append(session, actor=actor, subject="account", subject_id=account.id, name=name, data=data)


def end_sessions(session: Session, account: Account) -> None:
    """Sign an account out everywhere."""
    session.execute(delete(AuthSession).where(AuthSession.account_id == account.id))
