"""What is installed is pinned by hash, complete, and listed in the bill of materials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LOCKS = ("requirements.txt", "requirements-dev.txt")
_PINNED = re.compile(
    r"^([a-z0-9-]+)==(\S+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _locked(name: str) -> dict[str, str]:
    return {found[1]: found[2] for found in _PINNED.finditer(_read(name))}


def _project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(_read("pyproject.toml"))["project"]
    return found


def _asked(lines: list[str]) -> list[Requirement]:
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.name not in ("penjaga", "torch")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_a_version_with_its_hashes(name: str) -> None:
    assert _PINNED.sub("", _read(name)) == ""
    assert len(_locked(name)) > 60


@pytest.mark.parametrize("name", LOCKS)
def test_no_index_and_no_address_is_named(name: str) -> None:
    assert not re.search(r"://|index-url|find-links|trusted-host|/", _read(name).replace(" \\\n", ""))


def test_all_that_the_project_asks_for_is_pinned_as_it_asks() -> None:
    project = _project()
    extras = project["optional-dependencies"]
    for name, lines in (
        ("requirements.txt", project["dependencies"]),
        ("requirements-dev.txt", [*project["dependencies"], *extras["dev"], *extras["train"]]),
    ):
        locked = _locked(name)
        for each in _asked(lines):
            assert each.specifier.contains(locked[canonicalize_name(each.name)]), each


def test_what_runs_is_pinned_alike_for_tests() -> None:
    assert _locked("requirements.txt").items() <= _locked("requirements-dev.txt").items()


def test_what_is_installed_is_what_is_pinned() -> None:
    differing = {}
    for name, pinned in _locked("requirements.txt").items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # for another machine than this
        if installed != pinned:
            differing[name] = (installed, pinned)
    assert differing == {}


def test_torch_stands_alone_with_a_version() -> None:
    (torch,) = _read("requirements-torch.txt").splitlines()
    assert re.fullmatch(r"torch==\d+\.\d+\.\d+", torch)
    assert version("torch").split("+")[0] == torch.removeprefix("torch==")
    assert all("torch" not in _locked(name) for name in LOCKS)


def test_set_up_and_image_install_by_hash_and_nothing_besides() -> None:
    for name in ("Makefile", "Dockerfile"):
        installs = re.findall(r"pip install (.+)", _read(name))
        assert len(installs) == 3
        for line in installs:
            by_hash = "--require-hashes --no-deps -r requirements" in line
            ours = "--no-build-isolation --no-deps" in line
            assert by_hash or ours or "requirements-torch.txt" in line, line


def test_the_bill_of_materials_lists_everything_that_runs(tmp_path: Path) -> None:
    given = _read("requirements.txt") + _read("requirements-torch.txt")
    target = tmp_path / "sbom.json"
    command = [str(BIN / "cyclonedx-py"), "requirements", "--pyproject", str(ROOT / "pyproject.toml")]
    command += ["--output-reproducible", "--output-format", "JSON", "-o", str(target), "-"]
    subprocess.run(command, input=given, text=True, check=True, capture_output=True, timeout=120)
    found = json.loads(target.read_text("utf-8"))
    listed = {each["name"]: each["version"] for each in found["components"]}
    assert listed.items() >= _locked("requirements.txt").items()
    assert "torch" in listed
    assert found["metadata"]["component"]["name"] == "penjaga"
    assert str(ROOT) not in target.read_text("utf-8")
    recipe = re.search(r"^sbom: .*\n(?:\t.*\n)+", _read("Makefile"), re.M)
    assert recipe
    assert "cyclonedx-py requirements" in recipe[0]
