"""Lock-out after wrong passwords or codes: short and growing, never for ever, and not for a whole village.

A browser that the person has signed in with before has a count of its own. All others, and programs, share
that of the account. So whoever guesses elsewhere locks out nobody where they always work; and a guesser who
throws cookies away has no more tries than one who keeps them.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from triage import events
from triage.columns import now
from triage.tables import Account, AccountDevice

FREE_FAILURES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)


def attempt(
    session: Session, account: Account, device: str | None, *, fits: bool, more: bool = False
) -> bool:
    """Settle one try, in the caller's write transaction: True only if it may pass.

    A wrong one is counted and logged; from the fifth on the account is locked for 30 s, doubling with each
    to at most 15 min. While it is locked (or closed) nothing passes, and nothing is counted: attempts cannot
    make a lock longer, nor fill the event log. `device` is how the browser's messages are counted, None for a
    program. With `more`, another step follows: earlier failures stay counted until that is passed too.
    """
    moment = now()
    known = session.get(AccountDevice, (account.id, device)) if device else None
    counter = known or account
    if not account.active or (counter.locked_until is not None and moment < counter.locked_until):
        return False
    if fits:
        if not more:
            counter.failed_sign_ins, counter.locked_until = 0, None
        return True
    counter.failed_sign_ins += 1
    over = counter.failed_sign_ins - FREE_FAILURES
    if over >= 0:
        counter.locked_until = moment + min(LONGEST_LOCK, FIRST_LOCK * 2 ** min(over, 10))
    data = {"failures": counter.failed_sign_ins, "known_browser": known is not None}
    events.append(
        session,
        actor=events.SYSTEM,
        subject="account",
        subject_id=account.id,
        name="sign-in-failed",
        data=data,
    )
    return False


def clear(session: Session, account: Account) -> None:
    """Forget all earlier failures, after a reset."""
    account.failed_sign_ins, account.locked_until = 0, None
    session.execute(
        update(AccountDevice)
        .where(AccountDevice.account_id == account.id)
        .values(failed_sign_ins=0, locked_until=None)
    )
