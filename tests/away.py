"""Taking the store away from a running application, on either stack."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from triage.db import Store


def take_away(store: Store, table: str) -> None:
    """Make the store refuse: SQLite by a table that is gone, PostgreSQL by closing the whole database."""
    if store.is_sqlite:
        with store.write() as session:
            session.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
        return
    name = store.engine.url.database
    admin = create_engine(store.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        those = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        connection.execute(text(those))
    admin.dispose()
    store.engine.dispose()
