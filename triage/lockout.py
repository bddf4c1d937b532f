"""Lock-out after wrong passwords: short and growing, counted per account, never for ever."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from triage import events
from triage.columns import now
from triage.tables import Account

FREE_FAILURES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)


def attempt(session: Session, account: Account, *, fits: bool) -> bool:
    """Settle one try, in the caller's write transaction: True only if it may pass.

    A wrong password is counted and logged; from the fifth on the account is locked for 30 s, doubling with
    each to at most 15 min. While it is locked (or closed) nothing passes, and nothing is counted: attempts
    cannot make a lock longer, nor fill the event log.
    """
    moment = now()
    if not account.active or (account.locked_until is not None and moment < account.locked_until):
        return False
    if fits:
        clear(account)
        return True
    account.failed_sign_ins += 1
    over = account.failed_sign_ins - FREE_FAILURES
    if over >= 0:
        account.locked_until = moment + min(LONGEST_LOCK, FIRST_LOCK * 2 ** min(over, 10))
    data = {"failures": account.failed_sign_ins}
    events.append(
        session,
        actor=events.SYSTEM,
        subject="account",
        subject_id=account.id,
        name="sign-in-failed",
        data=data,
    )
    return False


def clear(account: Account) -> None:
    """Forget earlier failures, after a right password or a reset."""
    account.failed_sign_ins, account.locked_until = 0, None
