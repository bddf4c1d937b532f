"""Real brokers, real Celery workers, and installations on both sizes of the design."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.encoders import load_encoder
from tests.installation import wait_for
from tests.running import Environ, Running, debian_redis, running
from triage import broker, probes, schema
from triage.config import Config, load_config
from triage.db import Store
from triage.supervisor import bundled_broker


@pytest.fixture(scope="session")
def encoders() -> Path:
    """Folder with the bundled encoder, built before the first test that needs it."""
    folder = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    load_encoder("bundled", folder)
    return folder


@pytest.fixture
def environ(tmp_path: Path, encoders: Path) -> Environ:
    """Environment of an embedded installation in a folder of its own."""
    return os.environ | {"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": str(encoders)}


@pytest.fixture
def settings(environ: Environ) -> Config:
    """The configuration that programs started with `environ` load."""
    return load_config(environ)


@contextmanager
def bundled(config: Config, environ: Environ) -> Iterator[Running]:
    """The bundled broker of an installation."""
    with running(bundled_broker.command(config), config.data / "broker.log", environ) as process:
        wait_for("the broker to answer", lambda: probes.broker_answers(config))
        yield process


@contextmanager
def worker(
    config: Config, environ: Environ, app: str = "workers.app", name: str = "test@localhost"
) -> Iterator[Running]:
    """A real Celery worker, once it answers; its log is in the data folder."""
    log = config.data / "worker.log"
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    command = [sys.executable, "-m", "celery", "-q", "-A", app, "worker", "-n", name, *quiet]
    places = os.pathsep.join([str(Path(__file__).parent), environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    with running(command, log, environ | {"PYTHONPATH": places}) as process:
        client = broker.client(config)

        def ready() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            return bool(probes.workers_that_answer(client, [name]))

        wait_for("the worker to answer", ready, 120)
        yield process
        client.close()


@pytest.fixture(params=["embedded", "outgrown"])
def installation(
    request: pytest.FixtureRequest, environ: Environ, tmp_path: Path
) -> Iterator[tuple[Config, Environ, Store]]:
    """A migrated store and a running broker: SQLite with the bundled one, PostgreSQL with Redis."""
    if request.param == "embedded":
        config = load_config(environ)
        store = _migrated(config)
        with bundled(config, environ):
            yield config, environ, store
    else:
        if shutil.which("redis-server") is None:
            pytest.skip("needs Debian's redis-server")
        with debian_redis(tmp_path) as url:
            environ |= {
                "PENJAGA_REDIS_URL": url,
                "PENJAGA_DATABASE_URL": request.getfixturevalue("empty_postgres"),
            }
            config = load_config(environ)
            store = _migrated(config)
            yield config, environ, store
            store.close()
    store.close()


@pytest.fixture
def embedded(settings: Config) -> Iterator[Store]:
    """A migrated SQLite store; the broker is the test's own affair."""
    store = _migrated(settings)
    yield store
    store.close()


@pytest.fixture
def penjaga(environ: Environ) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a `penjaga` command on the installation of the test."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "triage.cli", *arguments]
        return subprocess.run(
            command, env=environ | settings, capture_output=True, text=True, check=False, timeout=120
        )

    return run


def _migrated(config: Config) -> Store:
    store = Store(config.database_url)
    schema.upgrade(store)
    return store
