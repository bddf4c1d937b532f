"""The pages of the second step, of own sessions, of links and of accounts, as people click through them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import make_account
from tests.signing import CHOSEN, Person, Phone, enter
from tests.web.pages import Browser, Page
from tests.workers.conftest import bundled
from triage import accounts, lockout
from triage.app import create_app
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.devices import reporter_hash
from triage.limits import DEVICE
from triage.permissions import Role
from triage.tables import Account, AccountDevice, Submission
from triage.web import security


def _secret(page: Page) -> str:
    (found,) = re.findall(r'<strong class="link-text">([A-Z2-7 ]+)</strong>', page.html)
    return found.replace(" ", "")


def _codes(page: Page) -> list[str]:
    return re.findall(r"<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</li>", page.html)


def _password(browser: Browser, username: str, password: str = CHOSEN) -> Page:
    form = browser.get("/masuk").form("/masuk")
    return browser.landing(browser.submit(form, username=username, password=password))


def _cookie(browser: Browser, name: str) -> str:
    cookie = browser.client.get_cookie(name)
    return cookie.value if cookie else ""


@pytest.fixture
def dewi(store: Store, config: Config) -> Person:
    """An approver with a phone, signed in nowhere."""
    person = enter(store, config, "dewi", "penyetuju")
    accounts.sign_out(store, person.token)
    return person


def test_a_new_approver_is_led_from_the_slip_of_paper_to_the_queue(browser: Browser, store: Store) -> None:
    once = accounts.create(store, "dewi", "Dewi", "penyetuju", "35.08")
    page = _password(browser, "dewi", once)
    browser.submit(page.form("/kata-sandi"), current=once, new=CHOSEN, again=CHOSEN)
    page = browser.get(browser.client.get("/kim").headers["Location"])
    assert "kata sandi yang bocor saja tidak cukup" in page.text
    assert len(page.all("svg")) == 1
    refused = Page(browser.submit(page.form("/langkah-kedua"), code="000000"))
    assert (refused.status, _secret(refused)) == (401, _secret(page))
    phone = Phone(_secret(page))
    shown = Page(browser.submit(refused.form("/langkah-kedua"), code=phone.code()))
    assert len(_codes(shown)) == 10
    assert "Dewi · Penyetuju" in browser.get("/kim").text
    again = browser.get("/langkah-kedua")
    assert _codes(again) == []
    assert phone.secret not in again.html


def test_the_code_is_asked_for_after_the_password(browser: Browser, store: Store, dewi: Person) -> None:
    assert dewi.phone is not None
    asked = browser.client.get("/kim?lihat=persetujuan").headers["Location"]
    form = browser.get(asked).form("/masuk")
    page = browser.landing(browser.submit(form, username="dewi", password=CHOSEN))
    half = _cookie(browser, security.SESSION)
    assert browser.client.get("/kim").headers["Location"] == "/masuk/kode"
    wrong = Page(browser.submit(page.form("/masuk/kode"), code="123456"))
    assert wrong.status == 401
    assert "tidak cocok" in wrong.text
    done = browser.submit(wrong.form("/masuk/kode"), code=dewi.phone.code())
    assert done.headers["Location"] == "/kim?lihat=persetujuan"
    assert _cookie(browser, security.SESSION) not in ("", half)
    assert accounts.signed_in(store, half) is None


def test_a_recovery_code_opens_too(browser: Browser, dewi: Person) -> None:
    page = _password(browser, "dewi")
    assert browser.landing(browser.submit(page.form("/masuk/kode"), code=dewi.codes[3].lower())).status == 200


def test_nobody_goes_on_in_a_browser_number_or_session_that_another_may_know(
    browser: Browser, store: Store, config: Config
) -> None:
    enter(store, config)
    browser.client.set_cookie(security.DEVICE, "planted-by-somebody-else")
    browser.client.set_cookie(security.SESSION, "planted-by-somebody-else")
    _password(browser, "siti")
    device, session = _cookie(browser, security.DEVICE), _cookie(browser, security.SESSION)
    assert device not in ("", "planted-by-somebody-else")
    assert session not in ("", "planted-by-somebody-else")
    with store.read() as read:
        noted = {row.reporter_hash for row in read.query(AccountDevice)}
    assert noted == {reporter_hash(config, number) for number in (device, "planted-by-somebody-else")}
    _password(browser, "siti")
    assert _cookie(browser, security.DEVICE) == device, "a browser that one knows keeps its number"


def test_a_guesser_elsewhere_does_not_lock_the_browser_that_one_uses(
    app: Flask, store: Store, config: Config
) -> None:
    enter(store, config)
    own, other = Browser(app.test_client()), Browser(app.test_client())
    _password(own, "siti")
    form = other.get("/masuk").form("/masuk")
    for _ in range(lockout.FREE_FAILURES + 3):
        assert other.submit(form, username="siti", password="salah sekali").status_code == 401
    assert other.submit(form, username="siti", password=CHOSEN).status_code == 401
    own.submit(own.get("/kim").form("/keluar"))
    assert "Siti · Verifikator" in _password(own, "siti").text


def test_changing_the_password_asks_again_who_one_is_when_that_was_long_ago(
    app: Flask, store: Store, dewi: Person
) -> None:
    assert dewi.phone is not None
    browser = Browser(app.test_client())
    page = _password(browser, "dewi")
    browser.submit(page.form("/masuk/kode"), code=dewi.phone.code())
    with time_machine.travel(now() + accounts.PROOF + timedelta(minutes=1), tick=False):
        for path in ("/kata-sandi", "/langkah-kedua"):
            asked = browser.client.get(path).headers["Location"]
            assert asked == f"/pastikan?next={path.replace('/', '%2F')}" or asked == f"/pastikan?next={path}"
        page = browser.get(asked)
        refused = Page(
            browser.submit(page.form("/pastikan"), password="salah sekali", code=dewi.phone.code())
        )
        assert refused.status == 401
        done = browser.submit(refused.form("/pastikan"), password=CHOSEN, code=dewi.phone.code())
        assert done.headers["Location"] == "/langkah-kedua"
        assert browser.get("/kata-sandi").status == 200


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/keluar", "/kim/../x", "/kim/.x"]
)
def test_the_proof_leads_nowhere_else(signed_in: Callable[[Role], Browser], target: str) -> None:
    form = signed_in("verifikator").get("/pastikan", query_string={"next": target}).form("/pastikan")
    assert form.fields["next"] == ""


def test_what_is_sent_to_set_up_late_is_not_believed(app: Flask, store: Store, dewi: Person) -> None:
    assert dewi.phone is not None
    browser = Browser(app.test_client())
    browser.submit(_password(browser, "dewi").form("/masuk/kode"), code=dewi.phone.code())
    forms = browser.get("/langkah-kedua")
    with time_machine.travel(now() + accounts.PROOF + timedelta(minutes=1), tick=False):
        response = browser.submit(forms.form("/langkah-kedua/kode"))
    assert response.headers["Location"].startswith("/pastikan")
    shown = Page(browser.submit(forms.form("/langkah-kedua/kode")))
    assert set(_codes(shown)).isdisjoint(dewi.codes)


def test_a_verifier_sets_it_up_by_choice_and_gives_it_up(signed_in: Callable[[Role], Browser]) -> None:
    browser = signed_in("verifikator")
    page = browser.get("/langkah-kedua")
    Page(browser.submit(page.form("/langkah-kedua"), code=Phone(_secret(page)).code()))
    page = browser.get("/langkah-kedua")
    assert browser.submit(page.form("/langkah-kedua/lepas")).status_code == 303
    assert browser.get("/langkah-kedua").all("svg")


def test_ones_own_sessions_are_listed_and_ended(app: Flask, store: Store, config: Config) -> None:
    enter(store, config)
    home, phone = Browser(app.test_client()), Browser(app.test_client())
    _password(home, "siti")
    _password(phone, "siti")
    page = home.get("/kim/saya")
    assert page.text.count("Peramban yang sedang Anda pakai") == 1
    assert "127.0.0.1" not in page.html
    ending = [form for form in page.forms if form.action == "/kim/saya/keluar"]
    assert len(ending) == 2, "the one on the phone, and the one of the first sign-in"
    for form in ending:
        home.submit(form)
    assert phone.client.get("/kim").status_code == 303
    assert home.get("/kim").status == 200
    left = home.submit(home.get("/kim/saya").form("/saya/keluar-semua"))
    assert "semua perangkat" in home.landing(left).text
    assert home.client.get("/kim").status_code == 303


def _admin(browser: Browser, store: Store, config: Config) -> Browser:
    person = enter(store, config, "rini", "admin")
    browser.client.set_cookie(security.SESSION, person.token)
    return browser


def _link(page: Page) -> str:
    (found,) = re.findall(r'id="tautan">http://localhost(/undangan/[\w-]+)<', page.html)
    return str(found)


def test_an_administrator_invites_somebody_who_then_works(app: Flask, store: Store, config: Config) -> None:
    rini, budi = _admin(Browser(app.test_client()), store, config), Browser(app.test_client())
    form = rini.get("/kim/akun").form("/kim/akun")
    invited = Page(rini.submit(form, username="Budi.S", name="Budi Santoso", role="verifikator"))
    link = _link(invited)
    assert link not in rini.get("/kim/akun/budi.s").html, "shown once"
    assert "belum memakai tautannya" in rini.get("/kim/akun").text
    page = budi.get(link)
    assert "Budi Santoso" in page.text
    assert page.form(link).fields["new"] == ""
    unlike = Page(budi.submit(page.form(link), new=CHOSEN, again="lain sama sekali"))
    assert (unlike.status, "tidak sama" in unlike.text) == (422, True)
    weak = Page(budi.submit(unlike.form(link), new="pendek", again="pendek"))
    assert (weak.status, "terlalu pendek" in weak.text) == (422, True)
    assert (
        "Budi Santoso · Verifikator"
        in budi.landing(budi.submit(weak.form(link), new=CHOSEN, again=CHOSEN)).text
    )
    gone = Browser(app.test_client()).get(link)
    assert (gone.status, "sudah dipakai" in gone.text) == (404, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"username": "x"}, "3 sampai 40 huruf"), ({"username": "rini"}, "sudah dipakai"),
        ({"name": " "}, "Isi nama orangnya"), ({"role": "raja"}, "Pilih perannya"),
        ({"wilayah": "Lumajang"}, "kode Kemendagri"),
    ],
)  # fmt: skip
def test_an_invitation_that_makes_no_sense_is_explained_and_kept(
    browser: Browser, store: Store, config: Config, typed: dict[str, str], said: str
) -> None:
    rini = _admin(browser, store, config)
    form = rini.get("/kim/akun").form("/kim/akun")
    page = Page(rini.submit(form, **{"username": "budi", "name": "Budi S", "role": "analis"} | typed))
    assert page.status == 422
    assert said in page.text
    assert page.form("/kim/akun").fields["username"] == typed.get("username", "budi")


def test_an_administrator_resets_changes_closes_and_opens_with_a_reason(
    app: Flask, store: Store, config: Config
) -> None:
    rini, siti = _admin(Browser(app.test_client()), store, config), Browser(app.test_client())
    enter(store, config)
    _password(siti, "siti")
    person = rini.get("/kim/akun/siti")
    unsaid = Page(rini.submit(person.form("/tutup"), reason="  "))
    assert (unsaid.status, "Tulis alasannya" in unsaid.text) == (422, True)
    assert siti.get("/kim").status == 200
    rini.submit(person.form("/peran"), role="penyetuju", wilayah="35.08.01", reason="lulus latihan")
    assert siti.client.get("/kim").status_code == 303
    link = _link(Page(rini.submit(person.form("/tautan"), reason="lupa")))
    assert siti.get(link).status == 200
    rini.submit(person.form("/tutup"), reason="pindah")
    assert siti.get(link).status == 404
    closed = rini.get("/kim/akun/siti")
    assert "ditutup" in closed.text
    link = _link(Page(rini.submit(closed.form("/buka"), reason="kembali")))
    page = siti.landing(siti.submit(siti.get(link).form(link), new=CHOSEN + "!", again=CHOSEN + "!"))
    assert "Pasang langkah kedua" in page.text, "an approver by now"


def test_an_administrator_removes_a_lost_phone(
    app: Flask, store: Store, config: Config, dewi: Person
) -> None:
    rini = _admin(Browser(app.test_client()), store, config)
    rini.submit(rini.get("/kim/akun/dewi").form("/langkah-kedua"), reason="HP hilang")
    assert not rini.get("/kim/akun/dewi").has_form("/langkah-kedua")
    assert "Pasang langkah kedua" in _password(Browser(app.test_client()), "dewi").text


def test_ones_own_account_has_no_buttons(browser: Browser, store: Store, config: Config) -> None:
    page = _admin(browser, store, config).get("/kim/akun/rini")
    assert "akun Anda sendiri" in page.text
    assert [form.action for form in page.forms] == ["/keluar"]


# ---- Too much from one place.


@pytest.fixture
def counted(config: Config, store: Store) -> Iterator[Flask]:
    """The application with its broker, behind one proxy."""
    with bundled(config, {}):
        app = create_app(replace(config, proxies=1))
        with time_machine.travel(now().replace(hour=12, minute=30, second=20), tick=False):
            yield app
        app.extensions["penjaga"].waker.close()
        app.extensions["penjaga"].limits.close()
        app.extensions["penjaga"].store.close()


def _stored(store: Store) -> int:
    with store.read() as session:
        return session.query(Submission).count()


def test_a_browser_that_sends_too_much_is_told_kindly_and_loses_nothing(counted: Flask, store: Store) -> None:
    browser = Browser(counted.test_client())
    form = browser.get("/").form("/")
    for number in range(DEVICE[0].most):
        assert browser.submit(form, text=f"Kabar nomor {number} dari grup").status_code == 303
    refused = browser.submit(form, text="Kabar terakhir dari grup", url="contoh.example/a")
    page = Page(refused)
    assert (page.status, refused.headers["Retry-After"]) == (429, "40")
    assert "belum terkirim, tetapi tidak hilang" in page.text
    assert page.form("/").fields["text"] == "Kabar terakhir dari grup"
    assert _stored(store) == DEVICE[0].most
    by_script = browser.client.post(
        "/", data=form.fields | {"text": "x y z"}, headers={"Accept": "application/json"}
    )
    assert (by_script.status_code, by_script.headers["Retry-After"]) == (429, "40")
    assert by_script.json["problem"]
    assert Browser(counted.test_client()).submit(form, text="Kabar dari HP lain").status_code == 303


def test_a_program_hears_it_as_a_problem(counted: Flask, store: Store) -> None:
    client, near = counted.test_client(), {"X-Forwarded-For": "203.0.114.7"}
    found = counted.extensions["penjaga"].limits
    for _ in range(600):
        found.submission("203.0.114.7", None)
    refused = client.post("/api/v1/submissions", json={"text": "kabar"}, headers=near)
    assert (refused.status_code, refused.json["type"]) == (429, "too-many-messages")
    assert refused.headers["Retry-After"] == "40"
    other = {"X-Forwarded-For": "203.0.114.8"}
    assert client.post("/api/v1/submissions", json={"text": "kabar"}, headers=other).status_code == 202
    # The one that stands nearest to our proxy counts, whatever was claimed before it.
    claimed = {"X-Forwarded-For": "203.0.114.9, 203.0.114.7"}
    assert client.post("/api/v1/submissions", json={"text": "kabar"}, headers=claimed).status_code == 429


def test_without_a_proxy_of_ours_nobody_claims_an_address(app: Flask) -> None:
    with app.test_client() as client:
        from flask import request  # noqa: PLC0415 - of the request just made

        client.get("/", headers={"X-Forwarded-For": "203.0.114.7"})
        assert request.remote_addr == "127.0.0.1"


def test_tries_to_sign_in_from_one_address_are_slowed_down(counted: Flask, store: Store) -> None:
    with store.write() as session:
        make_account(session)
    browser, found = Browser(counted.test_client()), counted.extensions["penjaga"].limits
    form = browser.get("/masuk").form("/masuk")
    for _ in range(100):
        found.sign_in("203.0.114.7")
    near = {"X-Forwarded-For": "203.0.114.7"}
    refused = browser.client.post(
        "/masuk", data=form.fields | {"username": "x", "password": "y"}, headers=near
    )
    assert refused.status_code == 429
    assert "banyak sekali yang mencoba masuk" in refused.text
    body = {"username": "siti", "password": "y"}
    assert browser.client.post("/api/v1/sessions", json=body, headers=near).status_code == 429


def test_the_account_itself_keeps_no_trace_of_addresses(store: Store) -> None:
    columns = {column.name for table in (Account, AccountDevice) for column in table.__table__.columns}
    assert not any("address" in name or "ip" in name.split("_") for name in columns)
