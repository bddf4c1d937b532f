"""The migrations build, remove and rebuild the schema of `triage.tables`, on both stores."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, Table, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from tests.first_release import ROWS
from triage import guards, schema
from triage.db import Store
from triage.errors import SchemaRefused
from triage.tables import Base, SuggestedMatch

GUARDS = {
    "sqlite": {
        "event_no_update",
        "event_no_delete",
        "event_no_replace",
        "submission_content",
        "submission_no_replace",
        "submission_no_renumber",
    },
    "postgresql": {"event_final", "submission_content"},
}
# What a later release put another in place of.
EARLIER_GUARDS = {"submission_as_sent"}


def _first_release(connection: Connection) -> dict[str, Table]:
    found = MetaData()
    found.reflect(connection, only=list(ROWS))
    return {table.name: table for table in found.sorted_tables}


def _fill(store: Store) -> None:
    """Put a row into each table of the first release, without the tables of today."""
    schema.downgrade(store, "0001")
    with store.write() as session:
        tables = _first_release(session.connection())
        for name, rows in ROWS.items():
            session.execute(tables[name].insert(), list(rows))


def _content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Read the columns that the first release had, of every row."""
    with store.read() as session:
        tables = _first_release(session.connection())
        return {
            name: [
                {column: value for column, value in row.items() if column in rows[0]}
                for row in session.execute(select(tables[name])).mappings()
            ]
            for name, rows in ROWS.items()
        }


def _guards(store: Store) -> frozenset[str]:
    with store.read() as session:
        return guards.present(session.connection())


def _rebuild(store: Store, table: str) -> None:
    """Do what a migration does that changes a column on SQLite: build the table anew."""
    with schema.changing(store) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table(table, recreate="always"):
            pass


def test_the_migrated_schema_is_the_one_of_the_tables(any_store: Store) -> None:
    with any_store.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert [change for change in differences if change[0] != "remove_table"] == []
    assert schema.is_current(any_store)


def test_down_and_up_again(any_store: Store) -> None:
    schema.downgrade(any_store, "base")
    assert set(inspect(any_store.engine).get_table_names()) <= {"alembic_version"}
    assert not schema.is_current(any_store)
    schema.upgrade(any_store)
    assert schema.is_current(any_store)


def test_upgrading_twice_changes_nothing(any_store: Store) -> None:
    schema.upgrade(any_store)
    assert schema.is_current(any_store)


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_table_is_there(store: Store, table: str) -> None:
    assert inspect(store.engine).has_table(table)


def test_rows_of_the_first_release_survive_every_migration_up_and_down(any_store: Store) -> None:
    _fill(any_store)
    before = _content(any_store)
    assert {name: len(rows) for name, rows in before.items()} == {
        name: len(rows) for name, rows in ROWS.items()
    }
    for _ in range(2):
        schema.upgrade(any_store)
        assert schema.is_current(any_store)
        assert _content(any_store) == before
        schema.downgrade(any_store, "0001")
        assert _content(any_store) == before


@pytest.mark.parametrize(
    ("band", "probability", "likely"), [("review", 0.6, True), ("review", 0.2, False), ("new", 0.6, False)]
)
def test_suggestions_of_earlier_releases_are_likely_as_they_were_shown(
    any_store: Store, band: str, probability: float, likely: bool
) -> None:
    _fill(any_store)
    with any_store.write() as session:
        session.execute(text("UPDATE claim_group SET band = :band"), {"band": band})
        session.execute(text("UPDATE suggested_match SET probability = :p"), {"p": probability})
    schema.upgrade(any_store)
    with any_store.read() as session:
        assert [match.likely for match in session.query(SuggestedMatch)] == [likely]


def test_there_is_a_row_for_each_table_of_the_first_release(store: Store) -> None:
    schema.downgrade(store, "0001")
    assert set(inspect(store.engine).get_table_names()) - {"alembic_version"} == set(ROWS)


def test_the_guards_are_there_at_every_revision(any_store: Store) -> None:
    wanted = GUARDS[any_store.engine.dialect.name]
    assert _guards(any_store) == wanted
    schema.downgrade(any_store, "0001")
    assert _guards(any_store) == wanted | EARLIER_GUARDS
    schema.downgrade(any_store, "base")
    assert _guards(any_store) == set()
    schema.upgrade(any_store)
    assert _guards(any_store) == wanted


def test_a_lost_guard_is_put_back_by_the_next_start(any_store: Store) -> None:
    wanted = _guards(any_store)
    with any_store.write() as session:
        for name in wanted:
            table = "" if any_store.is_sqlite else f" ON {name.split('_')[0]}"
            session.execute(text(f"DROP TRIGGER {name}{table}"))
    schema.upgrade(any_store)
    assert _guards(any_store) == wanted
    _fill(any_store)
    for statement in ("DELETE FROM event", "UPDATE submission SET text = ''"):
        with any_store.write() as session, pytest.raises(DBAPIError, match=r"never changed|as they were"):
            session.execute(text(statement))


@pytest.mark.embedded
@pytest.mark.parametrize(
    "table", ["account", "claim_text", "claim_group", "event", "fact_check", "submission"]
)
def test_building_a_table_anew_loses_no_row_and_no_guard(store: Store, table: str) -> None:
    _fill(store)
    before = _content(store)
    _rebuild(store, table)
    assert _content(store) == before
    assert _guards(store) - EARLIER_GUARDS == GUARDS["sqlite"]
    with pytest.raises(DBAPIError), store.write() as session:
        session.execute(text("INSERT INTO claim_text VALUES (99, 99, 0, 'tanpa induk')"))


@pytest.mark.embedded
def test_a_migration_that_would_leave_a_row_pointing_nowhere_changes_nothing(store: Store) -> None:
    _fill(store)
    with store.migrate() as session:
        session.execute(text("DELETE FROM claim_text"))
    with pytest.raises(SchemaRefused, match="of claim_vector would point to a row of claim_text"):
        schema.upgrade(store)
    assert not schema.is_current(store)
