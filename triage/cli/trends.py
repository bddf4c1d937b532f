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
@click.option("--repair", is_flag=True, help="Count the days that differ again.")
def check(days: int, *, repair: bool) -> None:
    """Bring the tallies up to date, then compare them with the messages themselves, day by day.

    Days that were changed just now, or whose messages may be emptied already, are left out.
    """
    with existing() as (config, store):
        tallies.count(store, config)
        last = tallies.last_days(config, days)
        with store.read() as session:
            found = tallies.compare(session, config, last)
        if found.wrong and repair:
            tallies.count_anew(store, config, found.wrong)
    if found.wrong:
        named = ", ".join(day.isoformat() for day in found.wrong)
        click.echo(f"tallies {'differed' if repair else 'differ'} from the messages on {named}")
        if repair:
            click.echo("they were counted anew")
        sys.exit(0 if repair else 1)
    click.echo(f"tallies ok: of the last {days} days {len(found.days)} were compared with their messages")
