"""`penjaga backup`: the whole store as one file."""

from __future__ import annotations

from pathlib import Path

import click

from triage import backup
from triage.config import load_existing
from triage.db import Store

_APART = (
    "The secret is not in it (PENJAGA_SECRET, or the file `secret` in the data folder): keep it too, in "
    "another place. Without it no receipt in the backup is found."
)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite FILE if it exists.")
def command(file: Path, *, replace: bool) -> None:
    """Write the store into FILE while Penjaga goes on running; SQLite and PostgreSQL both read it."""
    config = load_existing()
    store = Store(config.database_url)
    try:
        rows = backup.make(store, config, file, replace=replace)
    finally:
        store.close()
    size = file.stat().st_size / 1e6
    click.echo(f"{file}: {sum(rows.values())} rows of {len(rows)} tables, {size:.1f} MB")
    click.echo(_APART)
