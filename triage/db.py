"""Engine and sessions: one way to read, one way to write, on SQLite and on PostgreSQL.

Writers take turns on both stores: SQLite by `BEGIN IMMEDIATE`, PostgreSQL by one advisory lock. The event
log is a chain, so writers would queue at its head anyway; taking the turn first means that a check and the
write that depends on it cannot be separated by somebody else's write.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from triage.errors import PenjagaError, StoreDamaged, StoreUnavailable

if TYPE_CHECKING:  # loaded by SQLAlchemy where PostgreSQL is used
    import psycopg

BUSY_TIMEOUT_MS = 15_000
# How soon a writer looks again whether SQLite's turn is its own: SQLite itself looks after up to 100 ms, and
# whoever writes much would take each turn meanwhile.
LOOK_AGAIN_S = 0.001
# So long a store that gives way leaves the turn to others, who then find it free.
GIVE_WAY_S = 3 * LOOK_AGAIN_S
# Pieces of work that share one transaction at most: who comes last waits for all of them.
MOST_TOGETHER = 32
_WRITER_LOCK = 350_821_045
# An error code of SQLite's without what it adds in detail.
_PRIMARY = 0xFF
_READ, _WRITE, _MIGRATE = "read", "write", "migrate"
# Whether only to read, whether to enforce foreign keys, how to begin. SQLite takes each only between
# transactions, so they are said anew before every one; a connection that nobody chose a mode for reads.
_SQLITE_MODES = {
    _READ: ("ON", "ON", "BEGIN DEFERRED"),
    _WRITE: ("OFF", "ON", "BEGIN IMMEDIATE"),
    _MIGRATE: ("OFF", "OFF", "BEGIN IMMEDIATE"),
}
_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


class _Piece(Generic[_Result]):
    """A piece of work that waits to be done, and what came of it: a result, a refusal, or nothing yet."""

    def __init__(self, work: Callable[[Session], _Result]) -> None:
        self.work = work
        self.results: list[_Result] = []
        self.refusal: StoreUnavailable | None = None
        self.begun = False


class Store:
    """The database of one installation. Cheap to pass around; safe to share between threads.

    `busy_timeout_ms` is how long a writer waits for its turn. With `gives_way` its threads write one after
    the other, and leave SQLite a moment to others in between; PostgreSQL keeps a line in which all wait.
    """

    def __init__(self, url: str, busy_timeout_ms: int = BUSY_TIMEOUT_MS, *, gives_way: bool = False) -> None:
        self.engine = _engine(url, busy_timeout_ms)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._waiting: deque[_Piece[Any]] = deque()
        self._doing = threading.Lock()
        self._gives_way = gives_way and self.is_sqlite
        self._own_turn = threading.Lock()
        self._wrote_at = 0.0

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one consistent state and cannot change it.

        Loaded objects stay readable afterwards (so no rollback here: it would empty them).
        """
        with self._session(_READ) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open the single write transaction; commits at the end, rolls back on any error.

        Raises `StoreUnavailable` where the store itself fails (full, locked for too long, unreachable).
        """
        with self._giving_way() if self._gives_way else nullcontext(), self._session(_WRITE) as session:
            self._take_turn(session)
            yield session
            session.commit()

    @contextmanager
    def _giving_way(self) -> Iterator[None]:
        with self._own_turn:
            time.sleep(max(0.0, self._wrote_at + GIVE_WAY_S - time.monotonic()))
            try:
                yield
            finally:
                self._wrote_at = time.monotonic()

    def write_together(self, work: Callable[[Session], _Result]) -> _Result:
        """Do a short piece of work in a write transaction that it may share with others who come meanwhile.

        One commit then serves them all. Returns what the work returns once that is committed. If any of them
        fails, none is done, and each is done again by itself: so `work` must change nothing but the session.
        Raises what `work` raises, and `StoreUnavailable`.
        """
        mine = _Piece(work)
        self._waiting.append(mine)
        with self._doing:
            if not mine.begun:
                self._do_waiting()
        if mine.refusal is not None:
            raise mine.refusal
        if mine.results:
            return mine.results[0]
        with self.write() as session:
            return work(session)

    def _do_waiting(self) -> None:
        pieces = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
        for piece in pieces:
            piece.begun = True
        try:
            with self.write() as session:
                done = [piece.work(session) for piece in pieces]
        except StoreUnavailable as error:
            for piece in pieces:
                piece.refusal = error
        except (PenjagaError, DBAPIError) as error:
            # Whose it is comes out when each is done by itself.
            _log.info("written_apart", pieces=len(pieces), reason=type(error).__name__)
        else:
            for piece, result in zip(pieces, done, strict=True):
                piece.results.append(result)

    @contextmanager
    def migrate(self) -> Iterator[Session]:
        """Open the write transaction for a change of schema: as `write`, without foreign keys on SQLite.

        SQLite changes a table by building it anew and dropping the old one; with foreign keys on, that
        deletes what points there. The caller checks them before the end.
        """
        with self._session(_MIGRATE) as session:
            self._take_turn(session)
            yield session
            session.commit()

    def _take_turn(self, session: Session) -> None:
        if not self.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})

    @contextmanager
    def _session(self, mode: str) -> Iterator[Session]:
        try:
            with (
                self.engine.connect().execution_options(**self._options(mode)) as connection,
                Session(bind=connection, expire_on_commit=False) as session,
            ):
                yield session
        except OperationalError as error:
            _log.error("store_unavailable", reason=str(error.orig))
            raise StoreUnavailable("The store did not take the request; nothing was changed.") from error
        except DBAPIError as error:
            # SQLite has no class of its own for a file that is none of its, or that was overwritten.
            if type(error.orig) is sqlite3.DatabaseError:
                _log.error("store_damaged", reason=str(error.orig))
                raise StoreDamaged(
                    "The store is damaged; nothing was changed. Stop Penjaga and put back a copy of it."
                ) from error
            if not error.connection_invalidated:
                raise
            _log.error("store_connection_lost", reason=str(error.orig))
            raise StoreUnavailable("The connection to the store was lost; nothing was changed.") from error

    def _options(self, mode: str) -> dict[str, Any]:
        if self.is_sqlite:
            return {"penjaga_mode": mode}
        if mode == _READ:
            return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        # A writer must see what was committed while it waited for its turn, so no earlier snapshot here.
        return {"isolation_level": "READ COMMITTED"}

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str, busy_timeout_ms: int) -> Engine:
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True, pool_size=10, connect_args={"connect_timeout": 5})
        event.listen(engine, "connect", partial(_prepare_postgresql, busy_timeout_ms))
        return engine
    engine = create_engine(url, connect_args={"timeout": busy_timeout_ms / 1000, "check_same_thread": False})
    event.listen(engine, "connect", partial(_prepare_sqlite, busy_timeout_ms))
    event.listen(engine, "begin", partial(_begin_sqlite, busy_timeout_ms))
    return engine


def _prepare_postgresql(busy_timeout_ms: int, connection: psycopg.Connection[Any], _record: Any) -> None:
    # Outside a transaction: the rollback of one would take the settings back.
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {busy_timeout_ms}")
    # A writer that stands still is ended before those who wait behind it give up.
    connection.execute(f"SET idle_in_transaction_session_timeout = {busy_timeout_ms * 2 // 3}")
    connection.autocommit = False


def _prepare_sqlite(busy_timeout_ms: int, connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own BEGIN is always deferred; ours is chosen per transaction in `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: a receipt must survive a power cut, so each commit reaches the disk before the answer.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def _begin_sqlite(busy_timeout_ms: int, connection: Connection) -> None:
    mode = connection.get_execution_options().get("penjaga_mode", _READ)
    query_only, foreign_keys, begin = _SQLITE_MODES[mode]
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA query_only = {query_only}")
    cursor.execute(f"PRAGMA foreign_keys = {foreign_keys}")
    try:
        if mode == _READ:
            connection.exec_driver_sql(begin)
        else:
            cursor.execute("PRAGMA busy_timeout = 0")
            _take_sqlites_turn(connection, begin, time.monotonic() + busy_timeout_ms / 1000)
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
        cursor.close()


def _take_sqlites_turn(connection: Connection, begin: str, give_up: float) -> None:
    """Wait for SQLite's one turn to write. Raises OperationalError if it cannot be had."""
    while True:
        try:
            connection.exec_driver_sql(begin)
        except OperationalError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0)
            if code & _PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                raise
            time.sleep(LOOK_AGAIN_S * random.uniform(0.5, 1.5))  # noqa: S311 - not all at once, no secret
        else:
            return
