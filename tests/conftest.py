"""Shared fixtures: a configuration and a store of its own for each test, on SQLite and PostgreSQL.

`--stack=outgrown` runs the same tests on PostgreSQL (and Redis, where a test runs the whole tree) instead of
SQLite and the bundled broker. What is about the embedded size alone is marked `embedded`, and left out there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.running import debian_redis, postgresql
from triage import schema
from triage.config import Config, load_config
from triage.db import Store

TEMPLATE = "penjaga_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=("embedded", "outgrown"),
        default="embedded",
        help="embedded: SQLite and the bundled broker; outgrown: PostgreSQL and Redis",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the outgrown stack leave out what is about the embedded one."""
    if config.getoption("--stack") == "embedded":
        return
    left_out = [item for item in items if _is_about_embedded(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_about_embedded(item: pytest.Item) -> bool:
    given = getattr(item, "callspec", None)
    chosen = given.params if given else {}
    sqlite = chosen.get("any_store") == "store" or chosen.get("installation") == "embedded"
    by_fixture = "embedded" in getattr(item, "fixturenames", ())
    return sqlite or by_fixture or item.get_closest_marker("embedded") is not None


@pytest.fixture
def outgrown(request: pytest.FixtureRequest) -> bool:
    """Whether this run is on PostgreSQL and Redis."""
    return bool(request.config.getoption("--stack") == "outgrown")


@pytest.fixture
def on_stack(
    outgrown: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """Settings that put an installation on the stack of this run, whose database is there and migrated.

    They stand in the environment, too: for commands that a test runs on its installation.
    """
    if not outgrown:
        yield {}
        return
    server = str(request.getfixturevalue("postgres_url"))
    with _database(server, request.node.nodeid, "own") as url:
        _create(server, url, request.getfixturevalue("postgres_template"))
        monkeypatch.setenv("PENJAGA_DATABASE_URL", url)
        yield {"PENJAGA_DATABASE_URL": url}


@pytest.fixture
def config(tmp_path: Path, on_stack: dict[str, str]) -> Config:
    """An installation in an empty folder."""
    return load_config({"PENJAGA_DATA": str(tmp_path / "data"), **on_stack})


@pytest.fixture(scope="module")
def tree_on_stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Settings that put a whole process tree on the stack of this run: store and broker."""
    if request.config.getoption("--stack") == "embedded":
        yield {}
        return
    if shutil.which("redis-server") is None:
        pytest.skip("needs Debian's redis-server")
    server = str(request.getfixturevalue("postgres_url"))
    with (
        _database(server, request.node.nodeid, "tree") as url,
        debian_redis(tmp_path_factory.mktemp("redis")) as broker,
    ):
        _create(server, url, request.getfixturevalue("postgres_template"))
        yield {"PENJAGA_DATABASE_URL": url, "PENJAGA_REDIS_URL": broker}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process; each test makes its own database in it."""
    with postgresql() as url:
        with _administering(url) as engine, engine.connect() as connection:
            # What a test leaves behind is thrown away; nothing of it needs to survive a power cut.
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """Name of a database that the real migrations made; tests work on copies of it."""
    with _administering(postgres_url) as engine, engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    store = Store(_named(postgres_url, TEMPLATE))
    schema.upgrade(store)
    store.close()
    return TEMPLATE


@contextmanager
def _administering(url: str) -> Iterator[Engine]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _database(server: str, test: str, kind: str) -> Iterator[str]:
    """Give the address of a database that is not there yet; it is dropped in the end."""
    name = f"t_{kind}_{hashlib.sha256(test.encode()).hexdigest()[:16]}_{os.getpid()}"
    yield _named(server, name)
    with _administering(server) as engine, engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def _create(server: str, url: str, template: str = "template1") -> None:
    with _administering(server) as engine, engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {make_url(url).database} TEMPLATE {template}"))


@pytest.fixture
def empty_postgres(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of an empty PostgreSQL database, dropped after the test."""
    with _database(postgres_url, request.node.nodeid, "empty") as url:
        _create(postgres_url, url)
        yield url


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
def store(config: Config, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A migrated, empty store: where the configuration says, on the stack of this run."""
    if config.database_url.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("migrated"), config.data / "penjaga.db")
    store = Store(config.database_url)
    yield store
    store.close()


@pytest.fixture
def postgres_store(
    postgres_url: str, postgres_template: str, request: pytest.FixtureRequest
) -> Iterator[Store]:
    """A migrated, empty PostgreSQL store."""
    with _database(postgres_url, request.node.nodeid, "store") as url:
        _create(postgres_url, url, postgres_template)
        store = Store(url)
        yield store
        store.close()


@pytest.fixture(params=["store", "postgres_store"], ids=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest) -> Store:
    """A migrated, empty store, once on SQLite and once on PostgreSQL."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Store)
    return found
