"""Bring the store to the present schema with the real migrations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from triage.db import Store


def upgrade(store: Store, revision: str = "head") -> None:
    """Upgrade the schema; does nothing when it is there already. Safe when two processes start together.

    Raises `StoreUnavailable` if the store cannot be reached or written.
    """
    _run(store, command.upgrade, revision)


def downgrade(store: Store, revision: str) -> None:
    """Take the schema back to an earlier revision (`base`: empty)."""
    _run(store, command.downgrade, revision)


def is_current(store: Store) -> bool:
    """Tell whether the store has every migration of this release."""
    with store.read() as session:
        found = MigrationContext.configure(session.connection()).get_current_revision()
    return found == ScriptDirectory.from_config(_config()).get_current_head()


def _run(store: Store, step: Callable[[AlembicConfig, str], None], revision: str) -> None:
    config = _config()
    with store.write() as session:
        config.attributes["connection"] = session.connection()
        step(config, revision)


def _config() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
