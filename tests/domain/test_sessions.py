"""Sessions: listed for their owner, ended by them and by every change of the account; hashes that keep up."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest
import time_machine
from sqlalchemy import select

from tests.signing import CHOSEN, enter
from triage import accounts, passwords
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import AccountRefused, Forbidden, NotFound
from triage.permissions import Actor
from triage.tables import Account, AuthSession, Event


def _account(store: Store, username: str = "siti") -> Account:
    with store.read() as session:
        return session.scalars(select(Account).where(Account.username == username)).one()


def _admin(store: Store, config: Config) -> Actor:
    actor = accounts.account_for(store, enter(store, config, "rini", "admin").token)
    assert actor is not None
    return actor


def test_one_sees_ones_own_sessions_with_times_and_nothing_else(any_store: Store, config: Config) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        first = enter(any_store, config).token
        enter(any_store, config, "budi")
        began = now()
        clock.shift(timedelta(hours=1))
        second, _ = accounts.sign_in(any_store, "siti", CHOSEN)
        program = accounts.sign_in_program(any_store, config, "siti", CHOSEN, "")
        assert accounts.signed_in(any_store, first) is not None
        listed = accounts.sessions_of(any_store, second)
    assert sorted((one.kind, one.this) for one in listed) == [("api", False), ("web", False), ("web", True)]
    old = next(one for one in listed if one.since == began)
    assert old.last_seen == began + timedelta(hours=1)
    held = str(listed)
    assert not any(token in held for token in (first, second, program))


def test_each_can_be_ended_from_afar_and_nobody_elses(any_store: Store, config: Config) -> None:
    first = enter(any_store, config).token
    second, _ = accounts.sign_in(any_store, "siti", CHOSEN)
    budi = enter(any_store, config, "budi").token
    lost = next(one.name for one in accounts.sessions_of(any_store, second) if not one.this)
    with pytest.raises(NotFound):
        accounts.end_one(any_store, budi, lost)
    assert accounts.signed_in(any_store, first) is not None
    accounts.end_one(any_store, second, lost)
    assert accounts.signed_in(any_store, first) is None
    assert accounts.signed_in(any_store, second) is not None
    for name in (lost, "", "%", "' OR 1=1 --"):
        with pytest.raises(NotFound):
            accounts.end_one(any_store, second, name)


def test_the_name_of_a_session_opens_nothing(store: Store, config: Config) -> None:
    token = enter(store, config).token
    (only,) = accounts.sessions_of(store, token)
    assert accounts.signed_in(store, only.name) is None


def test_signing_out_everywhere_ends_this_one_too_and_nobody_elses(any_store: Store, config: Config) -> None:
    first = enter(any_store, config).token
    program = accounts.sign_in_program(any_store, config, "siti", CHOSEN, "")
    budi = enter(any_store, config, "budi").token
    accounts.sign_out_everywhere(any_store, first)
    assert [accounts.signed_in(any_store, token) for token in (first, program)] == [None, None]
    assert accounts.signed_in(any_store, budi) is not None


@pytest.mark.parametrize("change", ["role", "area", "deactivate", "reset", "link"])
def test_every_change_of_an_account_ends_its_sessions_at_once(
    any_store: Store, config: Config, change: str
) -> None:
    rini, token = _admin(any_store, config), enter(any_store, config).token
    program = accounts.sign_in_program(any_store, config, "siti", CHOSEN, "")
    if change == "role":
        accounts.change(any_store, "siti", "analis", "35.08", "tugas baru", rini)
    elif change == "area":
        accounts.change(any_store, "siti", "verifikator", "35.08.01", "pindah", rini)
    elif change == "deactivate":
        accounts.deactivate(any_store, "siti", "pindah", rini)
    elif change == "reset":
        accounts.reset_password(any_store, "siti", "lupa", rini)
    else:
        accounts.reset_by_link(any_store, "siti", "lupa", rini)
    assert [accounts.signed_in(any_store, each) for each in (token, program)] == [None, None]
    with any_store.read() as session:
        newest = session.scalars(select(Event).order_by(Event.seq.desc()).limit(1)).one()
    assert (newest.subject, newest.actor) == ("account", rini.label)
    assert newest.data["reason"] in ("tugas baru", "pindah", "lupa")


def test_a_new_role_says_what_it_was_and_is(store: Store, config: Config) -> None:
    enter(store, config)
    accounts.change(store, "siti", "penyetuju", "35.08.01", "lulus latihan", _admin(store, config))
    with store.read() as session:
        assert session.scalars(select(Event.data).where(Event.name == "change")).one() == {
            "from": {"role": "verifikator", "wilayah": "35.08"},
            "to": {"role": "penyetuju", "wilayah": "35.08.01"},
            "reason": "lulus latihan",
        }
    assert accounts.sign_in(store, "siti", CHOSEN)[1].due == "second-step", "a new approver has no phone yet"


def test_nobody_changes_their_own_account_and_only_administrators_change_any(
    store: Store, config: Config
) -> None:
    rini, siti = _admin(store, config), enter(store, config)
    actor = accounts.account_for(store, siti.token)
    assert actor is not None
    for by, username in ((rini, "rini"), (actor, "rini"), (actor, "siti")):
        for work in (
            lambda by=by, name=username: accounts.change(store, name, "penyetuju", "35.08", "mau", by),
            lambda by=by, name=username: accounts.deactivate(store, name, "mau", by),
            lambda by=by, name=username: accounts.reset_password(store, name, "mau", by),
            lambda by=by, name=username: accounts.reset_by_link(store, name, "mau", by),
            lambda by=by, name=username: accounts.reset_second_step(store, name, "mau", by),
        ):
            with pytest.raises(Forbidden):
                work()
    for work in (
        lambda: accounts.create(store, "baru", "Baru", "admin", "35.08", actor),
        lambda: accounts.invite(store, "baru", "Baru", "admin", "35.08", actor),
    ):
        with pytest.raises(Forbidden):
            work()
    assert _account(store, "rini").role == "admin"
    assert accounts.signed_in(store, siti.token) is not None


def test_a_change_needs_a_reason_of_some_length_and_a_role_and_area_that_exist(
    store: Store, config: Config
) -> None:
    token = enter(store, config).token
    for role, wilayah, reason, field in (
        ("penyetuju", "35.08", " ", "reason"), ("penyetuju", "35.08", "x" * 301, "reason"),
        ("raja", "35.08", "mau", "role"), ("penyetuju", "Lumajang", "mau", "wilayah"),
    ):  # fmt: skip
        with pytest.raises(AccountRefused) as refused:
            accounts.change(store, "siti", role, wilayah, reason)
        assert refused.value.field == field
    assert accounts.signed_in(store, token) is not None


def test_a_hash_of_earlier_parameters_is_renewed_at_the_next_sign_in(
    any_store: Store, config: Config
) -> None:
    enter(any_store, config)
    weaker = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    with any_store.write() as session:
        account = session.scalars(select(Account).where(Account.username == "siti")).one()
        account.password_hash = before = weaker.hash(CHOSEN.encode())
    assert passwords.outdated(before)
    with pytest.raises(Exception, match="wrong"):
        accounts.sign_in(any_store, "siti", "salah sekali")
    assert _account(any_store).password_hash == before, "a wrong password changed the hash"
    accounts.sign_in(any_store, "siti", CHOSEN)
    after = _account(any_store).password_hash
    assert after.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert not passwords.outdated(after)
    accounts.sign_in(any_store, "siti", CHOSEN)
    assert _account(any_store).password_hash == after, "a hash of today's parameters is left alone"


def test_a_session_that_waits_for_its_code_is_dropped_when_its_time_is_over(
    store: Store, config: Config
) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    accounts.sign_out(store, dewi.token)
    with time_machine.travel(now(), tick=False) as clock:
        accounts.sign_in(store, "dewi", CHOSEN)
        clock.shift(accounts.CODE_WAIT)
        assert accounts.drop_expired_sessions(store) == 1
    with store.read() as session:
        assert session.scalars(select(AuthSession)).all() == []
