"""The container files name only what exists, and carry no secret."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from redis import AuthenticationError, Redis, RedisError

from tests.installation import free_port, wait_for
from tests.running import Environ, running
from tests.workers.conftest import bundled
from triage.config import Config, load_config
from triage.db import Store

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OURS = ("prepare", "web", "worker", "beat")
ALL = (*OURS, "redis", "postgres")
SECRETS = {
    "penjaga_secret": "0123456789abcdef" * 4,
    "postgres_password": "b" * 64,
    "redis_password": "c" * 64,
    "metrics_token": "fedcba9876543210" * 4,
    "smtp_password": "",
}
GIVEN = {"PENJAGA_HOSTS": "penjaga.contoh.go.id"}
MOUNTED = "/run/secrets/"


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """The whole file, with the environment that its top asks for."""
    written = (ROOT / "docker-compose.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(_filled(written))
    return found


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = composed["services"]
    return found


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """The folder in which a container finds its secrets."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name, held in SECRETS.items():
        (folder / name).write_text(f"{held}\n", "ascii")
    return folder


def _filled(written: str) -> str:
    def value(match: re.Match[str]) -> str:
        return GIVEN.get(match["name"], match["default"] or "")

    return re.sub(r"(?<!\$)\$\{(?P<name>\w+)(?::\?[^}]*|:-(?P<default>[^}]*))\}", value, written)


def test_there_is_everything_that_the_grown_size_needs(services: dict[str, Any]) -> None:
    assert set(services) == {"prepare", "web", "worker", "beat", "redis", "postgres"}
    assert "pgvector" in services["postgres"]["image"]
    assert "--appendonly yes" in services["redis"]["command"][2]


