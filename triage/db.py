"""Engine and sessions: one way to read, one way to write, on SQLite and on PostgreSQL.

Writers take turns on both stores: SQLite by `BEGIN IMMEDIATE`, PostgreSQL by one advisory lock. The event
log is a chain, so writers would queue at its head anyway; taking the turn first means that a check and the
write that depends on it cannot be separated by somebody else's write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from triage.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 15_000
_WRITER_LOCK = 350_821_045
_log = structlog.get_logger(__name__)


class Store:
    """The database of one installation. Cheap to pass around; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one consistent state; what it changes is discarded at the end.

        Loaded objects stay readable afterwards (so no rollback here: it would empty them).
        """
        with self._session("DEFERRED") as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open the single write transaction; commits at the end, rolls back on any error.

        Raises `StoreUnavailable` where the store itself fails (full, locked for too long, unreachable).
        """
        with self._session("IMMEDIATE") as session:
            if not self.is_sqlite:
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
            yield session
            session.commit()

    @contextmanager
    def _session(self, mode: str) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(penjaga_begin=mode) as connection,
                Session(bind=connection, expire_on_commit=False) as session,
            ):
                yield session
        except OperationalError as error:
            _log.error("store_unavailable", reason=str(error.orig))
            raise StoreUnavailable("The store did not take the request; nothing was changed.") from error
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            _log.error("store_connection_lost", reason=str(error.orig))
            raise StoreUnavailable("The connection to the store was lost; nothing was changed.") from error

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, connect_args={"connect_timeout": 5})
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN is always deferred; ours is chosen per transaction in `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a receipt must survive a power cut, so each commit reaches the disk before the answer.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("penjaga_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
