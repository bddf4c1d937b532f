"""`penjaga events`: the event log."""

from __future__ import annotations

import re
import sys

import click

from triage import events, receipt_view
from triage.cli.opening import existing
from triage.errors import NotFound
from triage.events import Head
from triage.tables import Submission

# Characters of a receipt without its hyphens: a number so long is one.
_RECEIPT = 16
_PRINT = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@click.group()
def command() -> None:
    """Inspect the append-only event log."""


class _Earlier(click.ParamType[Head]):
    name = "LENGTH:HASH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        found = _PRINT.fullmatch(value)
        if found is None:
            self.fail("write it as an earlier run printed both, as in 1204:9f2c…", param, ctx)
        return Head(int(found[1]), found[2])


@command.command()
@click.option("--expect", type=_Earlier(), help="What an earlier run printed: is all of that still there?")
def verify(expect: Head | None) -> None:
    """Walk the hash chain and say where it breaks, or how long it is and the hash of its newest event.

    Events cut off at the end leave a whole chain: keep what this prints elsewhere, and --expect it later.
    """
    with existing() as (_, store), store.read() as session:
        broken, head = events.first_break(session), events.head(session)
        changed = events.same_as_before(session, expect) if expect else ""
    if broken is not None or changed:
        click.echo(f"chain broken: {broken or changed}")
        sys.exit(1)
    click.echo(f"chain ok: {head.seq} events, newest {head.hash}")


@command.command()
@click.argument("item")
def trail(item: str) -> None:
    """Print all that happened to ITEM, a message's receipt or its number in the logs."""
    with existing() as (config, store), store.read() as session:
        found = (
            session.get(Submission, int(item))
            if item.isdecimal() and len(item) < _RECEIPT
            else receipt_view.submission_of(session, config, item)
        )
        if found is None:
            raise NotFound("There is no submission with this number.")
        click.echo(f"item {found.id}, {found.state}, group {found.group_id or '-'}")
        for event in events.trail(session, found):
            change = f"{event.from_state or '-'} > {event.to_state}" if event.to_state else ""
            what = f"{event.subject} {event.subject_id}  {event.name}  {change}".rstrip()
            click.echo(f"{event.at:%Y-%m-%d %H:%M:%S} UTC  {what}")
