"""`penjaga users`: one-time passwords are shown once and work; changes need a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.signing import CHOSEN, Person, with_phone
from triage import accounts
from triage.cli.users import command
from triage.config import load_config
from triage.db import Store
from triage.errors import AccountRefused, NotFound, SignInRefused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), env={"PENJAGA_DATA": str(folder)}, catch_exceptions=False)


def _add(folder: Path) -> str:
    said = _run(folder, "add", "Siti", "--name", "Siti Aminah", "--role", "verifikator").output
    return re.search(r"One-time password: (\S+)", said)[1]  # type: ignore[index]


def _store(folder: Path) -> Store:
    return Store(load_config({"PENJAGA_DATA": str(folder)}).database_url)


def test_an_account_can_be_made_before_the_service_ever_ran(folder: Path) -> None:
    password = _add(folder)
    assert accounts.sign_in(_store(folder), "siti", password)[1].must_change_password
    listed = _run(folder, "list").output
    assert "Siti Aminah" in listed
    assert "one-time password" in listed
    assert password not in listed


def test_a_reset_password_replaces_the_old_one(folder: Path) -> None:
    first = _add(folder)
    said = _run(folder, "reset", "siti", "--reason", "lupa").output
    second = re.search(r"One-time password: (\S+)", said)[1]  # type: ignore[index]
    with pytest.raises(SignInRefused):
        accounts.sign_in(_store(folder), "siti", first)
    assert accounts.sign_in(_store(folder), "siti", second)


def test_a_closed_account_is_listed_and_stays_out(folder: Path) -> None:
    password = _add(folder)
    assert "is closed" in _run(folder, "deactivate", "siti", "--reason", "pindah tugas").output
    assert "closed" in _run(folder, "list").output
    with pytest.raises(SignInRefused):
        accounts.sign_in(_store(folder), "siti", password)


def test_a_closed_account_gets_no_password_until_it_is_opened_again(folder: Path) -> None:
    _add(folder)
    _run(folder, "deactivate", "siti", "--reason", "pindah tugas")
    with pytest.raises(AccountRefused, match="is closed"):
        _run(folder, "reset", "siti", "--reason", "lupa")
    said = _run(folder, "activate", "siti", "--reason", "kembali bertugas").output
    once = re.search(r"One-time password: (\S+)", said)[1]  # type: ignore[index]
    assert accounts.sign_in(_store(folder), "siti", once)
    assert "closed" not in _run(folder, "list").output


def test_what_cannot_be_done_says_why(folder: Path) -> None:
    _add(folder)
    with pytest.raises(AccountRefused, match="already an account siti"):
        _add(folder)
    with pytest.raises(NotFound, match="no account budi"):
        _run(folder, "reset", "budi", "--reason", "lupa")
    assert _run(folder, "deactivate", "siti").exit_code == 2
    assert "Invalid value for '--role'" in _run(folder, "add", "x", "--name", "X", "--role", "pelapor").output


def test_an_invitation_is_a_link_that_opens_the_account_once(folder: Path) -> None:
    _add(folder)
    said = _run(
        folder, "invite", "Budi", "--name", "Budi S", "--role", "verifikator", "--wilayah", "35.08.01",
        "--site", "https://penjaga.example/",
    ).output  # fmt: skip
    token = re.search(r"^https://penjaga\.example/undangan/(\S+)$", said, re.MULTILINE)[1]  # type: ignore[index]
    assert "invited" in _run(folder, "list").output
    assert token not in _run(folder, "list").output
    assert accounts.use_link(_store(folder), token, "kopi susu gula aren")
    assert "invited" not in _run(folder, "list").output


def test_a_lost_phone_and_a_new_task_are_dealt_with_at_the_machine(folder: Path) -> None:
    password, store = _add(folder), _store(folder)
    with pytest.raises(AccountRefused, match="no second step"):
        _run(folder, "reset-second-step", "siti", "--reason", "HP hilang")
    config = load_config({"PENJAGA_DATA": str(folder)})
    token, _ = accounts.sign_in(store, "siti", password)
    person = Person("siti", accounts.change_password(store, token, password, CHOSEN))
    with_phone(store, config, person)
    assert accounts.sign_in(store, "siti", CHOSEN)[1].due == "code"
    assert (
        "sets up a second step" in _run(folder, "reset-second-step", "siti", "--reason", "HP hilang").output
    )
    token, found = accounts.sign_in(store, "siti", CHOSEN)
    assert found.due == ""
    said = _run(
        folder, "change", "siti", "--role", "penyetuju", "--wilayah", "35.08.01", "--reason", "lulus latihan"
    ).output
    assert "siti is penyetuju for 35.08.01" in said
    assert accounts.signed_in(store, token) is None
