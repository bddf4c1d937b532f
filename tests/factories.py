"""Small valid rows for tests; each call makes a new one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from functools import cache
from itertools import count

from sqlalchemy.orm import Session

from models.fingerprint import fingerprint
from triage import grouping, passwords
from triage.columns import now
from triage.permissions import SECOND_STEP, Actor, Role
from triage.tables import (
    Account,
    AuthSession,
    ClaimGroup,
    ClaimText,
    FactCheck,
    FactCheckVersion,
    Submission,
    SuggestedMatch,
)

_numbers = count(1)


def make_submission(
    session: Session, text: str = "Kabar yang perlu diperiksa", **fields: object
) -> Submission:
    """A received submission."""
    number = next(_numbers)
    values: dict[str, object] = {
        "receipt_hash": f"{number:064d}",
        "payload_hash": f"{number:064d}",
        "text": text,
        "channel": "web",
        "created_at": now(),
        "state": "received",
    }
    submission = Submission(**(values | fields))
    session.add(submission)
    session.flush()
    return submission


def make_group(session: Session, state: str = "queued", **fields: object) -> ClaimGroup:
    """A claim group with one submission in it."""
    submission = make_submission(session, state="assessed")
    moment = now()
    values: dict[str, object] = {
        "state": state,
        "band": "new",
        "representative_id": submission.id,
        "harm": "other",
        "urgency": 1.0,
        "urgency_reasons": [],
        "doubt": 1.0,
        "submissions": 1,
        "reporters": 1,
        "villages": 0,
        "first_seen": moment,
        "last_seen": moment,
        "model_version": "test",
    }
    group = ClaimGroup(**(values | fields))
    session.add(group)
    session.flush()
    submission.group_id = group.id
    return group


def groups_of(session: Session, message: str) -> list[ClaimGroup]:
    """The groups of earlier messages that say the same as this one."""
    print_ = fingerprint(message)
    return grouping.find_known(session, print_, grouping.homes(session, [print_]))


def make_account(session: Session, role: Role = "verifikator") -> Actor:
    """An account of a role, as the actor it signs in as (password and second step are unusable)."""
    number = next(_numbers)
    account = Account(
        username=f"akun{number}",
        display_name=f"Akun {number}",
        role=role,
        password_hash=_unusable(),
        must_change_password=False,
        active=True,
        wilayah="35.08",
        created_at=now(),
        failed_sign_ins=0,
        totp_secret="-" if role in SECOND_STEP else None,
    )
    session.add(account)
    session.flush()
    return Actor(account.id, account.username, account.display_name, role)


@cache
def _unusable() -> str:
    return passwords.hash_password(secrets.token_urlsafe(16))


def make_session(session: Session, actor: Actor, *, code_due: bool = False, proved: bool = True) -> str:
    """A session of somebody, as after signing in just now; returns its token."""
    token = secrets.token_urlsafe(32)
    session.add(
        AuthSession(
            token_hash=hashlib.sha256(token.encode()).hexdigest(), account_id=actor.account_id,
            created_at=now(), last_seen=now(), expires_at=now() + timedelta(days=1),
            kind="web", code_due=code_due, proved_at=now() if proved else None,
        )
    )  # fmt: skip
    session.flush()
    return token


def make_fact_check(
    session: Session,
    title: str = "Kabar lama yang sudah diperiksa",
    *,
    origin: str = "imported",
    searchable: bool = True,
    **fields: object,
) -> FactCheck:
    """A published fact-check with one wording."""
    number = next(_numbers)
    moment = now()
    fact_check = FactCheck(
        source_key=f"t-{number}", origin=origin, searchable=searchable, seq=number, version=1,
        created_at=moment, updated_at=moment,
    )  # fmt: skip
    session.add(fact_check)
    session.flush()
    values: dict[str, object] = {
        "fact_check_id": fact_check.id, "number": 1, "title": title, "claim": "",
        "explanation": "Tidak benar.", "what_to_do": "", "ask": "", "verdict": "hoaks",
        "harm": "other", "language": "id", "publisher": "Contoh",
        "checked_on": date(2026, 1, 2), "url": "https://contoh.example/1", "evidence": [],
        "content_hash": f"{number}", "created_at": moment,
    }  # fmt: skip
    session.add(FactCheckVersion(**(values | fields)))
    session.add(ClaimText(fact_check_id=fact_check.id, position=0, text=title))
    session.flush()
    return fact_check


def suggest(session: Session, group: ClaimGroup, fact_check: FactCheck, rank: int = 1) -> SuggestedMatch:
    """A suggestion of a fact-check for a group."""
    match = SuggestedMatch(
        group_id=group.id, fact_check_id=fact_check.id, rank=rank, probability=0.6, reasons=[],
        model_version="test", state="suggested", created_at=now(), likely=group.band != "new",
    )  # fmt: skip
    session.add(match)
    session.flush()
    return match
