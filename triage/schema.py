"""Bring the store to the present schema with the real migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from triage import guards
from triage.db import Store
from triage.errors import SchemaRefused


def upgrade(store: Store, revision: str = "head") -> None:
    """Upgrade the schema; does nothing when it is there already. Safe when two processes start together.

    Raises `StoreUnavailable` if the store cannot be reached or written, `SchemaRefused` (nothing changed) if
    rows would point to nothing afterwards.
    """
    _run(store, command.upgrade, revision)


def downgrade(store: Store, revision: str) -> None:
    """Take the schema back to an earlier revision (`base`: empty). Raises as `upgrade`."""
    _run(store, command.downgrade, revision)


def is_current(store: Store) -> bool:
    """Tell whether the store has every migration of this release."""
    with store.read() as session:
        found = _revision(session.connection())
    return found == ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def changing(store: Store) -> Iterator[Connection]:
    """Change the schema in one transaction that keeps every row: guards are put back, references checked."""
    with store.migrate() as session:
        connection = session.connection()
        before = _revision(connection)
        yield connection
        if inspect(connection).has_table("event"):
            guards.restore(connection)
        # Reads every table, so not at each start of an installation that is up to date.
        if store.is_sqlite and _revision(connection) != before:
            _check_references(connection)


def _run(store: Store, step: Callable[[AlembicConfig, str], None], revision: str) -> None:
    config = _config()
    with changing(store) as connection:
        config.attributes["connection"] = connection
        step(config, revision)


def _check_references(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        table, row, parent, _ = found
        raise SchemaRefused(
            f"After the change, row {row} of {table} would point to a row of {parent} that does not exist; "
            "nothing was changed. Keep a copy of the store and report it."
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
