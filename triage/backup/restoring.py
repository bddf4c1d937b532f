"""Restoring: a store from a backup, in one transaction, checked before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from triage import accounting, events, keys, schema
from triage.accounting import Accounts
from triage.backup import file, values
from triage.backup.file import Header
from triage.backup.making import tables
from triage.config import Config
from triage.db import Store
from triage.errors import BackupRefused
from triage.events import Head
from triage.tampering import Broken

CHUNK = 500
_MADE_BY = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
_SET_NUMBER = text("UPDATE sqlite_sequence SET seq = :seq WHERE name = :name")
_FIRST_NUMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what the checks found; `broken` is where the event log was broken already."""

    header: Header
    rows: dict[str, int]
    head: Head
    broken: Broken | None
    accounts: Accounts


def restore(
    store: Store, config: Config, source: Path, *, replace: bool = False, other_secret: bool = False
) -> Restored:
    """Fill the store from a backup and bring it to the present schema, all or nothing.

    `replace`: also where the store holds something, which is lost; `other_secret`: also where receipts will
    not be found. Raises `BackupRefused`, `StoreUnavailable`, `SchemaRefused`; then the store is as it was.
    """
    # Read whole before anything is touched.
    header = _check(source)
    if header.secret not in map(keys.identity, config.secrets) and not other_secret:
        raise BackupRefused(
            f"{source} was made with another secret: with this one no receipt in it is found, and what is "
            "sealed stays unreadable. Set PENJAGA_SECRET as it was there, or the file `secret` in the data "
            "folder; if it is lost for good, say --other-secret."
        )
    with schema.changing(store) as connection:
        if not replace and (held := _held(connection)):
            raise BackupRefused(
                f"The store is not empty ({held} has rows); to lose what it holds, say --replace."
            )
        schema.move(connection, "base")
        schema.move(connection, header.revision)
        rows = _fill(connection, header, source)
        schema.move(connection, "head")
        schema.check_references(connection)
        found = _examine(connection, header, rows)
    keys.note(store, config, foreign=other_secret)
    return found


def _check(source: Path) -> Header:
    header, *_ = (part for part in file.read(source) if isinstance(part, Header))
    if not schema.knows(header.revision):
        raise BackupRefused(
            f"{source} has schema {header.revision}, which this release does not know: restore with the "
            "release that made it, or a later one."
        )
    return header


def _held(connection: Connection) -> str | None:
    return next(
        (table.name for table in tables(connection) if connection.execute(select(table).limit(1)).first()),
        None,
    )


def _fill(connection: Connection, header: Header, source: Path) -> dict[str, int]:
    there = {table.name: table for table in tables(connection)}
    counted: dict[str, int] = {}
    filling: _Filling | None = None
    for part in file.read(source):
        if isinstance(part, Header):
            continue
        if isinstance(part, list):
            if filling is None:
                raise BackupRefused(f"{source} is damaged: a row stands before the first table.")
            filling.add(part)
            continue
        if filling is not None:
            counted[filling.table.name] = filling.close()
        if part.name not in there:
            raise BackupRefused(f"{source} holds a table {part.name}, which its schema does not have.")
        filling = _Filling(connection, there[part.name], part.columns)
    if filling is not None:
        counted[filling.table.name] = filling.close()
    for table in there.values():
        _continue_numbers(connection, table, header.numbers.get(table.name, 0))
    return counted


class _Filling:
    """The rows of one table on their way in."""

    def __init__(self, connection: Connection, table: Table, columns: list[str]) -> None:
        self.table = table
        self._connection = connection
        self._columns = [column for name in columns for column in table.columns if column.name == name]
        # A row may point to one that comes after it: such links are set when all rows are there.
        self._links = [key.parent.name for key in table.foreign_keys if key.column.table is table]
        self._waiting: list[dict[str, Any]] = []
        self._linked: dict[str, list[dict[str, Any]]] = {name: [] for name in self._links}

    def add(self, given: list[Any]) -> None:
        """Take a row as the backup writes it."""
        try:
            row = {
                column.name: values.from_json(column.type, value)
                for column, value in zip(self._columns, given, strict=True)
            }
        except (KeyError, TypeError, ValueError) as error:
            raise BackupRefused(f"A row of {self.table.name} in the backup is none of that table.") from error
        for name in self._links:
            if row[name] is not None:
                self._linked[name].append({"row": row["id"], "link": row[name]})
                row[name] = None
        self._waiting.append(row)
        if len(self._waiting) == CHUNK:
            self._flush()

    def close(self) -> int:
        """Write what is left; return how many rows the table then has."""
        self._flush()
        for name, links in self._linked.items():
            if links:
                change = self.table.update().where(self.table.c.id == bindparam("row"))
                self._connection.execute(change.values({name: bindparam("link")}), links)
        return self._connection.scalar(select(func.count()).select_from(self.table)) or 0

    def _flush(self) -> None:
        if not self._waiting:
            return
        try:
            self._connection.execute(self.table.insert(), self._waiting)
        except (DataError, IntegrityError) as error:
            # What the driver says quotes values.
            raise BackupRefused(
                f"A row of {self.table.name} does not fit this store ({type(error.orig).__name__})."
            ) from None
        self._waiting = []


def _continue_numbers(connection: Connection, table: Table, given: int) -> None:
    """Let new rows have numbers that no row ever had."""
    if "id" not in table.columns:
        return
    highest = max(connection.scalar(select(func.max(table.c.id))) or 0, given)
    if connection.dialect.name == "sqlite":
        if "AUTOINCREMENT" in (connection.scalar(_MADE_BY, {"name": table.name}) or ""):
            known = {"seq": highest, "name": table.name}
            if not connection.execute(_SET_NUMBER, known).rowcount:
                connection.execute(_FIRST_NUMBER, known)
    elif highest:
        sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :seq)")
        connection.execute(sequence, {"seq": highest, "name": table.name})


def _examine(connection: Connection, header: Header, rows: dict[str, int]) -> Restored:
    session = Session(bind=connection)
    return Restored(
        header=header,
        rows=rows,
        head=events.head(session),
        broken=events.first_break(session),
        accounts=accounting.balance(session),
    )
