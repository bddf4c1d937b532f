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

# Where Alembic keeps the revision.
VERSIONS = "alembic_version"


def upgrade(store: Store, target: str = "head") -> None:
    """Upgrade the schema; does nothing when it is there already. Safe when two processes start together.

    Raises `StoreUnavailable` if the store cannot be reached or written, `SchemaRefused` (nothing changed) if
    rows would point to nothing afterwards.
    """
    _run(store, command.upgrade, target)


def downgrade(store: Store, target: str) -> None:
    """Take the schema back to an earlier revision (`base`: empty). Raises as `upgrade`."""
    _run(store, command.downgrade, target)


def is_current(store: Store) -> bool:
    """Tell whether the store has every migration of this release."""
    with store.read() as session:
        found = revision(session.connection())
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def revision(connection: Connection) -> str | None:
    """Return the revision that a store is at, None where it has no schema."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(name: str) -> bool:
    """Tell whether this release has a migration of this name."""
    return any(name == script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def move(connection: Connection, target: str) -> None:
    """Take the schema to a revision, `head` or `base`, within `changing`: back only to `base`."""
    config = _config()
    config.attributes["connection"] = connection
    if target == "base" and inspect(connection).has_table("event"):
        # One that was lost could not be dropped.
        guards.restore(connection)
    (command.downgrade if target == "base" else command.upgrade)(config, target)


@contextmanager
def changing(store: Store) -> Iterator[Connection]:
    """Change the schema in one transaction that keeps every row: guards are put back, references checked."""
    with store.migrate() as session:
        connection = session.connection()
        before = revision(connection)
        yield connection
        if inspect(connection).has_table("event"):
            guards.restore(connection)
        # Reads every table, so not at each start of an installation that is up to date.
        if revision(connection) != before:
            check_references(connection)


def _run(store: Store, step: Callable[[AlembicConfig, str], None], target: str) -> None:
    config = _config()
    with changing(store) as connection:
        config.attributes["connection"] = connection
        step(config, target)


def check_references(connection: Connection) -> None:
    """See that every row points to one that exists, which SQLite does not by itself in `changing`.

    Raises `SchemaRefused`.
    """
    if connection.dialect.name != "sqlite":
        return
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        table, row, parent, _ = found
        raise SchemaRefused(
            f"After the change, row {row} of {table} would point to a row of {parent} that does not exist; "
            "nothing was changed. Keep a copy of the store and report it."
        )


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
