"""Every route of the site, walked: who may come in, and which posts are believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.factories import make_fact_check, make_group, suggest
from tests.web.pages import Browser, Page
from triage.db import Store
from triage.permissions import PERMISSIONS, ROLES, Permission, Role
from triage.web import security

# What each staff route asks for; a route that is not here fails the tests.
STAFF: dict[str, Permission] = {
    "kim.queue": "queue.see",
    "kim.queue_part": "queue.see",
    "kim.group": "queue.see",
    "kim.own": "queue.see",
    "kim.training": "queue.see",
    "kim.exercise": "queue.see",
    "kim.try_exercise": "queue.see",
    "kim.sources": "queue.see",
    "kim.source": "queue.see",
    "kim.add_source": "sources.write",
    "kim.change_source": "sources.write",
    "kim.note_answer": "sources.write",
    "kim.parked": "parked.manage",
    "kim.replay": "parked.manage",
    "kim.dismiss": "parked.manage",
    "kim.lease": "group.lease",
    "kim.release": "group.lease",
    "kim.confirm": "match.judge",
    "kim.reject": "match.judge",
    "kim.merge": "decision.write",
    "kim.split": "decision.write",
    "kim.undo": "queue.see",
    "kim.withdraw": "match.judge",
    "kim.decide": "decision.write",
    "kim.save_draft": "decision.write",
    "kim.discard_draft": "decision.write",
    "kim.preview_decision": "decision.write",
    "kim.approve": "decision.approve",
    "kim.send_back": "decision.approve",
}
PUBLIC = {
    "static", "warga.home", "warga.send", "warga.ask", "warga.look_up", "warga.status", "warga.about_data",
    "offline.manifest", "offline.worker", "offline.outbox", "offline.shared", "kiriman.save",
    "kiriman.object_to", "kiriman.ask_to_erase", "kiriman.erase",
    "library.facts", "library.fact", "library.picture", "auth.sign_in_form", "auth.sign_in",
}  # fmt: skip
OWN_ACCOUNT = {"auth.password", "auth.change_password", "auth.sign_out"}


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


def test_every_route_has_its_place(app: Flask) -> None:
    assert {rule.endpoint for rule, _, _ in _site(app)} == set(STAFF) | PUBLIC | OWN_ACCOUNT


def test_no_staff_route_opens_without_signing_in(app: Flask, group: None) -> None:
    browser = Browser(app.test_client())
    token = browser.get("/masuk").form("/masuk").fields["csrf_token"]
    for rule, path, method in _site(app):
        if rule.endpoint in PUBLIC:
            continue
        response = browser.client.open(path, method=method, data={"csrf_token": token})
        if method == "GET":
            assert response.status_code == 303, path
            assert response.headers["Location"].startswith("/masuk"), path
        elif rule.endpoint != "auth.sign_out":
            assert response.status_code == 401, path


@pytest.mark.parametrize("role", ROLES)
def test_each_role_reaches_what_the_table_says(
    app: Flask, signed_in: Callable[[Role], Browser], group: None, role: Role
) -> None:
    browser = signed_in(role)
    token = browser.get("/kata-sandi").form("/keluar").fields["csrf_token"]
    for rule, path, method in _site(app):
        if rule.endpoint not in STAFF:
            continue
        response = browser.client.open(path, method=method, data={"csrf_token": token})
        refused = response.status_code == 403 and "Peran Anda tidak boleh" in response.get_data(as_text=True)
        assert refused is (role not in PERMISSIONS[STAFF[rule.endpoint]]), (role, rule.endpoint)
        assert response.status_code < 500


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


def test_an_unknown_message_is_not_found(signed_in: Callable[[Role], Browser]) -> None:
    browser = signed_in("verifikator")
    for number in ("77", "0", "9223372036854775807", "9223372036854775808"):
        assert browser.get(f"/kim/kelompok/{number}").status == 404
