"""Taking the store away from a running application, on either stack."""

from __future__ import annotations

from sqlalchemy import text

from triage.db import Store


def take_away(store: Store, table: str) -> None:
    """Make the store refuse: SQLite by a table that is gone, PostgreSQL by closing the whole database."""
    if store.is_sqlite:
        with store.write() as session:
            session.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    store.engine.dispose()
