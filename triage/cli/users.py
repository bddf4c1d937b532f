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
from triage.tables import Account

SITE = "http://127.0.0.1:8000"


@click.group()
def command() -> None:
    """Invite people, list, change, reset, close and reopen accounts."""


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


@command.command()
@click.argument("username")
@click.option("--name", required=True, help="Name shown to colleagues and, as checker, on published answers.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--wilayah", help="Kemendagri code of the region in charge; default: PENJAGA_WILAYAH.")
@click.option("--site", default=SITE, show_default=True, help="Where people reach Penjaga.")
def invite(username: str, name: str, role: str, wilayah: str | None, site: str) -> None:
    """Make an account and print the link by which its owner chooses a password, once."""
    with existing() as (config, store):
        token = accounts.invite(store, username, name, role, wilayah or config.wilayah)
    click.echo(f"{site.rstrip('/')}/undangan/{token}")
    click.echo("Shown once, not stored. Good once and for 72 hours; whoever holds it chooses the password.")


@command.command("list")
def show() -> None:
    """List all accounts."""
    table = Table("username", "name", "role", "wilayah", "state")
    with existing() as (_, store), store.read() as session:
        for account in accounts.accounts(session):
            state = _state(account)
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


@command.command("reset-second-step")
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def reset_second_step(username: str, reason: str) -> None:
    """Let somebody who lost phone and recovery codes set up the second step anew."""
    with existing() as (_, store):
        accounts.reset_second_step(store, username, reason)
    click.echo(f"{username} sets up a second step at the next sign-in.")


@command.command()
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--wilayah", required=True, help="Kemendagri code of the region in charge.")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def change(username: str, role: str, wilayah: str, reason: str) -> None:
    """Give an account another role or region and end its sessions."""
    with existing() as (_, store):
        accounts.change(store, username, role, wilayah, reason)
    click.echo(f"{username} is {role} for {wilayah} and has to sign in again.")


@command.command()
@click.argument("username")
@click.option("--reason", required=True, help="Why; kept in the event log.")
def activate(username: str, reason: str) -> None:
    """Open a closed account again, with a new one-time password."""
    with existing() as (_, store):
        password = accounts.activate(store, username, reason)
    _hand_over(username, password)


def _state(account: Account) -> str:
    if not account.active:
        return "closed"
    if not account.password_hash:
        return "invited"
    return "one-time password" if account.must_change_password else "active"


def _hand_over(username: str, password: str) -> None:
    click.echo(f"Username:          {username.strip().lower()}")
    click.echo(f"One-time password: {password}")
    click.echo("Shown once, not stored. It is good only to sign in and choose a password of one's own.")
