"""A day's rows in the tables of tallies: as they are stored, and what must be written to make them right."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, cast

from sqlalchemy import Column, Table, and_, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from triage.tables import TallyArea, TallyDay, TallyDelay, TallyHour
from triage.trends.calendar import span_of

# Of one table the rows of a day: what they are about, in the order of its key, and their numbers.
Slice = Mapping[tuple[Any, ...], tuple[int, ...]]
Tally = type[TallyHour | TallyDay | TallyArea | TallyDelay]
Slices = Mapping[Tally, Slice]
TABLES: tuple[Tally, ...] = (TallyHour, TallyDay, TallyArea, TallyDelay)


def stored(session: Session, region: str, day: date) -> Slices:
    """Return what the tables say of a day."""
    return {table: _stored(session, table, region, day) for table in TABLES}


def change(session: Session, before: Slices, after: Slices) -> None:
    """Write what differs, inside the caller's transaction: within a day little does from minute to minute."""
    for table in TABLES:
        old, new = before[table], after[table]
        _remove(session, table, [key for key, numbers in old.items() if new.get(key) != numbers])
        _add(session, table, {key: numbers for key, numbers in new.items() if old.get(key) != numbers})


def _stored(session: Session, table: Tally, region: str, day: date) -> Slice:
    keys, numbers = _columns(table)
    span = span_of(region, day)
    of_day = (
        and_(TallyHour.begins >= span.start, TallyHour.begins < span.end)
        if table is TallyHour
        else keys[0] == day
    )
    rows = session.execute(select(*keys, *numbers).where(of_day))
    return {tuple(row[: len(keys)]): tuple(row[len(keys) :]) for row in rows}


def _remove(session: Session, table: Tally, gone: Collection[tuple[Any, ...]]) -> None:
    keys, _ = _columns(table)
    if gone:
        same = [key == bindparam(f"old_{key.name}") for key in keys]
        old = [{f"old_{key.name}": value for key, value in zip(keys, row, strict=True)} for row in gone]
        session.connection().execute(delete(_table(table)).where(*same), old)


def _add(session: Session, table: Tally, rows: Slice) -> None:
    names = [column.name for columns in _columns(table) for column in columns]
    if rows:
        new = [dict(zip(names, (*key, *numbers), strict=True)) for key, numbers in rows.items()]
        session.connection().execute(insert(_table(table)), new)


def _columns(table: Tally) -> tuple[list[Column[Any]], list[Column[Any]]]:
    columns = list(_table(table).columns)
    keys = [column for column in columns if column.primary_key]
    return keys, [column for column in columns if not column.primary_key]


def _table(table: Tally) -> Table:
    return cast("Table", table.__table__)
