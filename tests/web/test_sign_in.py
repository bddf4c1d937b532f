"""Signing in with real passwords: rotation, lock-out, one-time passwords, and safe ways on."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.pages import Browser, Page
from triage import accounts
from triage.db import Store
from triage.lockout import FREE_FAILURES
from triage.web import security

CHOSEN = "kopi susu gula aren"


@pytest.fixture
def once(store: Store) -> str:
    """One-time password of a new verifier, siti."""
    return accounts.create(store, "siti", "Siti Aminah", "verifikator", "35.08")


def _chosen(store: Store, once: str) -> None:
    token, _ = accounts.sign_in(store, "siti", once)
    accounts.change_password(store, token, once, CHOSEN)


def _token(browser: Browser) -> str | None:
    cookie = browser.client.get_cookie(security.SESSION)
    return cookie.value if cookie else None


def _enter(browser: Browser, password: str, path: str = "/masuk") -> Page:
    form = browser.get(path).form("/masuk")
    return browser.landing(browser.submit(form, username="Siti ", password=password))


def test_a_one_time_password_opens_only_the_change_page(browser: Browser, once: str) -> None:
    page = _enter(browser, once)
    assert "hanya untuk sekali masuk" in page.text
    for path in ("/kim", "/kim/kelompok/1"):
        response = browser.client.get(path)
        assert (response.status_code, response.headers["Location"]) == (303, "/kata-sandi")
    changed = browser.submit(page.form("/kata-sandi"), current=once, new=CHOSEN, again=CHOSEN)
    queue = browser.landing(changed)
    assert "Kata sandi baru tersimpan" in queue.text
    assert "Siti Aminah · Verifikator" in queue.text


def test_the_token_changes_at_sign_in_and_with_the_password(
    browser: Browser, store: Store, once: str
) -> None:
    browser.client.set_cookie(security.SESSION, "planted-by-somebody-else")
    page = _enter(browser, once)
    first = _token(browser)
    assert first not in (None, "planted-by-somebody-else")
    browser.submit(page.form("/kata-sandi"), current=once, new=CHOSEN, again=CHOSEN)
    second = _token(browser)
    assert second not in (None, first)
    assert accounts.signed_in(store, first or "") is None
    _enter(browser, CHOSEN)
    assert accounts.signed_in(store, second or "") is None, "the earlier session of this browser goes on"


def test_a_wrong_password_keeps_the_name_and_says_nothing_more(
    browser: Browser, store: Store, once: str
) -> None:
    _chosen(store, once)
    said = set()
    for username, password in [("siti", "salah sekali"), ("tidak-ada", CHOSEN)]:
        form = browser.get("/masuk").form("/masuk")
        page = Page(browser.submit(form, username=username, password=password))
        assert page.status == 401
        assert page.form("/masuk").fields["username"] == username
        assert page.form("/masuk").fields["password"] == ""
        said.add(page.text)
    assert len(said) == 1
    assert _token(browser) is None


def test_after_five_wrong_passwords_the_right_one_waits_too(
    browser: Browser, store: Store, once: str
) -> None:
    _chosen(store, once)
    form = browser.get("/masuk").form("/masuk")
    for _ in range(FREE_FAILURES):
        assert browser.submit(form, username="siti", password="salah sekali").status_code == 401
    page = Page(browser.submit(form, username="siti", password=CHOSEN))
    assert page.status == 401
    assert "dikunci sebentar" in page.text


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("kopi7", "kopi7", "terlalu pendek"),
        (CHOSEN, CHOSEN + "x", "tidak sama"),
        ("siti di lumajang", "siti di lumajang", "nama akun"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "mudah ditebak"),
    ],
)
def test_a_new_password_that_will_not_do_is_explained(
    browser: Browser, once: str, new: str, again: str, said: str
) -> None:
    form = _enter(browser, once).form("/kata-sandi")
    page = Page(browser.submit(form, current=once, new=new, again=again))
    assert page.status == 422
    assert said in page.text
    assert new not in page.html


def test_the_present_password_is_asked_for(browser: Browser, once: str) -> None:
    form = _enter(browser, once).form("/kata-sandi")
    page = Page(browser.submit(form, current="salah sekali", new=CHOSEN, again=CHOSEN))
    assert page.status == 401
    assert "Kata sandi sekarang tidak cocok" in page.text


def test_signing_out_ends_the_session_on_the_server(browser: Browser, store: Store, once: str) -> None:
    _chosen(store, once)
    queue = _enter(browser, CHOSEN)
    token = _token(browser)
    page = browser.landing(browser.submit(queue.form("/keluar")))
    assert "Anda sudah keluar" in page.text
    assert _token(browser) is None
    assert accounts.signed_in(store, token or "") is None


def test_sign_in_leads_back_to_the_page_that_asked_for_it(browser: Browser, store: Store, once: str) -> None:
    _chosen(store, once)
    asked = browser.client.get("/kim?lihat=persetujuan")
    form = browser.get(asked.headers["Location"]).form("/masuk")
    response = browser.submit(form, username="siti", password=CHOSEN)
    assert response.headers["Location"] == "/kim?lihat=persetujuan"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "https://evil.example/kim", "/\\evil.example", "/kim/../../evil",
        "/kim\r\nX-Bad: 1",
        "/kim@evil.example", "/kimevil", "javascript:alert(1)", "/kim?next=//evil.example", "/keluar",
    ],
)  # fmt: skip
def test_sign_in_leads_nowhere_else(browser: Browser, store: Store, once: str, target: str) -> None:
    _chosen(store, once)
    form = browser.get("/masuk", query_string={"next": target}).form("/masuk")
    assert form.fields["next"] == ""
    response = browser.submit(form, username="siti", password=CHOSEN, next=target)
    assert response.headers["Location"] == "/kim"


def test_a_session_that_ended_while_somebody_wrote_shows_what_was_written(app: Flask) -> None:
    sender = Browser(app.test_client())
    token = sender.get("/masuk").form("/masuk").fields["csrf_token"]
    response = sender.client.post(
        "/kim/kelompok/1/keputusan", data={"csrf_token": token, "explanation": "Sudah ditanyakan ke desa."}
    )
    page = Page(response)
    assert page.status == 401
    assert "Sudah ditanyakan ke desa." in page.text
    assert "Masuk dulu" in page.text
