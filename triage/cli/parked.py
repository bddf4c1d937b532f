"""`penjaga parked`: work that failed too often and waits for a person."""

from __future__ import annotations

import click

from triage import broker, outbox
from triage.config import load_config
from triage.db import Store
from triage.permissions import OPERATOR


@click.group()
def command() -> None:
    """List what failed too often, and put it back to work."""


@command.command("list")
def show() -> None:
    """Print each parked item: number, task, what it works on, since when, and why."""
    with Store(load_config().database_url).read() as session:
        rows = outbox.parked(session)
        for row in rows:
            since = f"{row.parked_at:%Y-%m-%d %H:%M} UTC"
            click.echo(
                f"{row.id}  {row.task} {row.ref}  parked {since}, {row.attempts} attempts: {row.last_error}"
            )
    if not rows:
        click.echo("nothing is parked")


@command.command()
@click.argument("number", type=int)
def replay(number: int) -> None:
    """Put item NUMBER back to work."""
    config = load_config()
    task = outbox.replay(Store(config.database_url), number, OPERATOR)
    client = broker.client(config)
    woken = broker.send_wake(client, task)
    client.close()
    when = "a worker was woken" if woken else "the broker does not answer: it starts when a worker runs again"
    click.echo(f"{number} is due again; {when}")
