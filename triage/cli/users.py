"""`penjaga users`: the people who sign in."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from triage import accounts, schema
from triage.cli.opening import existing
from triage.config import load_config
from triage.db import Store
from triage.permissions import ROLES


@click.group()
def command() -> None:
    """Make, list, reset, close and reopen accounts."""


@command.command()
@click.argument("username")
@click.option("--name", required=True, help="Name shown to colleagues and, as checker, on published answers.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--wilayah", help="Kemendagri code of the region in charge; default: PENJAGA_WILAYAH.")
def add(username: str, name: str, role: str, wilayah: str | None) -> None:
    """Make an account and print its one-time password, once."""
    config = load_config()
    store = Store(config.database_url)
    try:
        # The first account may well be made before the service ever ran.
        schema.upgrade(store)
        password = accounts.create(store, username, name, role, wilayah or config.wilayah)
    finally:
        store.close()
    _hand_over(username, password)


@command.command("list")
def show() -> None:
    """List all accounts."""
    table = Table("username", "name", "role", "wilayah", "state")
    with existing() as (_, store), store.read() as session:
        for account in accounts.accounts(session):
            waiting = "one-time password" if account.must_change_password else "active"
            state = waiting if account.active else "closed"
            table.add_row(account.username, account.display_name, account.role, account.wilayah, state)
    Console().print(table)


@command.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def deactivate(username: str, reason: str) -> None:
    """Close an account at once and end its sessions."""
    with existing() as (_, store):
        accounts.deactivate(store, username, reason)
    click.echo(f"{username} is closed and signed out everywhere.")


@command.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def reset(username: str, reason: str) -> None:
    """Give an account a new one-time password, unlock it and end its sessions."""
    with existing() as (_, store):
        password = accounts.reset_password(store, username, reason)
    _hand_over(username, password)


@command.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def activate(username: str, reason: str) -> None:
    """Open a closed account again, with a new one-time password."""
    with existing() as (_, store):
        password = accounts.activate(store, username, reason)
    _hand_over(username, password)


def _hand_over(username: str, password: str) -> None:
    click.echo(f"Username:          {username.strip().lower()}")
    click.echo(f"One-time password: {password}")
    click.echo("Shown once, not stored. It is good only to sign in and choose a password of one's own.")
