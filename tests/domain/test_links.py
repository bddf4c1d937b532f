"""Links that open an account: unguessable, stored as a hash, good once, for 72 hours, and one at a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.signing import CHOSEN, enter
from triage import accounts, lockout
from triage.accounts.links import VALID
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import AccountRefused, LinkRefused, PasswordRefused, SignInRefused
from triage.tables import Account, AccountLink, Event


def _invite(store: Store, username: str = "siti", role: str = "verifikator") -> str:
    return accounts.invite(store, username, "Siti Aminah", role, "35.08.01")


def test_an_invitation_lets_its_holder_choose_a_password_once(any_store: Store) -> None:
    link = _invite(any_store)
    with pytest.raises(SignInRefused):
        accounts.sign_in(any_store, "siti", "")
    found = accounts.invited(any_store, link)
    assert (found.actor.display_name, found.actor.role, found.actor.area) == (
        "Siti Aminah", "verifikator", "35.08.01",
    )  # fmt: skip
    token = accounts.use_link(any_store, link, CHOSEN)
    actor = accounts.account_for(any_store, token)
    assert actor is not None
    assert actor.username == "siti"
    for again in (
        lambda: accounts.invited(any_store, link),
        lambda: accounts.use_link(any_store, link, CHOSEN),
    ):
        with pytest.raises(LinkRefused):
            again()
    assert accounts.sign_in(any_store, "siti", CHOSEN)


def test_looking_and_a_weak_password_use_nothing_up(store: Store) -> None:
    link = _invite(store)
    for _ in range(3):
        assert accounts.invited(store, link)
    with pytest.raises(PasswordRefused):
        accounts.use_link(store, link, "pendek")
    assert accounts.use_link(store, link, CHOSEN)


def test_two_who_use_it_at_the_same_time_are_one(store: Store) -> None:
    link, done, refused = _invite(store), [], []

    def use(number: int) -> None:
        try:
            done.append(accounts.use_link(store, link, f"{CHOSEN} {number}"))
        except LinkRefused:
            refused.append(number)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(refused)) == (1, 3)


def test_it_is_good_for_three_days(any_store: Store) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        link = _invite(any_store)
        assert timedelta(hours=72) == VALID
        clock.shift(VALID - timedelta(seconds=1))
        assert accounts.invited(any_store, link)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(LinkRefused):
            accounts.use_link(any_store, link, CHOSEN)


def test_a_newer_link_a_password_or_closing_the_account_voids_it(any_store: Store) -> None:
    first = _invite(any_store)
    second = accounts.reset_by_link(any_store, "siti", "tautannya hilang")
    with pytest.raises(LinkRefused):
        accounts.use_link(any_store, first, CHOSEN)
    accounts.reset_password(any_store, "siti", "tidak ada WhatsApp")
    with pytest.raises(LinkRefused):
        accounts.use_link(any_store, second, CHOSEN)
    third = accounts.reset_by_link(any_store, "siti", "lagi")
    accounts.deactivate(any_store, "siti", "pindah tugas")
    with pytest.raises(LinkRefused):
        accounts.use_link(any_store, third, CHOSEN)
    fourth = accounts.activate_by_link(any_store, "siti", "kembali bertugas")
    assert accounts.account_for(any_store, accounts.use_link(any_store, fourth, CHOSEN)) is not None


def test_a_reset_by_link_shuts_the_old_password_out_and_unlocks(any_store: Store, config: Config) -> None:
    token = enter(any_store, config).token
    for _ in range(lockout.FREE_FAILURES):
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "siti", "salah sekali")
    link = accounts.reset_by_link(any_store, "siti", "lupa kata sandi")
    assert accounts.signed_in(any_store, token) is None
    for password in (CHOSEN, ""):
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "siti", password)
    accounts.use_link(any_store, link, "teh manis hangat")
    assert accounts.sign_in(any_store, "siti", "teh manis hangat")


def test_a_link_does_not_replace_the_phone(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    token = accounts.use_link(store, accounts.reset_by_link(store, "dewi", "lupa"), "teh manis hangat")
    found = accounts.signed_in(store, token)
    assert found is not None
    assert found.due == "code"
    assert accounts.enter_code(store, config, token, dewi.phone.code())


def test_a_closed_account_gets_no_link(store: Store, config: Config) -> None:
    enter(store, config)
    accounts.deactivate(store, "siti", "pindah tugas")
    with pytest.raises(AccountRefused):
        accounts.reset_by_link(store, "siti", "lupa")
    with store.read() as session:
        assert session.scalars(select(AccountLink)).all() == []


@pytest.mark.parametrize("token", ["", "x", "\ud800", "0" * 10_000, "' OR 1=1 --", "\x00"])
def test_an_unknown_link_is_refused(any_store: Store, token: str) -> None:
    _invite(any_store)
    with pytest.raises(LinkRefused):
        accounts.invited(any_store, token)


@pytest.mark.embedded
def test_neither_store_nor_events_hold_the_link(store: Store) -> None:
    links = [_invite(store), accounts.reset_by_link(store, "siti", "lagi")]
    accounts.use_link(store, links[1], CHOSEN)
    dump = "\n".join(store.engine.raw_connection().driver_connection.iterdump())  # type: ignore[union-attr]
    assert not any(link in dump for link in links)
    with store.read() as session:
        names = list(
            session.scalars(select(Event.name).where(Event.subject == "account").order_by(Event.seq))
        )
        assert session.scalars(select(Account.password_hash)).one().startswith("$argon2id$")
    assert names == ["invite", "reset-password", "use-link"]
