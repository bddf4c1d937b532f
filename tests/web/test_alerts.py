"""The page of alerts: one's own address and quiet time, a trial, and who receives for an administrator."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import structlog
from flask import Flask
from sqlalchemy import select, text

from tests.domain.test_alerts import go, rise, work
from tests.factories import make_account, make_session
from tests.mailbox import HOST, Mailbox, mailbox
from tests.web.pages import Browser, Page
from triage import logs
from triage.alerts import subscriptions
from triage.config import Config
from triage.db import Store
from triage.mail_settings import MailServer
from triage.permissions import Actor, Role
from triage.tables import AlertSubscription, Base, Event
from triage.web import security

ADDRESS = "kenari.wati@contoh.go.id"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as served:
        yield served


@pytest.fixture
def config(config: Config, box: Mailbox) -> Config:
    """The installation, with a mail server."""
    server = MailServer(HOST, box.port, "none", "", "", "penjaga@contoh.go.id")
    return replace(config, mail=server, site="https://penjaga.contoh.go.id")


def _enter(app: Flask, store: Store, role: Role) -> tuple[Actor, Browser]:
    with store.write() as session:
        actor = make_account(session, role)
        token = make_session(session, actor)
    client = app.test_client()
    client.set_cookie(security.SESSION, token)
    return actor, Browser(client)


def _wanted(page: Page) -> bool:
    return any(one.get("name") == "active" and "checked" in one for one in page.all("input"))


def test_an_address_is_kept_changed_and_forgotten(app: Flask, store: Store) -> None:
    ani, browser = _enter(app, store, "analis")
    page = browser.get("/kim/kabar")
    form = page.form("/kim/kabar")
    assert (form.fields["quiet_from"], form.fields["quiet_to"], _wanted(page)) == ("21", "5", True)
    assert not page.has_form("/percobaan")
    saved = browser.landing(browser.submit(form, address=f" {ADDRESS} ", quiet_from="22", quiet_to="6"))
    again = saved.form("/kim/kabar").fields
    assert (again["address"], again["quiet_from"], again["quiet_to"]) == (ADDRESS, "22", "6")
    assert "menyala" in saved.text
    off = {name: value for name, value in again.items() if name != "active"}
    page = browser.landing(browser.client.post("/kim/kabar", data=off))
    assert "mati" in page.text
    assert not _wanted(page)
    gone = browser.landing(browser.submit(page.form("/hapus")))
    assert "Alamat surel dihapus." in gone.text
    with store.read() as session:
        assert session.scalars(select(AlertSubscription)).all() == []
        events = session.scalars(select(Event).where(Event.subject == "account").order_by(Event.seq)).all()
        assert [(row.name, row.subject_id, row.data) for row in events] == [
            ("choose-alerts", ani.account_id, {"active": True, "quiet": [22, 6]}),
            ("choose-alerts", ani.account_id, {"active": False, "quiet": [22, 6]}),
            ("forget-alerts", ani.account_id, {}),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": "ani"}, "Alamat surelnya belum benar"),
        ({"address": f"{ADDRESS}\r\nBcc: lain@contoh.go.id"}, "Alamat surelnya belum benar"),
        ({"address": ADDRESS, "quiet_from": "24"}, "Pilih jam"),
        ({"address": ADDRESS, "quiet_to": "-1"}, "Pilih jam"),
        ({"address": ADDRESS, "quiet_to": "\u0665"}, "Pilih jam"),
        ({"address": ADDRESS, "quiet_to": ""}, "Pilih jam"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, store: Store, typed: dict[str, str], said: str
) -> None:
    _, browser = _enter(app, store, "analis")
    sent = browser.get("/kim/kabar").form("/kim/kabar").fields | typed
    del sent["active"]
    page = Page(browser.client.post("/kim/kabar", data=sent))
    assert (page.status, said in page.text) == (422, True)
    shown = page.form("/kim/kabar").fields
    assert shown["address"].startswith(typed["address"].partition("\r")[0])
    assert not _wanted(page)
    with store.read() as session:
        assert session.scalars(select(AlertSubscription)).all() == []


def test_a_trial_goes_out_and_what_failed_is_said(
    app: Flask, store: Store, config: Config, box: Mailbox
) -> None:
    _, browser = _enter(app, store, "penyetuju")
    page = browser.landing(browser.submit(browser.get("/kim/kabar").form("/kim/kabar"), address=ADDRESS))
    box.recipient = {ADDRESS: f"550 5.1.1 <{ADDRESS}> unknown"}
    page = browser.landing(browser.submit(page.form("/percobaan")))
    assert "Surat percobaan sedang dikirim. Periksa juga kotak spam." in page.text
    soon = Page(browser.submit(page.form("/percobaan")))
    assert (soon.status, "Tunggu lima menit" in soon.text) == (422, True)
    work(store, config, "trial")
    failed = browser.get("/kim/kabar").text
    assert "Surat terakhir belum terkirim. Sebabnya: The mail server refused the recipient (550" in failed
    parked = _enter(app, store, "admin")[1].get("/kim/tertunda")
    assert "Mengirim satu surat percobaan" in parked.text
    assert ADDRESS not in parked.html


def test_an_administrator_sees_who_receives_and_can_end_it(app: Flask, store: Store, config: Config) -> None:
    ani, browser = _enter(app, store, "analis")
    browser.submit(browser.get("/kim/kabar").form("/kim/kabar"), address=ADDRESS)
    _, admin = _enter(app, store, "admin")
    page = admin.get("/kim/kabar")
    assert ani.display_name in page.text
    assert "k•••@contoh.go.id" in page.text
    assert "kenari" not in page.html
    assert "Siapa yang dikirimi" not in browser.get("/kim/kabar").text
    stopped = admin.landing(admin.submit(page.form(f"/{ani.account_id}/matikan")))
    assert "Dimatikan." in stopped.text
    assert not stopped.has_form("/matikan")
    assert "mati" in browser.get("/kim/kabar").text
    with store.read() as session:
        own = subscriptions.own(session, config, ani)
        assert own is not None
        assert not own.active
        last = session.scalars(select(Event).order_by(Event.seq.desc())).first()
        assert last is not None
        assert (last.name, last.subject_id) == ("stop-alerts", ani.account_id)
    assert admin.client.post("/kim/kabar/9999/matikan", data=_token(admin)).status_code == 404


def _token(browser: Browser) -> dict[str, str]:
    return {"csrf_token": browser.get("/kim").form("/keluar").fields["csrf_token"]}


def test_the_page_says_that_nothing_can_be_sent(
    app: Flask, store: Store, config: Config, signed_in: Callable[[Role], Browser]
) -> None:
    app.extensions["penjaga"] = replace(app.extensions["penjaga"], config=replace(config, mail=None))
    page = signed_in("analis").get("/kim/kabar")
    assert "server surat belum diatur" in page.text
    assert not page.has_form("/kim/kabar")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the logs hold, configured as for a service."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure()
    # The server of the test, in the same process, logs whom it hears of.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    yield stream
    root.handlers, root.level = before, level
    structlog.configure(**configured)


def test_an_address_stands_in_no_table_event_or_log(
    app: Flask, store: Store, config: Config, box: Mailbox, logged: io.StringIO
) -> None:
    _, browser = _enter(app, store, "analis")
    page = browser.landing(browser.submit(browser.get("/kim/kabar").form("/kim/kabar"), address=ADDRESS))
    browser.submit(page.form("/percobaan"))
    box.letter = f"451 4.3.0 <{ADDRESS}> wait"
    work(store, config, "trial")
    box.letter = f"554 5.7.1 <{ADDRESS}> refused"
    rise(store, config)
    go(store, config)
    with store.read() as session:
        everything = "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f"SELECT * FROM {table.name}"))
        )
    assert "refused the letter (554 5.7.1)" in everything
    for held in (everything, logged.getvalue()):
        assert "kenari.wati" not in held
    box.letter = "250 OK"
    rise(store, config, "Kabar yang lain")
    go(store, config)
    assert "alert_sent" in logged.getvalue()
    assert "kenari.wati" not in logged.getvalue()
