"""The reporter's form: one tap sends once, nothing typed is lost, hostile text stays text."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.web.pages import Browser, Page
from triage.config import Config
from triage.db import Store
from triage.tables import Outbox, Submission

TEXT = "Katanya bantuan tunai dibagikan malam ini di balai desa"
VILLAGE = "35.08.01.2001"


def _count(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(Submission)) or 0


def _stored(store: Store) -> Submission:
    with store.read() as session:
        submission = session.scalars(select(Submission)).one()
        session.expunge(submission)
        return submission


def test_a_message_gets_a_receipt_and_a_page(browser: Browser, store: Store) -> None:
    response = browser.submit(browser.get("/").form("/"), text=TEXT, village=VILLAGE)
    page = browser.landing(response)
    receipt = response.headers["Location"].rsplit("/", 1)[1]
    assert receipt in page.text
    assert "Pesan Anda sudah kami terima" in page.text
    assert TEXT in page.text
    stored = _stored(store)
    assert (stored.text, stored.village, stored.channel) == (TEXT, VILLAGE, "web")
    with store.read() as session:
        assert session.scalars(select(Outbox.task)).all() == ["assess"]


def test_two_taps_send_once(browser: Browser, store: Store) -> None:
    form = browser.get("/").form("/")
    first, second = browser.submit(form, text=TEXT), browser.submit(form, text=TEXT)
    assert first.headers["Location"] == second.headers["Location"]
    assert _count(store) == 1


def test_going_back_and_changing_the_text_is_a_new_message(browser: Browser, store: Store) -> None:
    form = browser.get("/").form("/")
    first, second = browser.submit(form, text=TEXT), browser.submit(form, text=TEXT + " pukul 7")
    assert first.headers["Location"] != second.headers["Location"]
    assert _count(store) == 2


def test_the_same_text_from_a_fresh_form_is_another_submission(browser: Browser, store: Store) -> None:
    for _ in range(2):
        browser.submit(browser.get("/").form("/"), text=TEXT)
    assert _count(store) == 2


def test_one_browser_counts_as_one_reporter(app: Flask, store: Store) -> None:
    for sender in (Browser(app.test_client()), Browser(app.test_client())):
        for number in range(2):
            sender.submit(sender.get("/").form("/"), text=f"{TEXT} {number}")
    with store.read() as session:
        hashes = session.scalars(select(Submission.reporter_hash)).all()
    assert None not in hashes
    assert len(hashes) == 4
    assert len(set(hashes)) == 2


def test_a_browser_without_cookies_can_send_and_is_not_counted_as_somebody_new(
    app: Flask, store: Store
) -> None:
    sender = Browser(app.test_client(use_cookies=False))
    assert sender.submit(sender.get("/").form("/"), text=TEXT).status_code == 303
    assert _stored(store).reporter_hash is None


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"text": "   "}, 422, "masih kosong"),
        ({"text": "kabar " * 2_000}, 413, "terlalu panjang"),
        ({"text": TEXT, "url": "bukan tautan"}, 422, "Tautannya belum benar"),
        ({"text": TEXT, "url": "javascript:alert(1)"}, 422, "Tautannya belum benar"),
        ({"text": TEXT, "village": "35.09.01.2001"}, 422, "tidak ada di daftar"),
    ],
)
def test_what_was_typed_stays_when_something_is_missing(
    browser: Browser, store: Store, typed: dict[str, str], status: int, said: str
) -> None:
    response = browser.submit(browser.get("/").form("/"), **typed)
    page = Page(response)
    assert page.status == status
    assert said in page.text
    again = page.form("/").fields
    assert again["text"] == typed["text"]
    assert again["url"] == typed.get("url", "")
    assert _count(store) == 0


def test_a_picture_is_refused_clearly_and_the_text_stays(app: Flask, store: Store) -> None:
    browser = Browser(app.test_client())
    form = browser.get("/").form("/")
    fields = {**form.fields, "text": TEXT, "image": (BytesIO(b"\x89PNG"), "tangkapan.png")}
    page = Page(browser.client.post("/", data=fields, content_type="multipart/form-data"))
    assert page.status == 422
    assert "Gambar dan berkas belum dapat diterima" in page.text
    assert page.form("/").fields["text"] == TEXT
    assert _count(store) == 0


def test_ten_thousand_characters_with_line_ends_are_not_too_long(browser: Browser, store: Store) -> None:
    text = ("kabar ini\n" * 1_000)[:9_999].strip()
    response = browser.submit(browser.get("/").form("/"), text=text.replace("\n", "\r\n"))
    assert response.status_code == 303
    assert _stored(store).text == text


def test_a_request_of_a_megabyte_is_refused_with_a_page(browser: Browser, store: Store) -> None:
    page = Page(browser.submit(browser.get("/").form("/"), text="x" * 1_000_000))
    assert page.status == 413
    assert "terlalu panjang" in page.text
    assert _count(store) == 0


def test_a_link_without_its_scheme_is_understood(browser: Browser, store: Store) -> None:
    browser.submit(browser.get("/").form("/"), text="", url="bit.ly/bantuan")
    assert _stored(store).url == "https://bit.ly/bantuan"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> <img src=x onerror=alert(1)> </textarea></blockquote>",
        "\"'><svg onload=alert(1)> {{ 7 * 7 }} {% raw %}",
        "kabar \u202eterbalik\u202c dan \u200btersembunyi",
        "😀" * 9_000 + " kabar bantuan",
    ],
)
def test_hostile_text_is_shown_as_text(browser: Browser, text: str) -> None:
    page = browser.landing(browser.submit(browser.get("/").form("/"), text=text))
    assert page.all("svg") == []
    assert page.all("script") == []
    assert [image["src"] for image in page.all("img") if "mark" not in image["src"]] == []
    refused = Page(browser.submit(browser.get("/").form("/"), text=text, village="x"))
    assert refused.form("/").fields["text"] == text


def test_a_full_store_keeps_what_was_typed(browser: Browser, store: Store) -> None:
    form = browser.get("/").form("/")
    with store.write() as session:
        session.execute(text("ALTER TABLE submission RENAME TO submission_away"))
    page = Page(browser.submit(form, text=TEXT))
    assert page.status == 503
    assert "tidak ada yang tersimpan" in page.text
    assert page.form("/").fields["text"] == TEXT


def test_every_village_can_be_chosen_and_the_page_stays_light(browser: Browser, config: Config) -> None:
    page = browser.get("/")
    assert len(page.form("/").choices["village"]) == 1 + 205
    assert page.weight < 30_000
