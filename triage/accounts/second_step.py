"""The second step of a sign-in: six digits from an app (TOTP), good once, and recovery codes on paper."""

from __future__ import annotations

import hmac
import re
from contextlib import suppress
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from triage import lockout, receipts
from triage.accounts.rows import actor_of, end_sessions, log
from triage.accounts.sessions import Kind, as_signed_in, digest, found, start
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import CodeRefused, Forbidden, ProofNeeded, SealBroken, SignInRefused
from triage.permissions import SECOND_STEP
from triage.regions import region_name
from triage.sealing import seal, sealed_by_present, unseal
from triage.tables import Account, AuthSession, RecoveryCode

RECOVERY_CODES = 10
STEP_S = 30
# Clocks of phones go wrong by some seconds, and people are slow to type: one step either way.
_NEAR = (0, -1, 1)
_DIGITS = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is being set up: to be typed (base32), or to be scanned (`otpauth://…`)."""

    secret: str
    uri: str


def enter_code(store: Store, config: Config, token: str, code: str, device: str | None = None) -> str:
    """Finish a sign-in that waits for its code; return the token of the new session: the old one ends.

    A wrong code counts towards the lock-out as a wrong password does. Raises `CodeRefused`, and
    `SignInRefused` where no sign-in waits (any more).
    """
    with store.write() as session:
        row = found(session, token)
        if row is None or not row[0].code_due:
            raise SignInRefused("No sign-in waits for a code.")
        held, account = row
        fresh = ""
        if accept(session, config, account, code, device):
            kind: Kind = "api" if held.kind == "api" else "web"
            session.delete(held)
            fresh = start(session, account, kind)
            log(session, account, "sign-in", actor_of(account).label, {"second_step": True})
    if not fresh:
        raise refused()
    return fresh


def accept(session: Session, config: Config, account: Account, code: str, device: str | None) -> bool:
    """Settle one code, in the caller's write transaction: True only if right, fresh and not locked out."""
    step = _step(config, account, code)
    recovery = None if step is not None else session.get(RecoveryCode, (account.id, _hash(account, code)))
    fits = step is not None or recovery is not None
    if not lockout.attempt(session, account, device, fits=fits):
        return False
    if step is not None:
        account.totp_step = step
    if recovery is not None:
        session.delete(recovery)
        log(session, account, "recovery-code-used", actor_of(account).label)
    return True


def refused() -> CodeRefused:
    """Return the one error for every code that is not taken: which reason it was tells a guesser nothing."""
    return CodeRefused("The code is wrong, was used already, or the account is locked for a while.")


def offer(store: Store, config: Config, token: str) -> Offer:
    """Return the secret to set up, the same one as long as the session lasts.

    Raises `ProofNeeded`, `SignInRefused`.
    """
    with store.write() as session:
        held, account = _proven(session, token)
        if held.totp_offer is None:
            held.totp_offer = seal(config, _purpose(account), pyotp.random_base32())
        secret = unseal(config, _purpose(account), held.totp_offer)
        issuer = f"Penjaga {region_name(config.wilayah)}"
        return Offer(secret, pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=issuer))


def set_up(store: Store, config: Config, token: str, code: str) -> tuple[str, tuple[str, ...]]:
    """Make the offered secret the account's second step, once its first code was typed.

    Every other session ends. Returns the token of a new session and the recovery codes, which are shown once.
    Raises `CodeRefused` for a wrong code (nothing was changed, nothing counted), `ProofNeeded`,
    `SignInRefused`.
    """
    with store.write() as session:
        held, account = _proven(session, token)
        sealed = held.totp_offer
        step = _matching(unseal(config, _purpose(account), sealed), code) if sealed else None
        if step is None:
            raise CodeRefused("This is not the code of the secret that was offered.")
        account.totp_secret, account.totp_step = sealed, step
        codes = _new_codes(session, account)
        end_sessions(session, account)
        log(session, account, "set-second-step", actor_of(account).label)
        return start(session, account, "web"), codes


def renew_recovery_codes(store: Store, token: str) -> tuple[str, ...]:
    """Replace the recovery codes; return the new ones, which are shown once.

    Raises `ProofNeeded`, `SignInRefused`.
    """
    with store.write() as session:
        _, account = _proven(session, token)
        codes = _new_codes(session, account)
        log(session, account, "renew-recovery-codes", actor_of(account).label)
        return codes


def seal_anew(store: Store, config: Config) -> int:
    """Seal with the present secret what an earlier one sealed; return how many.

    What an unknown secret sealed is left: it is readable again once that one is given.
    """
    with store.read() as session:
        with_one = session.scalars(select(Account).where(Account.totp_secret.is_not(None))).all()
    earlier = [account.id for account in with_one if not _by_present(config, account)]
    done = 0
    for number in earlier:
        with store.write() as session:
            account = session.get_one(Account, number)
            if account.totp_secret is not None and not _by_present(config, account):
                with suppress(SealBroken):
                    secret = unseal(config, _purpose(account), account.totp_secret)
                    account.totp_secret = seal(config, _purpose(account), secret)
                    done += 1
    return done


def _by_present(config: Config, account: Account) -> bool:
    return sealed_by_present(config, _purpose(account), account.totp_secret or "")


def give_up(store: Store, token: str) -> None:
    """Sign in without a second step from now on.

    Raises `Forbidden` where the role needs one, `ProofNeeded`, `SignInRefused`.
    """
    with store.write() as session:
        _, account = _proven(session, token)
        if account.role in SECOND_STEP:
            raise Forbidden("This role needs a second step.")
        remove(session, account)
        log(session, account, "give-up-second-step", actor_of(account).label)


def remove(session: Session, account: Account) -> None:
    """Forget the second step of an account, with its recovery codes."""
    account.totp_secret = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def _proven(session: Session, token: str) -> tuple[AuthSession, Account]:
    row = found(session, token)
    if row is None or row[0].code_due or row[1].must_change_password:
        raise SignInRefused("Sign in first, and choose a password of your own.")
    if not as_signed_in(*row).proved:
        raise ProofNeeded("Show once more who you are.")
    return row


def _step(config: Config, account: Account, code: str) -> int | None:
    """Return the half minute that a code belongs to, None if it is none or none after the last one used."""
    # A recovery code needs no secret: it opens also where that cannot be read any more.
    if account.totp_secret is None or not _DIGITS.fullmatch("".join(code.split())):
        return None
    step = _matching(unseal(config, _purpose(account), account.totp_secret), code)
    return step if step is not None and step > account.totp_step else None


def _matching(secret: str, code: str) -> int | None:
    typed = "".join(code.split()).encode("utf-8", "surrogatepass")
    totp, present = pyotp.TOTP(secret), int(now().timestamp()) // STEP_S
    steps = (present + near for near in _NEAR)
    return next(
        (step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), typed)), None
    )


def _new_codes(session: Session, account: Account) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = tuple(receipts.new_receipt() for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(account, code)) for code in codes)
    return codes


def _hash(account: Account, code: str) -> str:
    # 80 random bits need no slow hash: nobody tries them all. Not keyed: a new secret leaves them good.
    return digest(f"{account.id}:{receipts.canonical(code) or code}")


def _purpose(account: Account) -> str:
    # Sealed for one account: moved to another row, it opens nothing.
    return f"totp:{account.id}"
