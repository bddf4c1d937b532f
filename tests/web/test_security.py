"""Headers and cookies of every response, and what pages may load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import make_account, make_fact_check, make_group
from tests.web.pages import Browser, Page
from triage import passwords
from triage.app import create_app
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import Account, Submission

STATIC = Path(__file__).parents[2] / "triage" / "static"


@pytest.fixture
def production(config: Config, store: Store) -> Iterator[Flask]:
    """The application as it serves real people."""
    app = create_app(replace(config, environment="production", hosts=frozenset({HERE})))
    app.test_client_class = _OverTLS
    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


HERE = "penjaga.contoh.go.id"


class _OverTLS(FlaskClient):
    """A browser that reaches the site through its TLS proxy."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **({"base_url": f"https://{HERE}"} | kwargs))


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
    (line,) = _cookies(client.get("/"))
    assert line.startswith("__Host-penjaga_device=")
    assert "Secure" in line
    assert "Path=/" in line
    assert "Domain" not in line


@pytest.mark.parametrize(
    "path", ["/", "/masuk", "/fakta", "/static/penjaga.css", "/api/v1/submissions/x", "/kim"]
)
def test_production_does_nothing_over_plain_http(production: Flask, path: str) -> None:
    response = production.test_client().get(path, base_url=f"http://{HERE}")
    assert response.status_code == 403
    assert _cookies(response) == []
    assert "https" in response.get_data(as_text=True)


def test_a_message_over_plain_http_is_not_taken(production: Flask, store: Store) -> None:
    client = production.test_client()
    assert client.post("/", data={"text": "kabar"}, base_url=f"http://{HERE}").status_code == 403
    posted = client.post("/api/v1/submissions", json={"text": "kabar"}, base_url=f"http://{HERE}")
    assert (posted.status_code, posted.get_json()["type"]) == (403, "tls-required")
    assert "PENJAGA_PROXIES" in posted.get_json()["detail"]
    with store.read() as session:
        assert session.query(Submission).count() == 0


@pytest.mark.parametrize(
    "host", ["evil.example", f"{HERE}.evil.example", f"evil.{HERE}", "127.0.0.1", "", "["]
)
def test_a_host_that_is_not_ours_is_refused(production: Flask, host: str) -> None:
    response = production.test_client().get("/fakta", headers={"Host": host})
    assert response.status_code == 400
    assert _cookies(response) == []
    assert "evil" not in response.get_data(as_text=True)


@pytest.mark.parametrize("host", [HERE, f"{HERE}:443", f"{HERE}:8443"])
def test_our_own_host_is_served_on_any_port(production: Flask, host: str) -> None:
    assert production.test_client().get("/fakta", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("path", "address", "reached"),
    [
        ("/healthz", "127.0.0.1", True), ("/readyz", "::1", True), ("/readyz", "172.18.0.1", True),
        ("/healthz", "8.8.8.8", False), ("/readyz", "nonsense", False), ("/readyz", "", False),
        ("/fakta", "127.0.0.1", False),
    ],
)  # fmt: skip
def test_who_watches_over_the_process_needs_no_tls(
    production: Flask, path: str, address: str, reached: bool
) -> None:
    response = production.test_client().get(
        path, base_url="http://127.0.0.1:8000", environ_base={"REMOTE_ADDR": address}
    )
    assert (response.status_code == 200) is reached


@pytest.mark.parametrize(
    ("proxies", "sent", "status", "address"),
    [
        (0, "https", 403, "10.0.0.9"), (1, "https", 200, "198.51.100.7"), (1, "http", 403, "198.51.100.7"),
        (1, "http, https", 200, "198.51.100.7"), (2, "https", 403, "10.0.0.9"),
    ],
)  # fmt: skip
def test_proxies_are_believed_as_far_as_they_are_declared(
    config: Config, store: Store, proxies: int, sent: str, status: int, address: str
) -> None:
    app = create_app(replace(config, environment="production", hosts=frozenset({HERE}), proxies=proxies))
    seen: list[str | None] = []
    app.before_request_funcs[None].insert(0, lambda: seen.append(request.remote_addr))
    response = app.test_client().get(
        "/fakta",
        base_url=f"http://{HERE}",
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
        headers={
            "X-Forwarded-Proto": sent,
            # What the client wrote itself stands before what the proxy added.
            "X-Forwarded-For": "203.0.113.66, 198.51.100.7" if proxies < 2 else "198.51.100.7",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Prefix": "/evil",
        },
    )
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()
    assert (response.status_code, seen) == (status, [address])
    assert "evil" not in response.get_data(as_text=True)


LEADING_AWAY = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "/kim//evil.example", "/kim\\..\\evil",
    "javascript:alert(1)", "/kim?x=https://evil.example", "/kim/../masuk", "\t//evil.example", "/kim\n",
    "kim", "/kimono", "/kim#//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", LEADING_AWAY)
def test_a_sign_in_leads_to_our_own_pages_only(app: Flask, store: Store, wanted: str) -> None:
    with store.write() as session:
        account = session.get_one(Account, make_account(session, "verifikator").account_id)
        account.password_hash = passwords.hash_password("sawah hijau pagi hari")
        name = account.username
    browser = Browser(app.test_client())
    form = browser.get(f"/masuk?next={quote(wanted)}").form("/masuk")
    fields = form.fields | {"next": wanted, "username": name, "password": "sawah hijau pagi hari"}
    response = browser.client.post("/masuk", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 303
    place = urlsplit(urljoin("http://localhost/masuk", response.headers["Location"]))
    assert (place.netloc, place.path.split("/")[1]) == ("localhost", "kim")


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
