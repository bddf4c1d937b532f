"""People who sign in for real: with a password of their own and, where their role asks for it, a phone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp

from triage import accounts
from triage.accounts.second_step import STEP_S
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import SECOND_STEP, Role

CHOSEN = "kopi susu gula aren"


@dataclass
class Phone:
    """An authenticator app: each code that it gives is one that was not used before."""

    secret: str
    last: int = field(default=0)

    def code(self) -> str:
        """The code of this half minute, or the next one where that was given already."""
        self.last = max(self.last + 1, int(now().timestamp()) // STEP_S)
        return pyotp.TOTP(self.secret).generate_otp(self.last)

    def code_of(self, steps_away: int) -> str:
        """The code of another half minute than this one."""
        return pyotp.TOTP(self.secret).generate_otp(int(now().timestamp()) // STEP_S + steps_away)


@dataclass
class Person:
    """Somebody whose account is ready for work: a token, the phone where there is one, recovery codes."""

    username: str
    token: str
    phone: Phone | None = None
    codes: tuple[str, ...] = ()


def enter(store: Store, config: Config, username: str = "siti", role: Role = "verifikator") -> Person:
    """Make an account and do what its owner does the first time; the password is `CHOSEN`."""
    once = accounts.create(store, username, username.capitalize(), role, "35.08")
    token, _ = accounts.sign_in(store, username, once)
    person = Person(username, accounts.change_password(store, token, once, CHOSEN))
    return with_phone(store, config, person) if role in SECOND_STEP else person


def with_phone(store: Store, config: Config, person: Person) -> Person:
    """Set up the second step."""
    person.phone = Phone(accounts.offer(store, config, person.token).secret)
    person.token, person.codes = accounts.set_up(store, config, person.token, person.phone.code())
    return person
