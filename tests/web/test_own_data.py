"""What is held about a message, for its sender; and what a receipt shows when the clock emptied it."""

from __future__ import annotations

import json

import time_machine
from flask import Flask

from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain
from tests.web.pages import Browser
from triage import intake, retention
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission

TEXT = "Awas, air rebusan daun pepaya menyembuhkan demam berdarah, sebarkan sebelum terlambat"
HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"


def _answered(store: Store, config: Config) -> str:
    with store.write() as session:
        number = make_fact_check(session, HEADING).id
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    new = NewSubmission(TEXT, village="35.08.01.2001", device="d1", seen="wa-group", remark="dari RT sebelah")
    receipt = intake.accept(store, config, new)
    drain(store, matching)
    return receipt


def test_a_sender_sees_and_downloads_all_that_is_held(browser: Browser, store: Store, config: Config) -> None:
    receipt = _answered(store, config)
    assert f"/status/{receipt}/data" in browser.get(f"/status/{receipt}").html
    page = browser.get(f"/status/{receipt.lower()}/data")
    shown = (TEXT, "35.08.01.2001", "dari RT sebelah", "Grup WhatsApp", "halaman web", "diterima", "dijawab")
    for held in (*shown, HEADING):
        assert held in page.text, held
    response = browser.client.get(f"/status/{receipt}/data.json")
    assert response.headers["Content-Disposition"] == f'attachment; filename="penjaga-{receipt}.json"'
    assert response.headers["Cache-Control"] == "no-store"
    held_data = json.loads(response.data)
    assert held_data["text"] == TEXT
    assert (held_data["seen"], held_data["remark"]) == ("wa-group", "dari RT sebelah")
    assert held_data["counted_by_browser"] is True
    assert [one["name"] for one in held_data["events"]] == ["receive", "assess", "answer"]
    assert [one["headline"] for one in held_data["answers"]] == [HEADING]
    assert browser.client.get(f"/api/v1/submissions/{receipt}/data").json == held_data


def test_who_has_no_receipt_gets_nothing(browser: Browser, store: Store, config: Config) -> None:
    _answered(store, config)
    for path in ("/status/0000-0000-0000-0000/data", "/status/x/data.json", "/api/v1/submissions/x/data"):
        response = browser.client.get(path)
        assert response.status_code == 404
        assert TEXT not in response.get_data(as_text=True)


def test_of_an_emptied_message_the_answer_is_left(
    app: Flask, browser: Browser, store: Store, config: Config
) -> None:
    receipt = _answered(store, config)
    with time_machine.travel(now() + config.retention * 1.1, tick=False):
        assert retention.expire(store, config) == 1
    page = browser.get(f"/status/{receipt}")
    assert "Sudah lewat 90 hari sejak terakhir dijawab" in page.text
    assert HEADING in page.text
    assert TEXT not in page.text
    assert "isinya dihapus karena batas waktu simpan (Penjaga)" in browser.get(f"/status/{receipt}/data").text
    erase = browser.get(f"/status/{receipt}/hapus")
    assert "kata-katanya sekarang ikut dihapus" in erase.text
    after = browser.landing(browser.submit(erase.form("/hapus")))
    assert HEADING in after.text
    about = browser.get("/tentang-data").text
    assert "sampai 90 hari sesudah terakhir dijawab" in about
