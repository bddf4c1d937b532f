"""When something goes wrong: a page in plain words, the right status, and what was typed kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.exceptions import TooManyRequests

from tests.away import take_away
from tests.web.pages import Browser, Page
from triage.app import create_app
from triage.config import Config
from triage.db import Store


@pytest.fixture
def fragile(config: Config, store: Store) -> Iterator[Flask]:
    """The application with two routes that fail."""
    app = create_app(config)

    @app.route("/rusak", methods=["GET", "POST"])
    def broken() -> str:
        raise RuntimeError("rahasia di dalam")

    @app.route("/ramai")
    def busy() -> str:
        raise TooManyRequests(retry_after=30)

    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


def test_our_own_mistake_is_admitted_and_not_explained(fragile: Flask) -> None:
    page = Browser(fragile.test_client()).get("/rusak")
    assert page.status == 500
    assert "bukan salah Anda" in page.text
    assert "rahasia" not in page.html
    assert "Traceback" not in page.html


def test_what_was_typed_survives_our_mistake_but_no_password(fragile: Flask) -> None:
    browser = Browser(fragile.test_client())
    fields = browser.get("/masuk").form("/masuk").fields
    typed = fields | {"explanation": "Tulisan <b>panjang</b>", "password": "rahasia-sekali", "remark": " "}
    page = Page(browser.client.post("/rusak", data=typed))
    assert page.status == 500
    assert [quote for quote in page.texts if quote == "Tulisan <b>panjang</b>"]
    assert len(page.all("blockquote")) == 1
    assert "rahasia-sekali" not in page.html


def test_too_many_requests_say_when_to_come_back(fragile: Flask) -> None:
    response = fragile.test_client().get("/ramai")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "30"
    assert "Tunggu sebentar" in Page(response).text


def test_a_store_that_is_away_is_said_on_each_page(app: Flask, store: Store) -> None:
    take_away(store, "fact_check")
    page = Browser(app.test_client()).get("/fakta")
    assert page.status == 503
    assert "Penyimpanan sedang tidak dapat dipakai" in page.text


def test_a_missing_static_file_is_not_remembered(app: Flask) -> None:
    response = app.test_client().get("/static/tidak-ada.css")
    assert response.status_code == 404
    assert "immutable" not in response.headers["Cache-Control"]


@pytest.mark.embedded
def test_a_damaged_store_is_answered_as_one_that_is_away(config: Config) -> None:
    (config.data / "penjaga.db").write_bytes(bytes(range(256)) * 64)
    app = create_app(config)
    client = app.test_client()
    ready = client.get("/readyz")
    posted = client.post("/api/v1/submissions", json={"text": "Pasar tutup sampai hari Senin depan"})
    page = Browser(client).get("/fakta")
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()
    assert (ready.status_code, ready.get_json()["status"]) == (503, "not ready")
    assert "put back a copy" in ready.get_json()["reason"]
    assert (posted.status_code, posted.get_json()["type"]) == (503, "store-unavailable")
    assert page.status == 503
