"""The lock-out of a browser that somebody always uses, beside that of everywhere else."""

from __future__ import annotations

from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import select

from tests.signing import CHOSEN, enter
from triage import accounts, lockout
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import SignInRefused
from triage.permissions import Actor
from triage.tables import Account, AccountDevice, Event

HOME, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def siti(any_store: Store, config: Config) -> Actor:
    """Somebody who always works in the browser HOME."""
    actor = accounts.account_for(any_store, enter(any_store, config).token)
    assert actor is not None
    accounts.remember_device(any_store, actor, HOME)
    return actor


def _fail(store: Store, device: str | None, times: int = lockout.FREE_FAILURES) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            accounts.sign_in(store, "siti", "salah sekali", device=device)


def test_a_guesser_elsewhere_locks_nobody_out_where_they_always_work(any_store: Store, siti: Actor) -> None:
    with time_machine.travel(now(), tick=False):
        _fail(any_store, OTHER, 50)
        _fail(any_store, None, 50)
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "siti", CHOSEN, device=OTHER)
        assert accounts.sign_in(any_store, "siti", CHOSEN, device=HOME)


def test_throwing_cookies_away_gives_a_guesser_no_more_tries(any_store: Store, siti: Actor) -> None:
    with time_machine.travel(now(), tick=False):
        for number in range(50):
            _fail(any_store, f"{number:064d}", 1)
    with any_store.read() as session:
        account = session.scalars(select(Account)).one()
        assert account.failed_sign_ins == lockout.FREE_FAILURES
        tries = session.scalars(select(Event.data).where(Event.name == "sign-in-failed")).all()
    assert tries == [{"failures": n + 1, "known_browser": False} for n in range(lockout.FREE_FAILURES)]


def test_guessing_in_a_stolen_browser_locks_that_browser_alone(any_store: Store, siti: Actor) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        _fail(any_store, HOME)
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "siti", CHOSEN, device=HOME)
        assert accounts.sign_in(any_store, "siti", CHOSEN, device=OTHER)
        clock.shift(lockout.FIRST_LOCK)
        assert accounts.sign_in(any_store, "siti", CHOSEN, device=HOME)
        with any_store.read() as session:
            assert session.scalars(select(AccountDevice.failed_sign_ins)).all() == [0]


def test_the_lock_of_a_browser_grows_as_well(any_store: Store, siti: Actor) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        _fail(any_store, HOME)
        waits = []
        for _ in range(6):
            with any_store.read() as session:
                until = session.scalars(select(AccountDevice.locked_until)).one()
            assert until is not None
            waits.append(until - now())
            clock.move_to(until)
            _fail(any_store, HOME, 1)
    assert waits[0] == lockout.FIRST_LOCK
    assert all(later == min(2 * earlier, lockout.LONGEST_LOCK) for earlier, later in pairwise(waits))


def test_a_browser_known_to_one_account_is_a_stranger_to_another(
    any_store: Store, config: Config, siti: Actor
) -> None:
    enter(any_store, config, "budi")
    with time_machine.travel(now(), tick=False):
        for _ in range(lockout.FREE_FAILURES):
            with pytest.raises(SignInRefused):
                accounts.sign_in(any_store, "budi", "salah sekali", device=HOME)
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "budi", CHOSEN, device=HOME)
        assert accounts.sign_in(any_store, "siti", CHOSEN, device=HOME)


def test_a_reset_unlocks_everywhere(any_store: Store, siti: Actor) -> None:
    with time_machine.travel(now(), tick=False):
        _fail(any_store, HOME)
        _fail(any_store, OTHER)
        once = accounts.reset_password(any_store, "siti", "lupa")
        for device in (HOME, OTHER, None):
            assert accounts.sign_in(any_store, "siti", once, device=device)
