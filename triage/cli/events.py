"""`penjaga events`: the event log."""

from __future__ import annotations

import sys

import click

from triage import events
from triage.cli.opening import existing


@click.group()
def command() -> None:
    """Inspect the append-only event log."""


@command.command()
def verify() -> None:
    """Walk the hash chain and say where it breaks, or how long it is and the hash of its newest event.

    Events cut off at the end leave a whole chain: compare with what an earlier run printed.
    """
    with existing() as (_, store), store.read() as session:
        broken, head = events.first_break(session), events.head(session)
    if broken is not None:
        click.echo(f"chain broken at event {broken}")
        sys.exit(1)
    click.echo(f"chain ok: {head.seq} events, newest {head.hash}")
