"""A machine without the bundled model: what is missing is said, and PENJAGA_ENCODER is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.encoders import EncoderError, EncoderMissing, load_encoder
from models.encoders.bundled import ADAPTER, PACKAGE, WEIGHTS, find_bundled
from models.encoders.proof import hear_witness
from triage import schema
from triage.config import load_config
from triage.db import Store

# Read at the start of Python: the package is not there, as on a platform that it has no wheel for.
WITHOUT = f"""
import sys
from importlib.machinery import PathFinder


class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name == {PACKAGE!r} else super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Without
"""


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """Environment of programs that find no such package, with an empty installation."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WITHOUT, "utf-8")
    paths = os.pathsep.join([str(site), *filter(None, sys.path)])
    settings = {"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": str(tmp_path / "encoders")}
    return {**os.environ, "PYTHONPATH": paths, "PENJAGA_ENCODER": "bundled", **settings}


def _penjaga(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "triage.cli", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_building_says_what_to_set(without: dict[str, str], tmp_path: Path) -> None:
    done = _penjaga(without, "encoder", "build")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"penjaga: the bundled encoder cannot be used: the package {PACKAGE} is not installed for this "
        "platform. Set PENJAGA_ENCODER to the name or the folder of a sentence-transformers model instead.\n"
    )
    assert not (tmp_path / "encoders").exists()


def test_the_doctor_says_what_to_set(without: dict[str, str]) -> None:
    store = Store(load_config(without).database_url)
    schema.upgrade(store)
    store.close()
    done = _penjaga(without, "doctor")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = (each for each in done.stdout.splitlines() if "bundled encoder cannot be used" in each)
    assert f"the package {PACKAGE} is not installed for this platform" in line
    assert "PENJAGA_ENCODER" in line


def test_preparing_says_what_to_set(without: dict[str, str]) -> None:
    done = _penjaga(without, "prepare")
    assert done.returncode == 1
    assert "Set PENJAGA_ENCODER" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_model_needs_no_such_package(without: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    done = _penjaga(without | {"PENJAGA_ENCODER": str(folder)}, "encoder", "build")
    assert done.returncode == 1
    assert f"PENJAGA_ENCODER={folder}: the folder holds no model" in done.stderr
    assert PACKAGE not in done.stderr


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of that name that holds nothing yet, found before the real one."""
    assert PACKAGE not in sys.modules
    folder = tmp_path / "first" / PACKAGE
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(folder.parent))
    return folder


def test_a_package_without_the_weights_is_named_with_the_setting(package: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match=f"{PACKAGE} has no file {WEIGHTS}.*PENJAGA_ENCODER"):
        load_encoder("bundled", tmp_path / "encoders")
    (package / WEIGHTS).write_bytes(b"weights")
    assert find_bundled().weights == package / WEIGHTS


@pytest.mark.parametrize(
    "engine",
    [
        "raise OSError('wrong ELF class')",
        "raise ImportError('no AVX2')",
        "import tidak.ada",
        "import os, signal; os.kill(os.getpid(), signal.SIGILL)",
    ],
)
def test_an_engine_that_does_not_run_here_is_named_with_the_setting(
    package: Path, tmp_path: Path, engine: str
) -> None:
    (package / "__init__.py").write_text(engine, "utf-8")
    with pytest.raises(EncoderMissing, match=r"does not run on this processor.*PENJAGA_ENCODER"):
        hear_witness(tmp_path, ADAPTER)


def test_an_engine_that_fails_in_another_way_is_not_called_missing(package: Path, tmp_path: Path) -> None:
    (package / "__init__.py").write_text("import signal, os; os.kill(os.getpid(), signal.SIGKILL)", "utf-8")
    with pytest.raises(EncoderError, match="could not be checked") as failed:
        hear_witness(tmp_path, ADAPTER)
    assert not isinstance(failed.value, EncoderMissing)
