"""`penjaga prepare`: everything an installation needs before its processes start."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from triage.accounts import NewAccount
from triage.config import load_config
from triage.supervisor.preparing import prepare

ROLE_IN_WORDS = {
    "verifikator": "checks messages",
    "penyetuju": "approves before publication",
    "analis": "watches trends",
    "admin": "manages accounts",
}


@click.command()
def command() -> None:
    """Migrate the store, load the starter archive, build the encoder, make the first accounts."""
    os.umask(0o077)
    show_first_accounts(prepare(load_config(), click.echo), "/masuk")
    click.echo("ready")


def show_first_accounts(made: Sequence[NewAccount], where: str) -> None:
    """Print the one-time passwords of accounts just made; they can never be shown again."""
    if not made:
        return
    click.echo(f"First sign-ins at {where}, shown this once; each asks for a password of one's own:")
    for account in made:
        click.echo(f"  {account.username:<12} {account.password}   {ROLE_IN_WORDS[account.role]}")
