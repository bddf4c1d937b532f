"""The page of alerts in Chromium: WCAG 2.2 AA at both widths, light and dark, in each of its states."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_account
from triage import outbox
from triage.alerts import subscriptions
from triage.config import Config
from triage.db import Store
from triage.mail_settings import MailServer
from triage.outbox import Job
from triage.permissions import Actor, Role
from triage.tables import Outbox


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits(
    app: Flask,
    visit: Callable[..., Visitor],
    sign_in: Callable[[Visitor, Role], Actor],
    store: Store,
    config: Config,
    width: int,
    scheme: str,
) -> None:
    visitor = visit(width=width, scheme=scheme)
    rini = sign_in(visitor, "admin")
    page, found = visitor.page(), {}

    def look(name: str) -> None:
        pictures = os.environ.get("PENJAGA_PICTURES")
        if pictures:
            page.screenshot(path=Path(pictures) / f"kabar-{name}-{width}-{scheme}.png", full_page=True)
        found[name] = [*chromium.violations(page), *(["too wide"] if chromium.overflow(page) > 0 else [])]

    page.goto("/kim/kabar")
    look("without")
    mail = MailServer("mail.contoh.go.id", 587, "starttls", "", "", "penjaga@contoh.go.id")
    mailing = replace(config, mail=mail)
    app.extensions["penjaga"] = replace(app.extensions["penjaga"], config=mailing)
    page.goto("/kim/kabar")
    look("new")
    page.get_by_label("Alamat surel").fill("rini.kusumawardhani.sekretariat@diskominfo.lumajangkab.go.id")
    page.get_by_role("button", name="Simpan").click()
    with store.write() as session:
        siti = make_account(session, "penyetuju")
    subscriptions.choose(store, mailing, siti, "siti@contoh.go.id", 0, 0, active=False)
    subscriptions.ask_trial(store, rini)
    with store.read() as session:
        row = session.query(Outbox).filter_by(task="trial").one()
    outbox.park(store, Job(row.id, "trial", row.ref), "The mail server refused the recipient (550 5.1.1).")
    page.goto("/kim/kabar")
    page.locator("summary").click()
    look("full")
    page.get_by_label("Alamat surel").evaluate("one => { one.form.noValidate = true; one.value = 'rini' }")
    page.get_by_role("button", name="Simpan").click()
    look("wrong")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    heights = page.locator("main button:visible, main summary:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(heights) >= 4
    assert min(heights) >= 44
