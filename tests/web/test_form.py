"""The reporter's form: one tap sends once, nothing typed is lost, hostile text stays text."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.away import take_away
from tests.scripted import ScriptedMatching, drain
from tests.web.pages import Browser, Page
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.regions import villages
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
    assert len(page.all("script")) == 1
    assert [image["src"] for image in page.all("img") if "mark" not in image["src"]] == []
    refused = Page(browser.submit(browser.get("/").form("/"), text=text, village="x"))
    assert refused.form("/").fields["text"] == text


def test_a_full_store_keeps_what_was_typed(browser: Browser, store: Store) -> None:
    form = browser.get("/").form("/")
    take_away(store, "submission")
    page = Page(browser.submit(form, text=TEXT))
    assert page.status == 503
    assert "tidak ada yang tersimpan" in page.text
    assert page.form("/").fields["text"] == TEXT


def test_every_village_can_be_chosen_and_the_page_stays_light(browser: Browser, config: Config) -> None:
    page = browser.get("/")
    offered = {option["value"] for option in page.all("option")}
    assert offered >= {str(village) for village in villages(config.wilayah)}
    assert len(villages(config.wilayah)) == 205
    assert page.weight < 30_000


@pytest.mark.parametrize(
    "typed", ["Tegalrejo, Tempursari", "tegalrej", "desa tegalrejo", "Tegal Rejo", VILLAGE]
)
def test_a_village_is_found_by_a_few_letters(browser: Browser, store: Store, typed: str) -> None:
    assert browser.submit(browser.get("/").form("/"), text=TEXT, village=typed).status_code == 303
    assert _stored(store).village == VILLAGE


def test_letters_of_several_villages_are_asked_about(browser: Browser, store: Store) -> None:
    page = Page(
        browser.submit(browser.get("/").form("/"), text=TEXT, village="tempeh", remark="dari tetangga")
    )
    assert page.status == 422
    assert "Ada beberapa desa yang mirip" in page.text
    form = page.form("/")
    assert "" in form.choices["village"]
    assert len(form.choices["village"]) == 14
    assert (form.fields["text"], form.fields["remark"]) == (TEXT, "dari tetangga")
    wanted = next(code for code in form.choices["village"] if code)
    assert browser.submit(form, village=wanted).status_code == 303
    with store.read() as session:
        assert session.scalars(select(Submission.village).order_by(Submission.id.desc())).first() == wanted


def test_the_village_is_remembered_by_the_device_alone(app: Flask, browser: Browser) -> None:
    assert browser.get("/").form("/").fields["village"] == ""
    browser.submit(browser.get("/").form("/"), text=TEXT, village="tegalrejo")
    page = browser.get("/")
    assert page.form("/").fields["village"] == "Tegalrejo, Tempursari"
    assert "Desa: Tegalrejo, Tempursari" in page.text
    assert Browser(app.test_client()).get("/").form("/").fields["village"] == ""
    browser.submit(page.form("/"), text=f"{TEXT} lagi", village="")
    assert browser.get("/").form("/").fields["village"] == ""


def test_where_it_was_seen_and_a_remark_reach_who_checks_it(
    browser: Browser, store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    browser.submit(
        browser.get("/").form("/"),
        text=TEXT,
        seen="wa-group",
        remark="Yang kirim mengaku petugas, 081234567890",
    )
    drain(store, ScriptedMatching())
    page = signed_in("verifikator").get("/kim/kelompok/1")
    assert "Grup WhatsApp: Yang kirim mengaku petugas" in page.text
    assert "081234567890" not in page.html


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [({"remark": "x" * 501}, 413, "Catatannya terlalu panjang"), ({"seen": "<b>"}, 422, "")],
)
def test_what_cannot_be_kept_of_an_addition_is_refused(
    browser: Browser, store: Store, typed: dict[str, str], status: int, said: str
) -> None:
    page = Page(browser.submit(browser.get("/").form("/"), text=TEXT, **typed))
    assert page.status == status
    assert said in page.text
    assert page.form("/").fields["text"] == TEXT
    assert _count(store) == 0


def test_sending_again_with_another_remark_is_another_message(browser: Browser, store: Store) -> None:
    form = browser.get("/").form("/")
    for remark in ("", "dari tetangga", "dari tetangga"):
        browser.submit(form, text=TEXT, remark=remark)
    assert _count(store) == 2


def test_a_script_is_told_where_the_receipt_is_or_what_is_wrong(browser: Browser, store: Store) -> None:
    headers = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    fields = browser.get("/").form("/").fields
    sent = [browser.client.post("/", data=fields | {"text": TEXT}, headers=headers) for _ in range(2)]
    assert [one.status_code for one in sent] == [200, 200]
    assert sent[0].get_json() == sent[1].get_json()
    assert "Pesan Anda sudah kami terima" in browser.get(sent[0].get_json()["page"]).text
    refused = browser.client.post("/", data=fields | {"text": " "}, headers=headers)
    assert (refused.status_code, set(refused.get_json())) == (422, {"problem"})
    assert "masih kosong" in refused.get_json()["problem"]
    assert _count(store) == 1


def test_what_another_app_shares_is_only_put_into_the_form(browser: Browser, store: Store) -> None:
    shared = {"title": TEXT, "text": TEXT, "url": "https://contoh.example/x"}
    page = Page(browser.client.post("/bagikan", data=shared, headers={"Sec-Fetch-Site": "none"}))
    assert page.form("/").fields["text"] == f"{TEXT}\nhttps://contoh.example/x"
    assert _count(store) == 0
