"""Every route of the site, walked: which posts are believed. Who may come in: `test_permission_table`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.factories import make_fact_check, make_group, suggest
from tests.web.pages import Browser, Page
from triage.db import Store
from triage.permissions import Role
from triage.web import security


def _site(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Give every rule of the site with an address and its method; machines' endpoints are not pages."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/api/", "/healthz", "/readyz", "/metrics")):
            continue
        numbers = dict.fromkeys(rule.arguments, "1")
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **numbers) if "." in rule.endpoint else "/static/penjaga.css"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield rule, path, method


@pytest.fixture
def group(store: Store) -> None:
    """Group 1 with suggestion 1."""
    with store.write() as session:
        suggest(session, make_group(session), make_fact_check(session))


def test_every_post_with_authority_needs_the_forms_token(
    app: Flask, signed_in: Callable[[Role], Browser], group: None
) -> None:
    browser = signed_in("penyetuju")
    foreign = signed_in("penyetuju").get("/kim").form("/keluar").fields["csrf_token"]
    posts = [(rule, path) for rule, path, method in _site(app) if method == "POST"]
    assert len(posts) > 10
    for rule, path in posts:
        if rule.endpoint in security.NO_TOKEN:
            continue
        for data in ({}, {"csrf_token": ""}, {"csrf_token": "salah é"}, {"csrf_token": foreign}):
            page = Page(browser.client.post(path, data=data))
            assert page.status == 403, (rule.endpoint, data)
            assert "Buka lagi halamannya" in page.text
    assert browser.get("/kim").status == 200, "still signed in"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_no_post_is_believed_from_another_site(
    app: Flask, signed_in: Callable[[Role], Browser], headers: dict[str, str]
) -> None:
    browser = signed_in("penyetuju")
    token = browser.get("/kim").form("/keluar").fields["csrf_token"]
    for rule, path, method in _site(app):
        if method == "POST":
            response = browser.client.post(path, data={"csrf_token": token, "text": "kabar"}, headers=headers)
            assert response.status_code == 403, rule.endpoint
            assert "situs lain" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}, {}],
)
def test_our_own_forms_are_believed(browser: Browser, headers: dict[str, str]) -> None:
    browser.get("/")
    assert browser.client.post("/", data={"text": "kabar bantuan"}, headers=headers).status_code == 303


def test_wrong_addresses_and_methods_get_a_page_in_plain_words(browser: Browser) -> None:
    for path, method, status in [
        ("/tidak-ada", "GET", 404), ("/kim", "POST", 405), ("/fakta/0", "GET", 404),
        ("/fakta/99999999999999999999", "GET", 404), ("/fakta/1", "POST", 405), ("/%00", "GET", 404),
    ]:  # fmt: skip
        page = Page(browser.client.open(path, method=method))
        assert page.status == status
        assert "Belum berhasil" in page.text
        assert page.all("h1")
    assert "GET" in browser.client.post("/kim").headers["Allow"]


@pytest.mark.parametrize("query", ["\xff\xfe", "lang=\xed\xa0\x80", "cari=\xc3\xa9&lang=en"])
def test_a_query_in_raw_bytes_is_read_like_any_other(browser: Browser, query: str) -> None:
    assert browser.get("/fakta", environ_overrides={"QUERY_STRING": query}).status == 200


def test_an_unknown_message_is_not_found(signed_in: Callable[[Role], Browser]) -> None:
    browser = signed_in("verifikator")
    for number in ("77", "0", "9223372036854775807", "9223372036854775808"):
        assert browser.get(f"/kim/kelompok/{number}").status == 404
