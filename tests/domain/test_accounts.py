"""Accounts and sign-in on the real stores: passwords, sessions, lock-out, and what the event log keeps."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
import structlog
import time_machine
from sqlalchemy import select

from triage import accounts, events, lockout, passwords
from triage.columns import now
from triage.db import Store
from triage.errors import AccountRefused, NotFound, PasswordChangeNeeded, PasswordRefused, SignInRefused
from triage.permissions import ROLES
from triage.tables import Account, AuthSession, Event

NEW = "kopi susu gula aren"


def _enter(store: Store, username: str = "siti", role: str = "verifikator") -> str:
    """Make an account that has already chosen its password; return a token."""
    once = accounts.create(store, username, username.capitalize(), role, "35.08")
    token, _ = accounts.sign_in(store, username, once)
    return accounts.change_password(store, token, once, NEW)


def _account(store: Store, username: str = "siti") -> Account:
    with store.read() as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        session.expunge(account)
        return account


def _events(store: Store) -> list[str]:
    with store.read() as session:
        rows = session.scalars(select(Event).where(Event.subject == "account").order_by(Event.seq))
        return [row.name for row in rows]


def _fail(store: Store, times: int, username: str = "siti") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            accounts.sign_in(store, username, "salah sekali")


def test_a_one_time_password_lets_in_only_to_be_changed(any_store: Store) -> None:
    once = accounts.create(any_store, " Siti ", "Siti  Aminah", "verifikator", "35.08")
    token, found = accounts.sign_in(any_store, "SITI", once)
    assert found.must_change_password
    assert found.actor.display_name == "Siti Aminah"
    with pytest.raises(PasswordChangeNeeded):
        accounts.account_for(any_store, token)
    fresh = accounts.change_password(any_store, token, once, NEW)
    actor = accounts.account_for(any_store, fresh)
    assert actor is not None
    assert actor.username == "siti"
    assert actor.role == "verifikator"


def test_who_cannot_change_a_one_time_password_gets_no_session_for_it(any_store: Store) -> None:
    once = accounts.create(any_store, "siti", "Siti", "verifikator", "35.08")
    _fail(any_store, 2)
    with pytest.raises(PasswordChangeNeeded):
        accounts.sign_in(any_store, "siti", once, to_set_up=False)
    with pytest.raises(SignInRefused):
        accounts.sign_in(any_store, "siti", "salah sekali", to_set_up=False)
    with any_store.read() as session:
        assert session.scalars(select(AuthSession)).all() == []
    assert "sign-in" not in _events(any_store)
    token, _ = accounts.sign_in(any_store, "siti", once)
    accounts.change_password(any_store, token, once, NEW)
    assert accounts.sign_in(any_store, "siti", NEW, to_set_up=False)[0]


@pytest.mark.embedded
def test_the_database_holds_neither_password_nor_token(store: Store) -> None:
    once = accounts.create(store, "siti", "Siti", "verifikator", "35.08")
    token, _ = accounts.sign_in(store, "siti", once)
    dump = "\n".join(store.engine.raw_connection().driver_connection.iterdump())  # type: ignore[union-attr]
    assert "$argon2id$" in dump
    assert once not in dump
    assert token not in dump


def test_first_accounts_are_made_once(any_store: Store) -> None:
    made = accounts.create_first_accounts(any_store, "35.08")
    assert [account.role for account in made] == list(ROLES)
    assert len({account.password for account in made}) == len(ROLES)
    for account in made:
        assert accounts.sign_in(any_store, account.username, account.password)[1].must_change_password
    assert accounts.create_first_accounts(any_store, "35.08") == []


@pytest.mark.parametrize(
    ("username", "name", "role", "wilayah"),
    [
        ("ab", "Nama", "verifikator", "35.08"),
        ("dua kata", "Nama", "verifikator", "35.08"),
        ("siti", "  ", "verifikator", "35.08"),
        ("siti", "N" * 81, "verifikator", "35.08"),
        ("siti", "Nama", "pelapor", "35.08"),
        ("siti", "Nama", "verifikator", "Lumajang"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(
    store: Store, username: str, name: str, role: str, wilayah: str
) -> None:
    with pytest.raises(AccountRefused):
        accounts.create(store, username, name, role, wilayah)
    with store.read() as session:
        assert accounts.accounts(session) == []


def test_a_username_is_given_once(store: Store) -> None:
    accounts.create(store, "siti", "Siti", "verifikator", "35.08")
    with pytest.raises(AccountRefused, match="already an account siti"):
        accounts.create(store, "Siti", "Siti lain", "admin", "35.08")
    assert _account(store).role == "verifikator"


def test_unknown_name_wrong_password_and_closed_account_get_the_same_answer(any_store: Store) -> None:
    _enter(any_store)
    _enter(any_store, "budi")
    accounts.deactivate(any_store, "budi", "pindah tugas")
    answers = set()
    for username, password in [
        ("tidak-ada", NEW),
        ("siti", "salah sekali"),
        ("budi", NEW),
        ("si\x00ti", NEW),
        ("", ""),
        ("x" * 5_000, "x" * 100_000),
    ]:
        with pytest.raises(SignInRefused) as refused:
            accounts.sign_in(any_store, username, password)
        answers.add((str(refused.value), refused.value.code, refused.value.status))
    assert len(answers) == 1


def test_an_unknown_name_costs_a_hash_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def hash(self, password: bytes) -> str:
            return hasher.hash(password)

        def verify(self, stored: str, password: bytes) -> bool:
            seen.append(stored)
            return hasher.verify(stored, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    _fail(store, 1, "tidak-ada")
    assert [stored.split("$")[1:4] for stored in seen] == [["argon2id", "v=19", "m=47104,t=2,p=1"]]


def test_five_wrong_passwords_lock_for_a_short_and_growing_time(any_store: Store) -> None:
    _enter(any_store)
    with time_machine.travel(now(), tick=False) as clock:
        _fail(any_store, lockout.FREE_FAILURES)
        waits = []
        for _ in range(7):
            until = _account(any_store).locked_until
            assert until is not None
            waits.append(until - now())
            with pytest.raises(SignInRefused):
                accounts.sign_in(any_store, "siti", NEW)
            assert _account(any_store).locked_until == until, "an attempt while locked made it longer"
            clock.move_to(until)
            _fail(any_store, 1)
        assert waits == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 900, 900)]
        clock.shift(lockout.LONGEST_LOCK)
        assert accounts.sign_in(any_store, "siti", NEW)[1].actor.username == "siti"
        assert _account(any_store).failed_sign_ins == 0


def test_guesses_at_the_same_time_do_not_pass_the_lock_together(store: Store) -> None:
    _enter(store)
    threads = [threading.Thread(target=_fail, args=(store, 1)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _account(store).failed_sign_ins == lockout.FREE_FAILURES
    assert _events(store).count("sign-in-failed") == lockout.FREE_FAILURES


def test_wrong_passwords_on_the_change_page_count_too(store: Store) -> None:
    token = _enter(store)
    for _ in range(lockout.FREE_FAILURES):
        with pytest.raises(SignInRefused):
            accounts.change_password(store, token, "salah sekali", "teh manis hangat")
    with pytest.raises(SignInRefused):
        accounts.change_password(store, token, NEW, "teh manis hangat")
    assert _account(store).locked_until is not None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("pendek", "password-short"),
        ("x" * 201, "password-long"),
        ("siti lumajang", "password-username"),
        ("aaaaaaaaaaaa", "password-simple"),
        (NEW, "password-same"),
    ],
)
def test_a_weak_new_password_is_refused_with_its_rule(store: Store, password: str, code: str) -> None:
    token = _enter(store)
    with pytest.raises(PasswordRefused) as refused:
        accounts.change_password(store, token, NEW, password)
    assert refused.value.code == code
    assert accounts.account_for(store, token) is not None


def test_a_password_typed_on_another_keyboard_is_the_same(store: Store) -> None:
    token = _enter(store)
    accounts.change_password(store, token, NEW, "café di tepi sawah")
    assert accounts.sign_in(store, "siti", "cafe\u0301 di tepi sawah")


def test_a_new_password_ends_every_other_session(any_store: Store) -> None:
    first = _enter(any_store)
    second, _ = accounts.sign_in(any_store, "siti", NEW)
    fresh = accounts.change_password(any_store, second, NEW, "teh manis hangat")
    assert len({first, second, fresh}) == 3
    assert accounts.signed_in(any_store, first) is None
    assert accounts.signed_in(any_store, second) is None
    assert accounts.signed_in(any_store, fresh) is not None


def test_signing_out_ends_the_session(store: Store) -> None:
    token = _enter(store)
    accounts.sign_out(store, token)
    accounts.sign_out(store, token)
    assert accounts.signed_in(store, token) is None
    assert _events(store).count("sign-out") == 1


@pytest.mark.parametrize("token", ["", "tidak-ada", "\ud800", "' OR 1=1 --"])
def test_an_unknown_token_is_nobody(store: Store, token: str) -> None:
    _enter(store)
    assert accounts.signed_in(store, token) is None


def test_a_session_ends_when_idle_and_when_old(any_store: Store) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        token = _enter(any_store)
        began = now()
        clock.shift(accounts.IDLE - timedelta(seconds=1))
        assert accounts.signed_in(any_store, token) is not None
        clock.shift(accounts.IDLE)
        assert accounts.signed_in(any_store, token) is None
        assert accounts.drop_expired_sessions(any_store) == 1
        token, _ = accounts.sign_in(any_store, "siti", NEW)
        began = now()
        while now() - began < accounts.ABSOLUTE - accounts.IDLE:
            clock.shift(accounts.IDLE / 2)
            assert accounts.signed_in(any_store, token) is not None
        clock.move_to(began + accounts.ABSOLUTE)
        assert accounts.signed_in(any_store, token) is None
        assert accounts.drop_expired_sessions(any_store) == 1
        assert accounts.drop_expired_sessions(any_store) == 0


def test_reading_writes_the_time_last_seen_once_in_five_minutes(store: Store) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        token = _enter(store)
        seen = set()
        for _ in range(10):
            clock.shift(timedelta(minutes=1))
            assert accounts.signed_in(store, token) is not None
            with store.read() as session:
                seen.add(session.scalars(select(AuthSession.last_seen)).one())
        assert len(seen) == 3, "at 0, 5 and 10 minutes"


def test_a_closed_account_is_out_at_once(any_store: Store) -> None:
    token = _enter(any_store)
    accounts.deactivate(any_store, "siti", "pindah tugas")
    assert accounts.signed_in(any_store, token) is None
    with pytest.raises(SignInRefused):
        accounts.sign_in(any_store, "siti", NEW)


def test_a_closed_account_is_not_reset_but_opened_again(any_store: Store) -> None:
    _enter(any_store)
    _fail(any_store, lockout.FREE_FAILURES)
    accounts.deactivate(any_store, "siti", "pindah tugas")
    closed = _account(any_store)
    with pytest.raises(AccountRefused, match=r"siti is closed.*users activate"):
        accounts.reset_password(any_store, "siti", "lupa kata sandi")
    with pytest.raises(AccountRefused, match="Say why"):
        accounts.activate(any_store, "siti", " ")
    assert _account(any_store).password_hash == closed.password_hash
    assert not _account(any_store).active
    once = accounts.activate(any_store, "Siti", "kembali bertugas")
    with pytest.raises(SignInRefused):
        accounts.sign_in(any_store, "siti", NEW)
    assert accounts.sign_in(any_store, "siti", once)[1].must_change_password
    assert _events(any_store)[-3:] == ["activate", "sign-in-failed", "sign-in"]


def test_an_open_account_is_not_opened_again(store: Store) -> None:
    token = _enter(store)
    with pytest.raises(AccountRefused, match="siti is open already"):
        accounts.activate(store, "siti", "kembali bertugas")
    with pytest.raises(NotFound):
        accounts.activate(store, "tidak-ada", "kembali bertugas")
    assert accounts.account_for(store, token) is not None


def test_a_reset_gives_a_new_one_time_password_and_unlocks(store: Store) -> None:
    token = _enter(store)
    _fail(store, lockout.FREE_FAILURES)
    once = accounts.reset_password(store, "siti", "lupa kata sandi")
    assert accounts.signed_in(store, token) is None
    with pytest.raises(SignInRefused):
        accounts.sign_in(store, "siti", NEW)
    assert accounts.sign_in(store, "siti", once)[1].must_change_password


def test_a_change_needs_a_known_account_and_a_reason(store: Store) -> None:
    token = _enter(store)
    with pytest.raises(NotFound):
        accounts.deactivate(store, "tidak-ada", "pindah")
    with pytest.raises(AccountRefused):
        accounts.deactivate(store, "siti", "  ")
    with pytest.raises(AccountRefused):
        accounts.reset_password(store, "siti", "")
    assert accounts.account_for(store, token) is not None


def test_every_change_is_an_event_and_none_holds_a_password(store: Store) -> None:
    once = accounts.create(store, "siti", "Siti", "verifikator", "35.08")
    token, _ = accounts.sign_in(store, "siti", once)
    _fail(store, 1)
    token = accounts.change_password(store, token, once, NEW)
    accounts.sign_out(store, token)
    again = accounts.reset_password(store, "siti", "lupa kata sandi")
    accounts.deactivate(store, "siti", "pindah tugas")
    assert _events(store) == [
        "create", "sign-in", "sign-in-failed", "change-password", "sign-out", "reset-password", "deactivate",
    ]  # fmt: skip
    with store.read() as session:
        assert events.first_break(session) is None
        data = str([event.data for event in session.scalars(select(Event))])
    assert not any(secret in data for secret in (once, again, NEW, "salah sekali"))


def test_a_failed_sign_in_is_logged_without_what_was_typed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    _enter(store)
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        for username in ("siti", "rahasia-di-kolom-salah"):
            with pytest.raises(SignInRefused):
                accounts.sign_in(store, username, "canary-sandi")
    assert [line["event"] for line in lines] == ["sign_in_failed", "sign_in_failed"]
    said = str(lines) + caplog.text
    assert "canary" not in said
    assert "rahasia" not in said
