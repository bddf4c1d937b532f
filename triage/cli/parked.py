"""`penjaga parked`: work that failed too often and waits for a person."""

from __future__ import annotations

from collections.abc import Sequence

import click

from triage import broker, dismissing, outbox
from triage.broker import OutboxTask
from triage.cli.opening import existing
from triage.config import Config
from triage.permissions import OPERATOR

_BROKER_AWAY = "the broker does not answer: it starts when a worker runs again"


@click.group()
def command() -> None:
    """List what failed too often, put it back to work, or give up on it."""


@command.command("list")
def show() -> None:
    """Print each parked item: number, task, what it works on, since when, and why."""
    with existing() as (_, store), store.read() as session:
        rows = outbox.parked(session)
        for row in rows:
            since = f"{row.parked_at:%Y-%m-%d %H:%M} UTC"
            click.echo(
                f"{row.id}  {row.task} {row.ref}  parked {since}, {row.attempts} attempts: {row.last_error}"
            )
    if not rows:
        click.echo("nothing is parked")


@command.command()
@click.argument("number", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Put every item back.")
@click.option("--task", type=click.Choice(outbox.TASKS), help="Put every item of this task back.")
def replay(number: int | None, everything: bool, task: OutboxTask | None) -> None:
    """Put item NUMBER, all items, or those of one task back to work."""
    if [number is not None, everything, task is not None].count(True) != 1:
        raise click.UsageError("Give the NUMBER of one item, or --all, or --task NAME.")
    with existing() as (config, store):
        if number is not None:
            tasks, what = [outbox.replay(store, number, OPERATOR)], f"{number} is"
        else:
            replayed = outbox.replay_all(store, OPERATOR, task)
            tasks, what = list(replayed), f"{replayed.total()} items are"
    if not tasks:
        click.echo("nothing is parked")
        return
    when = "a worker was woken" if _wake(config, tasks) else _BROKER_AWAY
    click.echo(f"{what} due again; {when}")


@command.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why nothing more is to be tried; kept in the event log.")
def dismiss(number: int, reason: str) -> None:
    """Give up on item NUMBER: a message then waits for people, other work is dropped."""
    with existing() as (_, store):
        group = dismissing.dismiss(store, number, OPERATOR, reason)
    click.echo(f"{number} is dismissed" + (f"; people find the message as item {group}" if group else ""))


def _wake(config: Config, tasks: Sequence[OutboxTask]) -> bool:
    client = broker.client(config)
    try:
        # Each, whether or not one fails: every kind has its own queue.
        return sum(broker.send_wake(client, task) for task in tasks) == len(tasks)
    finally:
        client.close()