@pytest.mark.parametrize("name", ALL)
def test_each_service_is_confined(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    # Those of ours run as the image's own user; `test_the_image_runs_as_a_user_of_its_own`.
    assert name in OURS or service["user"] == name
    assert "docker.sock" not in str(service)


@pytest.mark.parametrize("name", [name for name in ALL if name != "prepare"])
def test_each_service_that_stays_has_a_sign_of_life(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"]


def test_only_the_web_is_reached_and_only_from_this_machine(composed: dict[str, Any]) -> None:
    services = composed["services"]
    assert [name for name in services if "ports" in services[name]] == ["web"]
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    assert composed["networks"]["inside"] == {"internal": True}
    assert [name for name in ALL if "outside" in services[name]["networks"]] == ["web", "worker"]


@pytest.mark.parametrize("name", OURS)
def test_each_command_exists(services: dict[str, Any], name: str) -> None:
    command = services[name]["command"]
    assert (BIN / command[0]).is_file()
    # What the command is pointed at: `--app=module`, `--config=python:module`, `module:call()`.
    targets = [re.sub(r"^--(app=|config=python:)", "", part) for part in command[1:]]
    for target in targets:
        if re.match(r"(triage|workers)\.", target):
            assert (ROOT / (target.split(":")[0].replace(".", "/") + ".py")).is_file()
    assert any(re.match(r"(triage|workers)\.", target) for target in targets) or command == [
        "penjaga",
        "prepare",
    ]


def test_the_settings_are_ones_that_penjaga_reads(
    services: dict[str, Any], tmp_path: Path, mounted: Path
) -> None:
    settings = services["web"]["environment"]
    read = (ROOT / "triage" / "config.py").read_text("utf-8")
    assert [name for name in settings if f'"{name}"' not in read] == []
    there = {name: str(value).replace(MOUNTED, f"{mounted}/") for name, value in settings.items()}
    config = load_config(there | {"PENJAGA_DATA": str(tmp_path)})
    assert config.production
    assert (config.hosts, config.proxies) == ({"penjaga.contoh.go.id"}, 1)
    assert config.secret == SECRETS["penjaga_secret"]
    assert config.metrics_token == SECRETS["metrics_token"]
    assert config.mail is None
    assert not config.embedded_broker
    assert config.redis_url == f"redis://:{SECRETS['redis_password']}@redis:6379/0"
    password = SECRETS["postgres_password"]
    assert config.database_url == f"postgresql+psycopg://penjaga:{password}@postgres/penjaga"


def test_secrets_come_by_file_and_have_no_default(composed: dict[str, Any]) -> None:
    assert composed["secrets"] == {name: {"file": f"./secrets/{name}"} for name in SECRETS}
    for name, service in composed["services"].items():
        assert set(service["secrets"]) <= set(SECRETS), name
        for setting, value in service["environment"].items() if "environment" in service else ():
            if re.search("SECRET|PASSWORD|TOKEN", setting):
                assert setting.endswith("_FILE")
                assert str(value).removeprefix(MOUNTED) in service["secrets"]
    written = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert set(re.findall(r"(?<!\$)\$\{(\w+):-", written)) == {
        "PENJAGA_SMTP_URL",
        "TORCH_INDEX",
        "PENJAGA_MAIL_FROM",
        "PENJAGA_PROXIES",
        "PENJAGA_VECTORS",
        "PENJAGA_RETENTION_DAYS",
        "PENJAGA_AUDIT_PERCENT",
        "PENJAGA_WILAYAH",
        "PORT",
    }


def test_what_must_be_given_is_asked_for() -> None:
    written = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert re.findall(r"\$\{(\w+):\?", written) == ["PENJAGA_HOSTS"]


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs Debian's redis-server")
def test_redis_asks_for_the_password_from_its_file(
    services: dict[str, Any], tmp_path: Path, mounted: Path
) -> None:
    port = free_port()
    command = [
        part.replace("$$", "$").replace(MOUNTED, f"{mounted}/") for part in services["redis"]["command"]
    ]
    command[2] = command[2].replace("redis-server -", f"redis-server - --port {port} --dir {tmp_path}", 1)
    with running(command, tmp_path / "redis.log", dict(os.environ)) as process:
        known = Redis(port=port, password=SECRETS["redis_password"])
        wait_for("Redis to answer", lambda: _pings(known))
        with pytest.raises(AuthenticationError):
            Redis(port=port).ping()
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert b"redis-server" in seen
        assert SECRETS["redis_password"].encode() not in seen
        known.close()


def test_the_clock_shows_life_while_it_reaches_the_broker(
    services: dict[str, Any], settings: Config, environ: Environ
) -> None:
    health = services["beat"]["healthcheck"]["test"][1].replace("$$", "$")

    def alive() -> bool:
        return subprocess.run(["sh", "-c", health], check=False, env=environ).returncode == 0

    command = [str(BIN / services["beat"]["command"][0]), *services["beat"]["command"][1:]]
    assert not alive()
    with running(command, settings.data / "beat.log", environ):
        time.sleep(3)
        assert not alive(), "nobody takes its wake-ups yet"
        with bundled(settings, environ):
            wait_for("the clock to show life", alive, 60)
    an_hour_ago = time.time() - 3_600
    os.utime(settings.data / "beat.alive", (an_hour_ago, an_hour_ago))
    assert not alive()


def test_the_image_runs_as_a_user_of_its_own() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER penjaga"]
    assert [line for line in lines if line.startswith("FROM ")] == [
        "FROM python:3.11-slim AS build",
        "FROM python:3.11-slim",
    ]


TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


def _fact_page(url: str, said: dict[str, str]) -> int:
    return requests.get(
        f"{url}/fakta", headers={"Host": GIVEN["PENJAGA_HOSTS"], **said}, timeout=20
    ).status_code


@pytest.mark.parametrize(("proxies", "statuses"), [("0", [403, 403]), ("1", [403, 200])])
def test_the_embedded_server_hears_of_tls_from_declared_proxies(
    settings: Config, environ: Environ, embedded: Store, proxies: str, statuses: list[int]
) -> None:
    port = free_port()
    environ |= {
        "PENJAGA_ENV": "production", "PENJAGA_PROXIES": proxies,
        "PENJAGA_SECRET": SECRETS["penjaga_secret"], **GIVEN,
    }  # fmt: skip
    command = [sys.executable, "-m", "triage.serve", "--port", str(port)]
    with running(command, settings.data / "web.log", environ) as process:
        wait_for("the web to answer", lambda: _ready(process, f"http://127.0.0.1:{port}"), 60)
        assert [_fact_page(f"http://127.0.0.1:{port}", said) for said in ({}, TLS)] == statuses


def test_gunicorn_serves_and_stops(
    services: dict[str, Any], settings: Config, environ: Environ, embedded: Store
) -> None:
    port = free_port()
    command = [re.sub(r"0\.0\.0\.0:8000", f"127.0.0.1:{port}", part) for part in services["web"]["command"]]
    log, url = settings.data / "web.log", f"http://127.0.0.1:{port}"
    environ |= {
        "PENJAGA_ENV": "production", "PENJAGA_PROXIES": "1",
        "PENJAGA_SECRET": SECRETS["penjaga_secret"], **GIVEN,
    }  # fmt: skip
    with running([str(BIN / command[0]), *command[1:]], log, environ) as process:
        wait_for("gunicorn to answer", lambda: _ready(process, url), 60)
        assert [_fact_page(url, said) for said in ({}, {"X-Forwarded-Proto": "http"}, TLS)] == [403, 403, 200]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def _pings(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None
    try:
        return requests.get(f"{url}/readyz", timeout=5).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False
