"""`GET /api/v1/trends`: the same figures as the page's, under the same rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_account, make_session
from tests.scripted import ScriptedMatching, drain, send
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.regions import village_name
from triage.trends import tallies

TAX = "Pajak kendaraan dihapus semua mulai bulan depan, tanya 081234567890 atau daftar lewat tautan di grup"


@pytest.fixture
def ask(app: Flask, store: Store, config: Config) -> Any:
    for device, village in (("a", 1), ("b", 1), ("c", 1), ("d", 1), ("a", 2), ("b", 3), ("c", 3)):
        send(store, config, TAX, device, f"35.08.05.200{village}")
    drain(store, ScriptedMatching())
    tallies.count(store, config)
    with store.write() as session:
        token = make_session(session, make_account(session, "analis"))

    def get(query: str = "") -> Any:
        return app.test_client().get(f"/api/v1/trends{query}", headers={"Authorization": f"Bearer {token}"})

    return get


def test_it_says_what_the_page_says(ask: Any) -> None:
    found = ask("?days=1&district=35.08.05").get_json()
    assert found["total"] == {"messages": 7, "at_once": 0, "unanswered": 7}
    assert sum(hour["messages"] for hour in found["hours"]) == 7
    assert [one["code"] for one in found["verdicts"]] == [""]
    assert found["waiting"]["claims"] == 1
    (claim,) = found["rising"]
    assert (claim["messages_24h"], claim["reporters"], claim["surge"]) == (7, 4, None)
    assert "081234567890" not in claim["text"]
    assert claim["named_villages"] == [village_name("35.08.05.2001")]
    assert len(ask("").get_json()["districts"]) == 22


def test_small_numbers_are_hidden_here_too(ask: Any) -> None:
    villages = {one["code"]: one for one in ask("?district=35.08.05").get_json()["villages"]}
    assert {code[-1]: villages[f"35.08.05.200{code[-1]}"]["messages"] for code in ("1", "2", "3")} == {
        "1": 4,
        "2": None,
        "3": None,
    }
    assert all(
        one["hidden"] == (one["messages"] is None) == (one["unanswered"] is None) for one in villages.values()
    )


@pytest.mark.parametrize(
    "query",
    ["?district=99.99.99", "?first=2026-13-45", "?last=2026-11-30", "?harm=salah", "?channel=pos",
     "?verdict=bohong", "?first=9999-01-01", "?district=Tempeh", "?first=kemarin"],
)  # fmt: skip
def test_what_there_is_not_is_refused(ask: Any, query: str) -> None:
    refused = ask(query)
    assert (refused.status_code, refused.get_json()["type"]) == (422, "filter-refused")


@pytest.mark.parametrize("query", ["?days=2", "?days=", "?page=2"])
def test_what_is_malformed_is_refused(ask: Any, query: str) -> None:
    refused = ask(query)
    assert (refused.status_code, refused.get_json()["type"]) == (422, "invalid-request")


def test_own_days_are_taken(ask: Any) -> None:
    first = (now() - timedelta(days=400)).date().isoformat()
    found = ask(f"?first={first}").get_json()
    assert (found["first"], found["hours"], found["total"]["messages"]) == (first, [], 7)
    assert len(found["days"]) >= 400
