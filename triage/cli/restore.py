"""`penjaga restore`: a store from a backup."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from triage import backup
from triage.backup import Restored
from triage.config import load_config
from triage.db import Store
from triage.supervisor.single import only_one


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Lose what the store holds now.")
@click.option("--other-secret", is_flag=True, help="Restore although its receipts will not be found.")
def command(file: Path, *, replace: bool, other_secret: bool) -> None:
    """Fill the store from FILE, bring it to the present schema and check it; all or nothing.

    Stop Penjaga first, on every machine that uses the store. Exit code 1 if the event log or the accounts of
    what was restored do not hold.
    """
    # The store is for this user alone.
    os.umask(0o077)
    config = load_config()
    store = Store(config.database_url)
    try:
        with only_one(config.data):
            found = backup.restore(store, config, file, replace=replace, other_secret=other_secret)
    finally:
        store.close()
    _show(file, found)
    sys.exit(0 if found.broken is None and found.accounts.adds_up else 1)


def _show(file: Path, found: Restored) -> None:
    total, header, sums = sum(found.rows.values()), found.header, found.accounts
    click.echo(
        f"restored {total} rows of {len(found.rows)} tables from {file}, made {header.made_at} "
        f"with schema {header.revision}"
    )
    for name, number in found.rows.items():
        if number:
            click.echo(f"  {name:<22} {number}")
    chain = f"chain broken: {found.broken}" if found.broken else "chain ok"
    click.echo(f"{chain}: {found.head.seq} events, newest {found.head.hash}")
    click.echo(f"accounting: {sums}{'' if sums.adds_up else ', which does not add up'}")
