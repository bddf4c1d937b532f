"""Installations that are broken or not there: one line that names what is wrong, and what to do."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import Config
from triage.db import Store

pytestmark = pytest.mark.embedded


def penjaga(
    *words: str, preexec: Callable[[], None] | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENJAGA_")}
    return subprocess.run(
        [sys.executable, "-m", "triage.cli", *words],
        env=kept | settings,
        preexec_fn=preexec,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _said(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    return said


def _overwrite(data: Path) -> None:
    (data / "penjaga.db").write_bytes(bytes(range(256)) * 64)


def _make_folder(data: Path) -> None:
    (data / "penjaga.db").unlink()
    (data / "penjaga.db").mkdir()


def _shorten_secret(data: Path) -> None:
    (data / "secret").write_text("kurang")


def _garble_secret(data: Path) -> None:
    (data / "secret").write_bytes(b"\xff" * 64)


def _nothing(_data: Path) -> None:
    return


BAD_PORT = "postgresql://u:p@h:abc/x"
NOBODY = "postgresql://u:p@127.0.0.1:1/x"


@pytest.mark.parametrize(
    ("breaking", "settings", "named"),
    [
        (_overwrite, {}, "problem: store: damaged (file is not a database); stop Penjaga and put back"),
        (_make_folder, {}, "problem: store: does not answer (unable to open database file); check PENJAGA_"),
        (_shorten_secret, {}, "secret is damaged: restore it"),
        (_garble_secret, {}, "secret is damaged: restore it"),
        (_nothing, {"PENJAGA_REDIS_URL": "nonsense"}, "PENJAGA_REDIS_URL must be like redis://"),
        (_nothing, {"PENJAGA_DATABASE_URL": BAD_PORT}, "PENJAGA_DATABASE_URL cannot be read"),
        (_nothing, {"PENJAGA_DATABASE_URL": NOBODY}, "problem: store: does not answer"),
        (_nothing, {"PENJAGA_ENCODER": "/nonexistent"}, "or correct PENJAGA_ENCODER"),
    ],
)  # fmt: skip
def test_the_doctor_names_what_is_broken(
    config: Config, store: Store, breaking: Callable[[Path], None], settings: dict[str, str], named: str
) -> None:
    store.close()
    breaking(config.data)
    assert named in _said(penjaga("doctor", PENJAGA_DATA=str(config.data), **settings))


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    # Not even the superuser makes files there.
    assert "/sys/secret cannot be read or made (" in _said(penjaga("prepare", PENJAGA_DATA="/sys"))
    assert "/sys/secret cannot be read or made (" in _said(penjaga("up", "--data", "/sys"))


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    done = penjaga("up", preexec=_write_nothing, PENJAGA_DATA=str(tmp_path))
    assert f"{tmp_path}/secret cannot be read or made (File too large): make room" in _said(done)


def _write_nothing() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@pytest.mark.parametrize("port", ["80000", "-1", "0"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    given = penjaga("up", "--port", port, PENJAGA_DATA=str(tmp_path / "d"))
    from_environment = penjaga("up", PORT=port, PENJAGA_DATA=str(tmp_path / "d"))
    for refused in (given, from_environment):
        assert refused.returncode == 2
        assert "is not in the range 1<=x<=65535" in refused.stderr
    assert not (tmp_path / "d").exists()


LOOKING = [
    ("parked", "list"), ("parked", "replay", "--all"), ("doctor",), ("events", "verify"), ("users", "list"),
    ("users", "reset", "siti", "--reason", "lupa"), ("archive", "list"),
]  # fmt: skip


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_looking_into_a_folder_without_an_installation_makes_none(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = _said(penjaga(*words, PENJAGA_DATA=str(tmp_path / "data")))
    assert said.startswith(f"penjaga: There is no installation in {tmp_path / 'data'} (")
    assert "set PENJAGA_DATA" in said
    assert "`penjaga up`" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_store_without_the_present_schema_is_sent_to_prepare(
    config: Config, words: tuple[str, ...]
) -> None:
    # What a start that was stopped early leaves behind.
    (config.data / "penjaga.db").touch()
    assert "run `penjaga prepare`" in _said(penjaga(*words, PENJAGA_DATA=str(config.data)))
    assert sorted(path.name for path in config.data.iterdir()) == ["penjaga.db", "secret"]


def test_a_lost_secret_is_named_and_not_made_anew(config: Config, store: Store) -> None:
    (config.data / "secret").unlink()
    said = _said(penjaga("users", "list", PENJAGA_DATA=str(config.data)))
    assert f"({config.data / 'secret'} is missing)" in said
    assert not (config.data / "secret").exists()
