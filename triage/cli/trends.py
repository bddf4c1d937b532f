"""`penjaga trends`: the tallies that trends are read from."""

from __future__ import annotations

import sys

import click

from triage.cli.opening import existing
from triage.trends import tallies


@click.group()
def command() -> None:
    """Look after what is counted for the trends pages."""


@command.command()
@click.option(
    "--days", type=click.IntRange(1, 400), default=14, help="How many days to look at, today included."
)
def check(days: int) -> None:
    """Bring the tallies up to date, then compare them with the messages themselves, day by day."""
    with existing() as (config, store):
        tallies.count(store, config)
        with store.read() as session:
            wrong = tallies.differences(session, config, days)
    if wrong:
        click.echo(f"tallies differ from the messages on {', '.join(day.isoformat() for day in wrong)}")
        sys.exit(1)
    click.echo(f"tallies ok: the last {days} days are what their messages say")
