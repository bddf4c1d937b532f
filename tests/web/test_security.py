"""Headers and cookies of every response, and what pages may load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import make_fact_check, make_group
from tests.web.pages import Browser, Page
from triage.app import create_app
from triage.config import Config
from triage.db import Store
from triage.permissions import Role

STATIC = Path(__file__).parents[2] / "triage" / "static"


@pytest.fixture
def production(config: Config, store: Store) -> Iterator[Flask]:
    """The application as it serves real people."""
    app = create_app(replace(config, environment="production"))
    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


def _some_of_everything(app: Flask) -> list[TestResponse]:
    client = app.test_client()
    return [
        client.get("/"), client.post("/", data={"text": "kabar bantuan"}), client.get("/status"),
        client.get("/masuk"), client.get("/kim"), client.get("/fakta"), client.get("/tidak-ada"),
        client.get("/api/v1/submissions/x"), client.get("/healthz"), client.get("/static/penjaga.css"),
        client.post("/masuk", headers={"Sec-Fetch-Site": "cross-site"}), client.get("/static/../config.py"),
    ]  # fmt: skip


def test_every_response_carries_the_protections(app: Flask) -> None:
    for response in _some_of_everything(app):
        headers = response.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_production_insists_on_tls(production: Flask) -> None:
    for response in _some_of_everything(production):
        assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def _cookies(response: TestResponse) -> list[str]:
    return response.headers.getlist("Set-Cookie")


def test_cookies_are_for_this_site_and_no_script(app: Flask) -> None:
    set_by = [line for path in ("/", "/masuk", "/?lang=en") for line in _cookies(app.test_client().get(path))]
    assert len(set_by) == 4
    for line in set_by:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Secure" not in line


def test_cookies_in_production_are_secure_and_bound_to_the_host(production: Flask) -> None:
    client = production.test_client()
    (line,) = _cookies(client.get("/", base_url="https://localhost"))
    assert line.startswith("__Host-penjaga_device=")
    assert "Secure" in line
    assert "Path=/" in line
    assert "Domain" not in line


def test_what_only_one_person_may_see_is_kept_nowhere(
    app: Flask, signed_in: Callable[[Role], Browser]
) -> None:
    staff = signed_in("admin").client
    for path in ("/kim", "/kata-sandi", "/masuk"):
        assert staff.get(path).headers["Cache-Control"] == "no-store"
    receipt = app.test_client().post("/", data={"text": "kabar bantuan"}).headers["Location"]
    assert app.test_client().get(receipt).headers["Cache-Control"] == "no-store"
    assert "private" in app.test_client().get("/").headers["Cache-Control"]


def test_static_files_are_kept_by_browsers_under_an_address_that_changes(browser: Browser) -> None:
    (sheet,) = [link["href"] for link in browser.get("/").all("link") if link["rel"] == "stylesheet"]
    assert "?v=" in sheet
    response = browser.client.get(sheet)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(response.data) < 20_000


def _pages(app: Flask, store: Store, signed_in: Callable[[Role], Browser]) -> Iterator[tuple[str, Page]]:
    with store.write() as session:
        group = make_group(session).id
        fact = make_fact_check(session)
        fact.origin = "own"
        number = fact.id
    anybody, staff = Browser(app.test_client()), signed_in("penyetuju")
    for path in ("/", "/status", "/status/0", "/tentang-data", "/fakta", f"/fakta/{number}", "/masuk", "/x"):
        yield path, anybody.get(path)
    staff.client.post(f"/kim/kelompok/{group}/ambil", data=staff.get("/kim").form("/keluar").fields)
    for path in ("/kim", f"/kim/kelompok/{group}", "/kata-sandi", "/kim?lihat=saya"):
        yield path, staff.get(path)


def test_every_page_is_whole_light_and_self_contained(
    app: Flask, store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    fixed = sum(path.stat().st_size for path in STATIC.iterdir())
    for path, page in _pages(app, store, signed_in):
        assert page.weight + fixed < 100_000, path
        assert len(page.all("h1")) == 1, path
        assert page.all("html")[0]["lang"] == "id"
        assert page.all("main")[0]["id"] == "isi"
        scripts = [script.get("src", "").split("?")[0] or script["type"] for script in page.all("script")]
        assert set(scripts) <= {"/static/penjaga.js", "/static/kim.js", "application/ld+json"}, path
        assert page.all("style") == []
        for name, attributes in page.elements:
            assert not any(key == "style" or key.startswith("on") for key in attributes), (path, name)
            assert all(attributes.get(key, "/").startswith("/") for key in ("src", "action")), (path, name)


def test_every_field_has_a_label_and_every_id_is_once(
    app: Flask, store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    for path, page in _pages(app, store, signed_in):
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        labelled = {label["for"] for label in page.all("label") if "for" in label}
        for name, attributes in page.elements:
            if name not in ("input", "textarea", "select") or attributes.get("type") in ("hidden", "radio"):
                continue
            assert attributes.get("id") in labelled or attributes.get("aria-hidden"), (path, attributes)
        for _, attributes in page.elements:
            for reference in attributes.get("aria-describedby", "").split():
                assert reference in ids, (path, reference)
