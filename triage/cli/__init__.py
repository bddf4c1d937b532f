"""The `penjaga` command. Sub-commands load only when called: `penjaga --help` must not wait for a model."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

import click

from triage import logs
from triage.errors import PenjagaError, StoreUnavailable

# command -> module that defines `command`
_COMMANDS = {
    "archive": "triage.cli.archive",
    "backup": "triage.cli.backup",
    "bench": "triage.cli.bench",
    "doctor": "triage.cli.doctor",
    "encoder": "triage.cli.encoder",
    "evaluate": "triage.cli.evaluate",
    "events": "triage.cli.events",
    "learn": "triage.cli.learn",
    "match": "triage.cli.match",
    "parked": "triage.cli.parked",
    "prepare": "triage.cli.prepare",
    "regions": "triage.cli.regions",
    "restore": "triage.cli.restore",
    "trends": "triage.cli.trends",
    "up": "triage.cli.up",
    "users": "triage.cli.users",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)  # noqa: S101 - a programming error, not input
        return command


@click.command(cls=_Commands)
@click.version_option(package_name="penjaga")
def penjaga() -> None:
    """Penjaga: recognise, rank, answer and publish what is known about circulating claims."""


def main() -> None:
    """Run the command line; our own errors end as one clear line and exit code 1."""
    # What matters to the operator, commands say themselves.
    logs.configure(logging.CRITICAL)
    try:
        penjaga()
    except StoreUnavailable as error:
        click.echo(f"penjaga: {error} ({error.cause})" if error.cause else f"penjaga: {error}", err=True)
        sys.exit(1)
    except PenjagaError as error:
        click.echo(f"penjaga: {error}", err=True)
        sys.exit(1)
