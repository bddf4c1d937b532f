"""The migrations build, remove and rebuild the schema of `triage.tables`, on both stores."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from triage import schema
from triage.db import Store
from triage.tables import Base


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
