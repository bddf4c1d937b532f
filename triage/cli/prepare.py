"""`penjaga prepare`: everything an installation needs before its processes start."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from triage.accounts import NewAccount
from triage.cli.progress import shown
from triage.config import load_config
from triage.permissions import Role
from triage.preparing import prepare

ROLE_IN_WORDS: dict[Role, str] = {
    "verifikator": "checks messages",
    "penyetuju": "approves before publication",
    "analis": "reads the queue",
    "admin": "reads the queue",
}


@click.command()
@click.option("--site", default="", help="Address under which people will reach the service.")
def command(site: str) -> None:
    """Build the encoder, migrate the store, load the starter archive, make the first accounts.

    Does only what is not done yet.
    """
    # The store is for this user alone.
    os.umask(0o077)
    with shown() as progress:
        made = prepare(load_config(), click.echo, progress)
    if made:
        _show(made, f"{site}/masuk")


def _show(made: Sequence[NewAccount], where: str) -> None:
    click.echo(f"First sign-ins at {where}, shown this once; each asks for a password of one's own:")
    for account in made:
        click.echo(f"  {account.username:<12} {account.password}   {ROLE_IN_WORDS[account.role]}")
