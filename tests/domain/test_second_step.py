"""The second step on the real stores: who needs it, codes that work once, and ways back without a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from tests.signing import CHOSEN, Phone, enter, with_phone
from triage import accounts, lockout, sealing
from triage.accounts.second_step import RECOVERY_CODES, STEP_S
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import (
    AccountRefused,
    CodeNeeded,
    CodeRefused,
    Forbidden,
    ProofNeeded,
    SecondStepNeeded,
    SignInRefused,
)
from triage.permissions import ROLES, SECOND_STEP, Role
from triage.tables import Account, AuthSession, Event, RecoveryCode


def _account(store: Store, username: str = "dewi") -> Account:
    with store.read() as session:
        return session.scalars(select(Account).where(Account.username == username)).one()


def _events(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Event.name).where(Event.subject == "account").order_by(Event.seq)))


@pytest.mark.parametrize("role", ROLES)
def test_who_publishes_or_lets_people_in_needs_it_before_anything_else(
    store: Store, config: Config, role: Role
) -> None:
    once = accounts.create(store, "dewi", "Dewi", role, "35.08")
    token, _ = accounts.sign_in(store, "dewi", once)
    token = accounts.change_password(store, token, once, CHOSEN)
    found = accounts.signed_in(store, token)
    assert found is not None
    assert found.due == ("second-step" if role in SECOND_STEP else "")
    assert {"penyetuju", "admin"} == SECOND_STEP
    if role in SECOND_STEP:
        with pytest.raises(SecondStepNeeded):
            accounts.account_for(store, token)
        with pytest.raises(SecondStepNeeded):
            accounts.sign_in_program(store, config, "dewi", CHOSEN, "")


def test_the_password_alone_opens_nothing(any_store: Store, config: Config) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    token, found = accounts.sign_in(any_store, "dewi", CHOSEN)
    assert found.due == "code"
    with pytest.raises(CodeNeeded):
        accounts.account_for(any_store, token)
    with pytest.raises(SignInRefused):
        accounts.change_password(any_store, token, CHOSEN, "teh manis hangat")
    with pytest.raises(SignInRefused):
        accounts.prove(any_store, config, token, CHOSEN, "000000")
    with pytest.raises(SignInRefused):
        accounts.offer(any_store, config, token)
    fresh = accounts.enter_code(any_store, config, token, dewi.phone.code())
    assert accounts.account_for(any_store, fresh) is not None
    assert accounts.signed_in(any_store, token) is None, "the half-way session goes on"
    assert [one.this for one in accounts.sessions_of(any_store, fresh)].count(True) == 1


def test_a_sign_in_waits_ten_minutes_for_its_code(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    with time_machine.travel(now(), tick=False) as clock:
        token, _ = accounts.sign_in(store, "dewi", CHOSEN)
        clock.shift(accounts.CODE_WAIT)
        with pytest.raises(SignInRefused):
            accounts.enter_code(store, config, token, dewi.phone.code())


def test_a_code_is_good_once_also_at_the_same_time(any_store: Store, config: Config) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    code = dewi.phone.code()
    first, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
    second, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
    accounts.enter_code(any_store, config, first, code)
    with pytest.raises(CodeRefused):
        accounts.enter_code(any_store, config, second, code)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_go_wrong_by_half_a_minute(store: Store, config: Config, steps: int, right: bool) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    with time_machine.travel(now() + timedelta(seconds=STEP_S * 10), tick=False):
        token, _ = accounts.sign_in(store, "dewi", CHOSEN)
        if right:
            assert accounts.enter_code(store, config, token, dewi.phone.code_of(steps))
        else:
            with pytest.raises(CodeRefused):
                accounts.enter_code(store, config, token, dewi.phone.code_of(steps))


def test_an_earlier_code_is_refused_after_a_later_one(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    with time_machine.travel(now() + timedelta(seconds=STEP_S * 10), tick=False):
        token, _ = accounts.sign_in(store, "dewi", CHOSEN)
        accounts.enter_code(store, config, token, dewi.phone.code_of(1))
        token, _ = accounts.sign_in(store, "dewi", CHOSEN)
        with pytest.raises(CodeRefused):
            accounts.enter_code(store, config, token, dewi.phone.code_of(0))


def test_wrong_codes_count_and_a_right_password_in_between_forgets_none(
    any_store: Store, config: Config
) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    with time_machine.travel(now() + timedelta(minutes=5), tick=False) as clock:
        for _ in range(lockout.FREE_FAILURES):
            token, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
            with pytest.raises(CodeRefused):
                accounts.enter_code(any_store, config, token, "000 000")
        with pytest.raises(CodeRefused):
            accounts.enter_code(any_store, config, token, dewi.phone.code())
        with pytest.raises(SignInRefused):
            accounts.sign_in(any_store, "dewi", CHOSEN)
        assert _account(any_store).failed_sign_ins == lockout.FREE_FAILURES
        clock.shift(lockout.FIRST_LOCK)
        token, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
        accounts.enter_code(any_store, config, token, dewi.phone.code())
        assert _account(any_store).failed_sign_ins == 0


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\ud800", "١٢٣٤٥٦", "0" * 10_000])
def test_what_is_no_code_is_a_wrong_code(store: Store, config: Config, code: str) -> None:
    enter(store, config, "dewi", "penyetuju")
    token, _ = accounts.sign_in(store, "dewi", CHOSEN)
    with pytest.raises(CodeRefused):
        accounts.enter_code(store, config, token, code)


def test_each_recovery_code_opens_once_however_it_is_typed(any_store: Store, config: Config) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    assert len(set(dewi.codes)) == RECOVERY_CODES
    for typed in (dewi.codes[0], dewi.codes[1].lower().replace("-", " ")):
        token, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
        accounts.enter_code(any_store, config, token, typed)
        token, _ = accounts.sign_in(any_store, "dewi", CHOSEN)
        with pytest.raises(CodeRefused):
            accounts.enter_code(any_store, config, token, typed)
    with any_store.read() as session:
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == RECOVERY_CODES - 2
    assert _events(any_store).count("recovery-code-used") == 2


def test_a_recovery_code_opens_no_other_account(store: Store, config: Config) -> None:
    dewi, _ = enter(store, config, "dewi", "penyetuju"), enter(store, config, "budi", "admin")
    token, _ = accounts.sign_in(store, "budi", CHOSEN)
    with pytest.raises(CodeRefused):
        accounts.enter_code(store, config, token, dewi.codes[0])


def test_new_recovery_codes_replace_the_old_ones(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    fresh = accounts.renew_recovery_codes(store, dewi.token)
    assert set(fresh).isdisjoint(dewi.codes)
    token, _ = accounts.sign_in(store, "dewi", CHOSEN)
    with pytest.raises(CodeRefused):
        accounts.enter_code(store, config, token, dewi.codes[0])
    assert accounts.enter_code(store, config, token, fresh[0])


@pytest.mark.embedded
def test_the_store_holds_neither_secret_nor_codes(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    dump = "\n".join(store.engine.raw_connection().driver_connection.iterdump())  # type: ignore[union-attr]
    sealed = _account(store).totp_secret
    assert sealed is not None
    assert sealing.unseal(config, f"totp:{_account(store).id}", sealed) == dewi.phone.secret
    for hidden in (dewi.phone.secret, *dewi.codes, *(code.replace("-", "") for code in dewi.codes)):
        assert hidden not in dump


def test_a_sealed_secret_moved_to_another_account_opens_nothing(store: Store, config: Config) -> None:
    siti = with_phone(store, config, enter(store, config))
    enter(store, config, "dewi", "penyetuju")
    assert siti.phone is not None
    with store.write() as session:
        own = session.scalars(select(Account).where(Account.username == "siti")).one().totp_secret
        session.scalars(select(Account).where(Account.username == "dewi")).one().totp_secret = own
    token, _ = accounts.sign_in(store, "dewi", CHOSEN)
    with pytest.raises(Exception, match="cannot be read with the present PENJAGA_SECRET"):
        accounts.enter_code(store, config, token, siti.phone.code())


def test_what_guards_the_account_changes_only_for_who_showed_themselves_just_now(
    any_store: Store, config: Config
) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    with time_machine.travel(now(), tick=False) as clock:
        clock.shift(accounts.PROOF + timedelta(seconds=1))
        for refused in (
            lambda: accounts.change_password(any_store, dewi.token, CHOSEN, "teh manis hangat"),
            lambda: accounts.renew_recovery_codes(any_store, dewi.token),
            lambda: accounts.offer(any_store, config, dewi.token),
            lambda: accounts.set_up(any_store, config, dewi.token, "000000"),
            lambda: accounts.give_up(any_store, dewi.token),
        ):
            with pytest.raises(ProofNeeded):
                refused()
        with pytest.raises(SignInRefused):
            accounts.prove(any_store, config, dewi.token, "salah sekali", dewi.phone.code())
        with pytest.raises(CodeRefused):
            accounts.prove(any_store, config, dewi.token, CHOSEN, "000000")
        assert _account(any_store).failed_sign_ins == 2
        accounts.prove(any_store, config, dewi.token, CHOSEN, dewi.phone.code())
        assert accounts.change_password(any_store, dewi.token, CHOSEN, "teh manis hangat")


def test_a_new_phone_replaces_the_old_one_and_ends_other_sessions(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    old, before = dewi.phone, dewi.token
    assert old is not None
    token, _ = accounts.sign_in(store, "dewi", CHOSEN)
    elsewhere = accounts.enter_code(store, config, token, old.code())
    assert accounts.offer(store, config, before) == accounts.offer(store, config, before)
    fresh = with_phone(store, config, dewi)
    assert fresh.phone is not None
    assert accounts.signed_in(store, before) is None
    assert accounts.signed_in(store, elsewhere) is None
    token, _ = accounts.sign_in(store, "dewi", CHOSEN)
    with pytest.raises(CodeRefused):
        accounts.enter_code(store, config, token, old.code())
    assert accounts.enter_code(store, config, token, fresh.phone.code())


def test_a_wrong_first_code_sets_nothing_up_and_counts_nothing(store: Store, config: Config) -> None:
    siti = enter(store, config)
    offered = accounts.offer(store, config, siti.token)
    with pytest.raises(CodeRefused):
        accounts.set_up(store, config, siti.token, "000000")
    assert accounts.offer(store, config, siti.token) == offered, "what was scanned must stay good"
    account = _account(store, "siti")
    assert (account.totp_secret, account.failed_sign_ins) == (None, 0)
    assert accounts.set_up(store, config, siti.token, Phone(offered.secret).code())


def test_a_verifier_may_have_one_and_give_it_up_an_approver_may_not(store: Store, config: Config) -> None:
    siti = with_phone(store, config, enter(store, config))
    assert accounts.sign_in(store, "siti", CHOSEN)[1].due == "code"
    accounts.give_up(store, siti.token)
    assert accounts.sign_in(store, "siti", CHOSEN)[1].due == ""
    dewi = enter(store, config, "dewi", "penyetuju")
    with pytest.raises(Forbidden):
        accounts.give_up(store, dewi.token)
    assert _account(store).totp_secret is not None


def test_a_lost_phone_is_reset_with_a_reason_and_set_up_anew(any_store: Store, config: Config) -> None:
    dewi = enter(any_store, config, "dewi", "penyetuju")
    with pytest.raises(AccountRefused, match="Say why"):
        accounts.reset_second_step(any_store, "dewi", " ")
    assert accounts.signed_in(any_store, dewi.token) is not None
    accounts.reset_second_step(any_store, "dewi", "HP hilang di pasar")
    assert accounts.signed_in(any_store, dewi.token) is None
    _, found = accounts.sign_in(any_store, "dewi", CHOSEN)
    assert found.due == "second-step"
    with any_store.read() as session:
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.scalars(select(Event.data).where(Event.name == "reset-second-step")).one() == {
            "reason": "HP hilang di pasar"
        }
    with pytest.raises(AccountRefused, match="no second step"):
        accounts.reset_second_step(any_store, "dewi", "sekali lagi")


def test_a_program_needs_the_code_as_well_and_leaves_no_half_session(store: Store, config: Config) -> None:
    dewi = enter(store, config, "dewi", "penyetuju")
    assert dewi.phone is not None
    accounts.sign_out(store, dewi.token)
    for code, error in (("", CodeNeeded), ("000000", CodeRefused)):
        with pytest.raises(error):
            accounts.sign_in_program(store, config, "dewi", CHOSEN, code)
        with store.read() as session:
            assert session.scalars(select(AuthSession)).all() == []
    token = accounts.sign_in_program(store, config, "dewi", CHOSEN, dewi.phone.code())
    (only,) = accounts.sessions_of(store, token)
    assert (only.kind, only.this) == ("api", True)
