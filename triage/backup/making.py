"""Making a backup: one consistent read of every table, while everybody else goes on writing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, select, text
from sqlalchemy.exc import SQLAlchemyError

from triage import keys, nearest, schema
from triage.backup import file, values
from triage.backup.file import Header, Writer
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import BackupRefused

# Rows that are in memory at a time.
CHUNK = 1000


def make(store: Store, config: Config, target: Path, *, replace: bool = False) -> dict[str, int]:
    """Write the whole store into one file; return how many rows of each table it holds.

    The secret is not in it. Raises `BackupRefused` (no file is left), `StoreUnavailable`.
    """
    with file.whole_file(target, replace=replace) as sink, store.read() as session:
        connection = session.connection()
        revision = schema.revision(connection)
        if revision is None or not schema.knows(revision):
            raise BackupRefused(
                "The store has no schema that this release knows: there is nothing to back up."
            )
        writer = Writer(sink, _header(connection, config, revision))
        for table in tables(connection):
            _write(connection, table, writer)
        writer.close()
        return writer.rows


def tables(connection: Connection) -> list[Table]:
    """Return the tables of a store as it has them, whatever its revision, parents before children.

    What is made anew from others is not among them.
    """
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name not in (schema.VERSIONS, nearest.TABLE))
    return found.sorted_tables


def _header(connection: Connection, config: Config, revision: str) -> Header:
    return Header(
        format=file.FORMAT,
        revision=revision,
        store=connection.dialect.name,
        made_at=now().isoformat(timespec="seconds"),
        secret=_secret_in_use(connection) or keys.identity(config.secret),
        numbers=_numbers(connection),
    )


def _secret_in_use(connection: Connection) -> str | None:
    """Return the check value that the store noted last; stores of earlier releases note none."""
    noted = MetaData()
    try:
        noted.reflect(connection, only=["known_secret"])
    except SQLAlchemyError:
        return None
    table = noted.tables["known_secret"]
    found = connection.scalar(select(table.c.identity).order_by(table.c.id.desc()).limit(1))
    return str(found) if found else None


def _numbers(connection: Connection) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    else:
        rows = connection.execute(
            text(
                "SELECT replace(sequencename, '_id_seq', ''), last_value FROM pg_sequences "
                "WHERE schemaname = current_schema() AND last_value IS NOT NULL"
            )
        )
    return {str(name): int(number) for name, number in rows}


def _write(connection: Connection, table: Table, writer: Writer) -> None:
    columns = list(table.columns)
    writer.table(file.Table(table.name, [column.name for column in columns]))
    rows = connection.execution_options(yield_per=CHUNK).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    for row in rows:
        writer.row([values.to_json(column.type, value) for column, value in zip(columns, row, strict=True)])
