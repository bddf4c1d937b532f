"""The commands: the README's table names each one, with its options, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from triage.cli import penjaga

README = Path(__file__).parents[2] / "README.md"
CONTEXT = click.Context(penjaga)


def _registered() -> dict[str, click.Command]:
    found = {}
    for name in penjaga.list_commands(CONTEXT):
        command = penjaga.get_command(CONTEXT, name)
        assert command is not None
        found[name] = command
    return found


def _documented() -> dict[tuple[str, ...], str]:
    """Give each command of the table as its words, with the text of its cell.

    ("users", "add") and ("users", "list") come from one row: `penjaga users add`, `list`.
    """
    found = {}
    for cell in re.findall(r"^\| (`penjaga [^|]*`) \|", README.read_text("utf-8"), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        _, command, *words = first.split()
        if words and words[0].islower() and words[0].isalpha():
            found |= {(command, chunk.split()[0]): cell for chunk in (" ".join(words), *others)}
        else:
            found[command,] = cell
    return found


def test_the_commands_table_of_the_readme_names_every_command() -> None:
    exist: set[tuple[str, ...]] = set()
    for name, command in _registered().items():
        if isinstance(command, click.Group):
            exist |= {(name, one) for one in command.commands}
        else:
            exist.add((name,))
    assert set(_documented()) == exist


@pytest.mark.parametrize(
    "name", sorted(name for name, command in _registered().items() if not isinstance(command, click.Group))
)
def test_the_commands_table_of_the_readme_names_every_option(name: str) -> None:
    options = {option for one in _registered()[name].params for option in one.opts if option.startswith("--")}
    assert set(re.findall(r"--[a-z-]+", _documented()[name,])) == options
