"""What Prometheus and the operator see: figures that add up, and nothing of anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from tests.away import take_away
from tests.scripted import ScriptedMatching, drain, send
from triage import condition, metrics, outbox
from triage.app import create_app
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import ConfigError

OPERATION = Path(__file__).parents[2] / "docs" / "operasi"
TEXT = "Kabar dari grup warga: pembagian beras gratis di balai desa tetangga besok pagi pukul tujuh"
TOKEN = "0123456789abcdef" * 2
RECEIPT = re.compile(r"[0-9A-HJ-NP-TV-Z]{4}(-[0-9A-HJ-NP-TV-Z]{4}){3}")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def production(config: Config, store: Store) -> Iterator[Flask]:
    app = create_app(replace(config, environment="production", metrics_token=TOKEN))
    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


def read(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_accounts_add_up_and_work_that_is_owed_is_told(
    client: FlaskClient, store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(condition, "STORE_EVERY_S", 0.0)
    for number in range(3):
        send(store, config, f"{TEXT} nomor {number}")
    with store.write() as session:
        outbox.add(session, "publish", 1)
    for _ in range(outbox.MAX_ATTEMPTS):
        jobs = outbox.claim(store, "publish", 1)
        outbox.fail(store, jobs, "ValueError")
        with store.write() as session:
            session.query(outbox.Outbox).filter_by(task="publish").update({"due_at": condition.now()})
    found = read(client)
    states = {state: found["penjaga_submissions", state] for state in condition.ACCOUNTS}
    assert states == {"accepted": 3, "answered": 0, "waiting": 3, "parked": 0, "erased": 0, "forgotten": 0}
    assert found["penjaga_accounting_adds_up",] == 1
    assert (found["penjaga_owed", "assess"], found["penjaga_owed", "embed"]) == (3, 0)
    assert found["penjaga_owed_oldest_seconds", "assess"] > 0
    assert (found["penjaga_parked", "publish"], found["penjaga_owed", "publish"]) == (1, 0)
    assert (found["penjaga_store_up",], found["penjaga_broker_up",], found["penjaga_workers",]) == (1, 0, 0)
    assert found["penjaga_data_free_bytes",] > 0


def test_groups_and_repeats_that_never_reached_the_encoder_are_counted(
    client: FlaskClient, store: Store, config: Config
) -> None:
    before = {how: metrics.ASSESSED.labels(how)._value.get() for how in ("known", "new", "thin")}
    for text in (TEXT, TEXT, f"{TEXT}!", "halo"):
        send(store, config, text)
    drain(store, ScriptedMatching())
    counted = {how: metrics.ASSESSED.labels(how)._value.get() - before[how] for how in before}
    assert counted == {"known": 2, "new": 1, "thin": 1}
    found = read(client)
    assert found["penjaga_open_groups", "queued"] == 1
    assert found["penjaga_unanswered_oldest_seconds",] >= 0
    assert found["penjaga_submissions", "answered"] == 1


def test_figures_of_the_store_are_looked_up_once_in_a_while_whoever_asks(
    app: Flask, store: Store, config: Config
) -> None:
    client = app.test_client()
    read(client)
    send(store, config, TEXT)
    assert read(client)["penjaga_submissions", "accepted"] == 0


def test_requests_are_counted_by_route_and_never_by_path(client: FlaskClient) -> None:
    receipt = client.post("/api/v1/submissions", json={"text": TEXT}).json["receipt"]
    client.get(f"/status/{receipt}")
    client.get(f"/tidak/ada/{receipt}")
    client.open("/", method="RAHASIA")
    said = client.get("/metrics").text
    found = read(client)
    assert found["penjaga_http_request_seconds_count", "POST", "/api/v1/submissions", "2xx"] >= 1
    assert found["penjaga_http_request_seconds_count", "GET", "/status/<receipt>", "2xx"] >= 1
    assert found["penjaga_http_request_seconds_count", "unknown", "unknown", "4xx"] >= 1
    assert RECEIPT.search(receipt)
    assert RECEIPT.search(said) is None
    assert "RAHASIA" not in said


def test_a_store_that_is_away_is_a_figure_and_no_error(app: Flask, store: Store, config: Config) -> None:
    take_away(store, "alembic_version")
    found = read(app.test_client())
    assert found["penjaga_store_up",] == 0
    assert ("penjaga_submissions", "accepted") not in found


def test_in_production_only_who_has_the_token_reads_them(production: Flask) -> None:
    client = production.test_client()
    assert client.get("/metrics").status_code == 404
    for wrong in ("", "Bearer ", "Bearer x", TOKEN, f"Bearer {TOKEN}x", "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    right = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert right.status_code == 200


def test_without_a_token_only_this_machine_reads_them_and_in_production_nobody(
    client: FlaskClient, config: Config, store: Store
) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
    # What came through a proxy on this machine came from anywhere.
    for name in ("X-Forwarded-For", "X-Real-IP", "Via", "Forwarded"):
        assert client.get("/metrics", headers={name: "203.0.113.7"}).status_code == 404
    app = create_app(replace(config, environment="production"))
    assert app.test_client().get("/metrics").status_code == 404
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


@pytest.mark.parametrize("token", ["pendek", "a" * 40])
def test_a_weak_token_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_METRICS_TOKEN"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_METRICS_TOKEN": token})


@pytest.mark.parametrize("address", ["9108", ":9108", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999"])
def test_an_address_for_the_figures_of_workers_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_WORKER_METRICS"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_WORKER_METRICS": address})


def test_readiness_tells_of_the_broker_but_does_not_depend_on_it(client: FlaskClient) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ready", "broker": "down"})


def test_the_lines_of_a_request_name_its_message_and_nothing_of_its_sender(client: FlaskClient) -> None:
    # As the real logs do, which put what is bound into each line.
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as said:
        receipt = client.post("/api/v1/submissions", json={"text": TEXT}).json["receipt"]
        client.get(f"/status/{receipt}")
        client.get("/fakta")
    lines = [line for line in said if line["event"] == "request"]
    assert [(line["event"], line.get("route"), line.get("item")) for line in lines] == [
        ("request", "/api/v1/submissions", 1),
        ("request", "/status/<receipt>", 1),
        ("request", "/fakta", None),
    ]
    assert receipt not in str(said)
    assert "127.0.0.1" not in str(lines)


# Of what workers count, nothing is there before a worker has counted it.
def _worked(app: Flask, store: Store, config: Config) -> None:
    send(store, config, TEXT)
    drain(store, ScriptedMatching())
    for task in outbox.TASKS:
        metrics.WORK_ITEMS.labels(task)
        metrics.WORK_FAILURES.labels(task)
    metrics.ENCODED.labels("query")
    app.test_client().get("/")


def _named(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:penjaga|process)_\w+", expression))


@pytest.fixture
def given(app: Flask, store: Store, config: Config) -> set[str]:
    """The names of all metrics in a real answer."""
    _worked(app, store, config)
    return {name for name, *_labels in read(app.test_client())}


def test_every_metric_of_the_dashboard_is_given(given: set[str]) -> None:
    dashboard = json.loads((OPERATION / "grafana.json").read_text("utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    assert len(expressions) >= 12
    for expression in expressions:
        assert _named(expression), expression
        assert _named(expression) <= given, expression


def test_every_metric_of_the_alarms_is_given_and_each_alarm_is_explained(given: set[str]) -> None:
    rules = [rule for group in _alarms()["groups"] for rule in group["rules"]]
    explained = (OPERATION.parent / "operasi.md").read_text("utf-8")
    assert len(rules) >= 8
    for rule in rules:
        assert _named(rule["expr"]) <= given, rule
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert f"### {rule['alert']}" in explained


def test_every_alarm_of_the_manual_exists() -> None:
    explained = (OPERATION.parent / "operasi.md").read_text("utf-8")
    alarms = {rule["alert"] for group in _alarms()["groups"] for rule in group["rules"]}
    assert set(re.findall(r"^### (Penjaga\w+)", explained, re.MULTILINE)) == alarms


def _alarms() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((OPERATION / "alarm.yml").read_text("utf-8"))
    return found
