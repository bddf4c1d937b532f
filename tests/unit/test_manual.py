"""The manual of the server room names only commands, options and files that there are."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from triage.cli import penjaga

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "operasi.md").read_text("utf-8")
ALARMS = ROOT / "docs" / "operasi" / "alarm.yml"


def _commands() -> list[str]:
    """Every command of ours that the manual gives, in a block of its own or within a sentence."""
    lines = [line.strip() for line in MANUAL.splitlines()]
    quoted = re.findall(r"`([^`\n]+)`", MANUAL)
    return sorted({each for each in (*lines, *quoted) if re.match(r"penjaga [a-z]+( |$)", each)})


def test_the_manual_gives_commands() -> None:
    assert len(_commands()) >= 15


@pytest.mark.parametrize("line", _commands())
def test_each_command_and_its_options_exist(line: str) -> None:
    words = shlex.split(line)[1:]
    command, path = _resolved(words)
    help_text = CliRunner().invoke(penjaga, [*path, "--help"])
    assert help_text.exit_code == 0, help_text.output
    assert not isinstance(command, click.Group), f"{line!r} names no command of its group"
    options = {word.split("=")[0] for word in words[len(path) :] if word.startswith("--")}
    assert options <= {option for param in command.params for option in param.opts}


def _resolved(words: list[str]) -> tuple[click.Command, list[str]]:
    """Walk down as far as words are names of commands; the rest are arguments."""
    command: click.Command = penjaga
    path: list[str] = []
    while isinstance(command, click.Group) and len(path) < len(words):
        found = command.get_command(click.Context(command), words[len(path)])
        assert found is not None, f"there is no `penjaga {' '.join(words[: len(path) + 1])}`"
        command = found
        path.append(words[len(path)])
    return command, path


def test_each_file_that_is_linked_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", MANUAL)
    assert linked
    assert [name for name in linked if not (ROOT / "docs" / name).is_file()] == []


def test_the_rules_parse() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("needs promtool, of Debian's package prometheus")
    checked = subprocess.run(["promtool", "check", "rules", str(ALARMS)], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()


@pytest.mark.parametrize("name", ["penjaga.socket", "penjaga.service"])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze")
    units = re.findall(r"`/etc/systemd/system/([\w.]+)`.*?```ini\n(.*?)```", MANUAL, re.DOTALL)
    for unit, text in units:
        # The program and its user are on the server only.
        there = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        there = re.sub(r"^(User|WorkingDirectory|EnvironmentFile)=.*\n", "", there, flags=re.MULTILINE)
        (tmp_path / unit).write_text(there)
    assert (tmp_path / name).is_file()
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert [line for line in checked.stderr.splitlines() if name in line] == []
