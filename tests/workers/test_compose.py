"""The container files name only what exists, and carry no secret."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.installation import free_port, wait_for
from tests.running import Environ, running
from triage.config import Config, load_config
from triage.db import Store

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SECRETS = ("PENJAGA_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
GIVEN = {"PENJAGA_SECRET": "0123456789abcdef" * 4, "POSTGRES_PASSWORD": "b" * 64, "REDIS_PASSWORD": "c" * 64}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services, with the environment that the top of the file asks for."""
    written = (ROOT / "docker-compose.yml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(_filled(written))["services"]
    return found


def _filled(written: str) -> str:
    def value(match: re.Match[str]) -> str:
        return GIVEN.get(match["name"], match["default"] or "")

    return re.sub(r"(?<!\$)\$\{(?P<name>\w+)(?::\?[^}]*|:-(?P<default>[^}]*))\}", value, written)


def test_there_is_everything_that_the_grown_size_needs(services: dict[str, Any]) -> None:
    assert set(services) == {"prepare", "web", "worker", "beat", "redis", "postgres"}
    assert "pgvector" in services["postgres"]["image"]
    assert "--appendonly yes" in services["redis"]["command"][2]


@pytest.mark.parametrize("name", ["prepare", "web", "worker", "beat"])
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


def test_the_settings_are_ones_that_penjaga_reads(services: dict[str, Any], tmp_path: Path) -> None:
    settings = services["web"]["environment"]
    read = (ROOT / "triage" / "config.py").read_text("utf-8")
    assert [name for name in settings if f'"{name}"' not in read] == []
    config = load_config(settings | {"PENJAGA_DATA": str(tmp_path)})
    assert config.production
    assert not config.embedded_broker
    assert config.database_url.startswith("postgresql+psycopg://")


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_have_no_default(name: str) -> None:
    written = (ROOT / "docker-compose.yml").read_text("utf-8")
    uses = re.findall(rf"\$\{{{name}(.)(.)", written)
    assert uses
    assert all(use == (":", "?") for use in uses)


def test_the_image_runs_as_a_user_of_its_own() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER penjaga"]
    assert [line for line in lines if line.startswith("FROM ")] == [
        "FROM python:3.11-slim AS build",
        "FROM python:3.11-slim",
    ]


def test_gunicorn_serves_and_stops(
    services: dict[str, Any], settings: Config, environ: Environ, embedded: Store
) -> None:
    port = free_port()
    command = [re.sub(r"0\.0\.0\.0:8000", f"127.0.0.1:{port}", part) for part in services["web"]["command"]]
    log = settings.data / "web.log"
    with running([str(BIN / command[0]), *command[1:]], log, environ) as process:
        wait_for("gunicorn to answer", lambda: _ready(process, f"http://127.0.0.1:{port}"), 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None
    try:
        return requests.get(f"{url}/readyz", timeout=5).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False
