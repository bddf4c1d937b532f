"""The pages of another regency: its name, its villages, its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine

from tests.scripted import send
from tests.web.pages import Browser
from triage.config import Config
from triage.db import Store


@pytest.fixture
def config(config: Config, request: pytest.FixtureRequest) -> Config:
    """An installation for the regency that the test names."""
    return replace(config, wilayah=request.param)


@pytest.mark.parametrize(
    ("config", "name", "village", "time"),
    [
        ("35.08", "Kabupaten Lumajang", "Tegalrejo", "4 Nov 2027 23.30 WIB"),
        ("51.71", "Kota Denpasar", "Sanur", "5 Nov 2027 00.30 WITA"),
        ("91.71", "Kota Jayapura", "Entrop", "5 Nov 2027 01.30 WIT"),
    ],
    indirect=["config"],
)
def test_pages_speak_of_the_regency_that_is_served(
    browser: Browser, store: Store, config: Config, name: str, village: str, time: str
) -> None:
    home = browser.get("/")
    assert f"beredar di {name}." in home.text
    assert any(option["value"].startswith(f"{village}, ") for option in home.all("option"))
    assert f"circulate in {name}." in browser.get("/?lang=en").text
    with time_machine.travel(datetime(2027, 11, 4, 16, 30, tzinfo=UTC), tick=False):
        receipt = send(store, config, "Kabar yang perlu diperiksa")
        assert f"Dikirim {time}." in browser.get(f"/status/{receipt}?lang=id").text
