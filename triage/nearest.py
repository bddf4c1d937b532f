"""Vectors searched in PostgreSQL by pgvector's HNSW, for archives larger than a worker should hold.

`claim_near` holds each vector a second time, as pgvector reads it; it can be made anew from `claim_vector` at
any time. The index is one of this encoder alone, since its vectors have a length of their own.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import psycopg
import structlog
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from triage.db import Store

# halfvec, half the room of vector, came with it.
LEAST_VERSION = (0, 7)
# Vectors copied between two commits, so that intake never waits long.
COPY_CHUNK = 2_000
# How widely HNSW looks around, at least: recall against exact search is measured by `tests.load.vectors`.
LOOK_AT = 200
_BUILDING = 350_821_046
_FLOAT16 = np.dtype("<f2")
TABLE = "claim_near"
_TABLE = """CREATE TABLE IF NOT EXISTS claim_near (
    vector_id BIGINT CONSTRAINT pk_claim_near PRIMARY KEY
        CONSTRAINT fk_claim_near_vector_id_claim_vector REFERENCES claim_vector (id) ON DELETE CASCADE,
    encoder VARCHAR(80) NOT NULL,
    near halfvec NOT NULL
)"""
_log = structlog.get_logger(__name__)


def refusal(store: Store) -> str:
    """Say why this store cannot search vectors, and what to do; '' if it can."""
    if store.is_sqlite:
        return "PENJAGA_VECTORS=pgvector needs PostgreSQL"
    with store.read() as session:
        offered = session.scalar(
            text("SELECT default_version FROM pg_available_extensions WHERE name = 'vector'")
        )
        made = session.scalar(text("SELECT extversion FROM pg_extension WHERE extname = 'vector'"))
    if offered is None and made is None:
        return "the database server has no pgvector: install it there (Debian: postgresql-NN-pgvector)"
    found = str(made or offered)
    if tuple(int(part) for part in found.split(".")[:2]) < LEAST_VERSION:
        wanted = ".".join(map(str, LEAST_VERSION))
        return f"pgvector {found} of the database server is too old: {wanted} or newer is needed"
    return ""


class NearestInStore:
    """The vectors of one encoder in PostgreSQL; a `models.elsewhere.VectorSearch`."""

    def __init__(self, store: Store, encoder: str, dimension: int) -> None:
        self._store = store
        self._encoder = encoder
        self._dimension = dimension
        self._taken = 0
        self._building: threading.Thread | None = None
        self._index = f"ix_claim_near_{hashlib.sha256(encoder.encode()).hexdigest()[:12]}"

    @classmethod
    def opened(cls, store: Store, encoder: str, dimension: int) -> NearestInStore | None:
        """Make what is missing in the store; None, with a warning, where it cannot search vectors."""
        reason = refusal(store)
        if not reason:
            try:
                with store.write() as session:
                    session.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
                    session.execute(text(_TABLE))
            except DBAPIError as error:
                first = str(error.orig).partition("\n")[0]
                reason = f"its administrator must say `CREATE EXTENSION vector` in this database ({first})"
        if reason:
            _log.warning("vectors_searched_in_memory", reason=reason)
            return None
        return cls(store, encoder, dimension)

    def take_in(self) -> None:
        """Copy what was encoded since the last time, and have the index made if it is missing.

        That takes a minute for a large archive; meanwhile all vectors are compared.
        """
        while self._copy_some():
            pass
        if self._building is None:
            self._building = threading.Thread(target=self._try_to_build, name="building-index", daemon=True)
            self._building.start()

    def nearest(self, query: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        """Return the numbers of about the `count` nearest vectors to a query, shape (dimension,)."""
        asked = "[" + ",".join(f"{value:.6g}" for value in query.tolist()) + "]"
        with self._store.read() as session:
            session.execute(text(f"SET LOCAL hnsw.ef_search = {max(LOOK_AT, count)}"))
            found = session.scalars(text(self._statement()), {"asked": asked, "count": count}).all()
        return np.array(found, np.int64)

    def fetch(self, keys: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the vectors with these numbers, shape (keys, dimension); zeros for one that is gone."""
        vectors = np.zeros((keys.size, self._dimension), np.float32)
        wanted, places = np.unique(keys, return_inverse=True)
        whole = np.zeros((wanted.size, self._dimension), np.float32)
        with self._store.read() as session, _cursor(session) as cursor:
            cursor.execute("SELECT id, vector FROM claim_vector WHERE id = ANY(%s)", (wanted.tolist(),))
            for number, stored in cursor:
                if len(stored) == self._dimension * _FLOAT16.itemsize:
                    whole[np.searchsorted(wanted, number)] = np.frombuffer(stored, _FLOAT16)
        vectors[:] = whole[places]
        return vectors

    def _statement(self) -> str:
        # The encoder's name stands in the statement itself: a parameter could not be seen to fit the index.
        kind = f"halfvec({self._dimension})"
        nearness = f"(near::{kind}) <#> CAST(:asked AS {kind})"
        of_ours = f"encoder = {self._quoted()}"
        return f"SELECT vector_id FROM claim_near WHERE {of_ours} ORDER BY {nearness} LIMIT :count"  # noqa: S608

    def _quoted(self) -> str:
        return "'" + self._encoder.replace("'", "''").replace(":", "\\:") + "'"

    def _copy_some(self) -> bool:
        missing = text(
            "SELECT v.id, v.vector FROM claim_vector v LEFT JOIN claim_near n ON n.vector_id = v.id "
            "WHERE v.encoder = :encoder AND v.id > :taken AND n.vector_id IS NULL ORDER BY v.id LIMIT :limit"
        )
        given = {"encoder": self._encoder, "taken": self._taken, "limit": COPY_CHUNK}
        with self._store.read() as session:
            newest = session.scalar(text("SELECT max(id) FROM claim_vector")) or 0
            if newest <= self._taken or session.execute(missing, given).first() is None:
                self._taken = max(self._taken, newest)
                return False
        with self._store.write() as session:
            rows = session.execute(missing, given).all()
            self._put(session, [(row.id, row.vector) for row in rows])
        self._taken = rows[-1].id if rows else newest
        return bool(rows)

    def _put(self, session: Session, rows: Sequence[tuple[int, bytes]]) -> None:
        statement = "COPY claim_near (vector_id, encoder, near) FROM STDIN (FORMAT BINARY)"
        with _cursor(session) as cursor, cursor.copy(statement) as copy:
            # As pgvector sends and reads it: the length, two bytes of nothing, the numbers in network order.
            copy.set_types(["int8", "varchar", "bytea"])
            for number, stored in rows:
                vector = np.frombuffer(stored, _FLOAT16) if len(stored) % _FLOAT16.itemsize == 0 else None
                if vector is None or vector.size != self._dimension or not np.isfinite(vector).all():
                    continue
                head = struct.pack(">HH", self._dimension, 0)
                copy.write_row((number, self._encoder, head + vector.astype(">f2").tobytes()))

    def _try_to_build(self) -> None:
        try:
            self.build()
        except DBAPIError as error:
            # The next worker that starts tries again.
            _log.warning("vector_index_not_made", reason=str(error.orig).partition("\n")[0])

    def build(self) -> bool:
        """Make the index if it is missing, without keeping anybody from writing; False: another does it."""
        engine = self._store.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock({_BUILDING})")):
                return False
            try:
                valid = connection.scalar(
                    text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
                    {"name": self._index},
                )
                if valid is False:
                    connection.execute(text(f"DROP INDEX CONCURRENTLY {self._index}"))
                if not valid:
                    connection.execute(
                        text(
                            f"CREATE INDEX CONCURRENTLY {self._index} ON claim_near USING hnsw "
                            f"((near::halfvec({self._dimension})) halfvec_ip_ops) "
                            f"WHERE encoder = {self._quoted()}"
                        )
                    )
            finally:
                connection.execute(text(f"SELECT pg_advisory_unlock({_BUILDING})"))
        return True


@contextmanager
def _cursor(session: Session) -> Iterator[psycopg.Cursor[tuple[int, bytes]]]:
    """Give a cursor of the driver in the transaction of the session, which reads bytes as they are."""
    driver = session.connection().connection.driver_connection
    with driver.cursor(binary=True) as cursor:  # type: ignore[union-attr]
        yield cursor
