"""What a receipt shows, in each state of a message."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import make_account, make_fact_check, make_group
from tests.scripted import ScriptedMatching, drain, send, tell
from tests.web.pages import Browser, Page
from triage import review
from triage.archive import entries
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.review import Draft
from triage.tables import FactCheck, Submission

TEXT = "Katanya gunung akan meletus besar nanti malam, semua diminta mengungsi"


def _known(store: Store, **fields: object) -> int:
    with store.write() as session:
        return make_fact_check(session, **fields).id  # type: ignore[arg-type]


def test_just_received_it_looks_again_by_itself_for_a_while(
    browser: Browser, store: Store, config: Config
) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        receipt = send(store, config, TEXT)
        response = browser.client.get(f"/status/{receipt}")
        assert response.headers["Refresh"] == "1"
        assert "Pesan Anda sudah kami terima" in Page(response).text
        clock.shift(timedelta(seconds=31))
        assert "Refresh" not in browser.client.get(f"/status/{receipt}").headers


def test_an_unknown_claim_waits_for_people(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, TEXT)
    drain(store, ScriptedMatching())
    page = browser.get(f"/status/{receipt}")
    assert "Menunggu diperiksa petugas" in page.text
    assert "Sedang diperiksa" not in page.text
    assert "24 jam" in page.text
    assert receipt in page.text


def test_a_known_claim_shows_verdict_explanation_and_sources(
    browser: Browser, store: Store, config: Config
) -> None:
    number = _known(
        store, title="Gunung meletus besar nanti malam", explanation="Tidak ada yang tahu jamnya.",
        what_to_do="Ikuti petugas.", ask="BPBD", evidence=[{"label": "Pos pantau", "url": "https://pos.example/"}],
    )  # fmt: skip
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    page = browser.get(f"/status/{receipt}")
    for said in (
        "Hoaks", "Isinya tidak benar.", "Gunung meletus besar nanti malam", "Tidak ada yang tahu jamnya.",
        "Ikuti petugas.", "BPBD", "Diperiksa oleh Contoh, 2 Januari 2026",
    ):  # fmt: skip
        assert said in page.text
    links = [link["href"] for link in page.all("a")]
    assert "https://pos.example/" in links
    assert f"/fakta/{number}" in links


def test_an_answer_that_was_withdrawn_is_owned_up_to(browser: Browser, store: Store, config: Config) -> None:
    number = _known(store, title="Gunung meletus besar nanti malam")
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    with store.write() as session:
        siti = make_account(session)
    review.withdraw(store, siti, 1)
    tell(store)
    page = browser.get(f"/status/{receipt}")
    assert "Menunggu diperiksa petugas" in page.text
    assert "bukan untuk pesan ini, jadi kami tarik" in page.text
    assert "Gunung meletus besar" not in page.text
    fresh = send(store, config, TEXT)
    drain(store, matching)
    assert "kami tarik" not in browser.get(f"/status/{fresh}").text


def test_an_entry_without_a_verdict_of_ours_is_not_called_a_hoax(
    browser: Browser, store: Store, config: Config
) -> None:
    number = _known(store, verdict="")
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    page = browser.get(f"/status/{receipt}")
    assert "Sudah pernah diperiksa" in page.text
    assert "Hoaks" not in page.text


@pytest.mark.parametrize("verdict", ["bukan-klaim", "tidak-dapat-diperiksa"])
def test_an_answer_for_its_senders_alone_has_no_page_to_share(
    browser: Browser, store: Store, config: Config, verdict: str
) -> None:
    receipt = send(store, config, TEXT)
    drain(store, ScriptedMatching())
    with store.write() as session:
        verifier, approver = make_account(session), make_account(session, "penyetuju")
    draft = Draft(verdict, TEXT, "Obrolan biasa", "Bukan kabar yang dapat dinilai.", "", (), "other")
    review.approve(store, approver, review.decide(store, verifier, 1, draft))
    tell(store, config.wilayah)
    page = browser.get(f"/status/{receipt}")
    assert "Obrolan biasa" in page.text
    assert "Halaman untuk dibagikan" not in page.text
    assert not [link for link in page.all("a") if link["href"].startswith("/fakta/")]


def test_a_message_too_thin_is_asked_back(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, "gmn ini")
    drain(store, ScriptedMatching())
    page = browser.get(f"/status/{receipt}")
    assert "belum dapat diperiksa" in page.text
    assert "Kirim yang lebih lengkap" in page.text


def test_an_erased_message_says_so_and_shows_nothing(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, TEXT)
    with store.write() as session:
        submission = session.scalars(select(Submission)).one()
        submission.state, submission.text = "erased", ""
    page = browser.get(f"/status/{receipt}")
    assert "Pesan ini sudah dihapus" in page.text
    assert page.all("blockquote") == []


def test_a_receipt_is_read_however_it_is_typed(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, TEXT)
    for typed in (receipt, receipt.lower(), receipt.replace("-", " "), f"  {receipt.replace('-', '')} "):
        response = browser.submit(browser.get("/status").form("/status"), receipt=typed)
        assert response.headers["Location"] == f"/status/{receipt}"


@pytest.mark.parametrize("typed", ["", "abc", "0000-0000-0000-0000", "<b>x</b>", "😀" * 50, "U" * 16])
def test_an_unknown_receipt_is_said_kindly_and_kept(browser: Browser, typed: str) -> None:
    response = browser.submit(browser.get("/status").form("/status"), receipt=typed)
    page = browser.landing(response) if response.status_code == 303 else Page(response)
    assert page.status == 404
    assert "belum kami kenal" in page.text
    assert page.form("/status").fields["receipt"] == typed[:40]


def test_a_claim_that_others_sent_too_says_how_many(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, TEXT)
    with store.write() as session:
        submission = session.scalars(select(Submission)).one()
        submission.group_id = make_group(session, reporters=4, submissions=4).id
    assert "3 orang lain mengirim pesan yang sama" in browser.get(f"/status/{receipt}").text


def test_a_corrected_fact_check_shows_as_it_stands_now(
    browser: Browser, store: Store, config: Config
) -> None:
    number = _known(store)
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    with store.write() as session:
        found = entries.current(session, number)
        row = session.execute(entries.statement().where(FactCheck.id == found.id)).one()
        row.FactCheckVersion.explanation = "Penjelasan yang sudah diperbaiki."
    assert "Penjelasan yang sudah diperbaiki." in browser.get(f"/status/{receipt}").text


def test_it_is_said_to_be_checked_only_while_somebody_does(
    browser: Browser, store: Store, config: Config
) -> None:
    receipt = send(store, config, TEXT)
    drain(store, ScriptedMatching())
    with store.write() as session:
        verifier = make_account(session)
    review.lease(store, verifier, 1)
    assert "Sedang diperiksa petugas" in browser.get(f"/status/{receipt}").text
    review.release(store, verifier, 1)
    assert "Menunggu diperiksa petugas" in browser.get(f"/status/{receipt}").text


def test_an_erased_message_that_was_asked_back_is_first_of_all_erased(
    browser: Browser, store: Store, config: Config
) -> None:
    receipt = send(store, config, "gmn ini")
    drain(store, ScriptedMatching())
    with store.write() as session:
        session.scalars(select(Submission)).one().state = "erased"
    page = browser.get(f"/status/{receipt}")
    assert "Pesan ini sudah dihapus" in page.text
    assert "Kirim yang lebih lengkap" not in page.text
    assert len(page.all("h1")) == 1


def test_an_answer_from_the_starter_archive_names_no_checker(
    browser: Browser, store: Store, config: Config
) -> None:
    number = _known(store, origin="starter")
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    page = browser.get(f"/status/{receipt}")
    assert "Tanggal pemeriksaannya tidak tercatat." in page.text
    assert "Diperiksa oleh" not in page.text
    answer = browser.client.get(f"/api/v1/submissions/{receipt}").get_json()["answer"]
    assert (answer["checked_by"], answer["checked_at"]) == ("", None)
    assert "Tanggal pemeriksaannya tidak tercatat." in answer["note"]


def _answered(browser: Browser, store: Store, config: Config) -> str:
    number = _known(
        store, title="Gunung meletus besar nanti malam", explanation="Tidak ada yang tahu jamnya."
    )
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    return receipt


def test_an_answer_can_be_passed_on(browser: Browser, store: Store, config: Config) -> None:
    page = browser.get(f"/status/{_answered(browser, store, config)}")
    links = {link["href"].split("?")[0]: link["href"] for link in page.all("a")}
    whatsapp = parse_qs(urlsplit(links["https://wa.me/"]).query)["text"][0]
    assert whatsapp.startswith("✕ *HOAKS*: Gunung meletus besar nanti malam\n")
    assert whatsapp.endswith("http://localhost/fakta/1")
    sms = parse_qs(urlsplit(links["sms:"]).query)["body"][0]
    assert (
        sms == "HOAKS: Gunung meletus besar nanti malam. Tidak ada yang tahu jamnya. http://localhost/fakta/1"
    )
    assert sms in page.text
    # Phones take a plus for a plus.
    assert not any("+" in links[start] for start in ("https://wa.me/", "sms:"))


def test_a_receipt_is_kept_as_a_file(browser: Browser, store: Store, config: Config) -> None:
    receipt = send(store, config, TEXT)
    response = browser.client.get(f"/status/{receipt.lower()}/simpan")
    assert response.headers["Content-Disposition"] == f'attachment; filename="penjaga-{receipt}.txt"'
    assert response.mimetype == "text/plain"
    text = response.get_data(as_text=True)
    assert receipt in text
    assert f"http://localhost/status/{receipt}" in text
    assert TEXT not in text
    assert browser.get("/status/0000-0000-0000-0000/simpan").status == 404


def test_a_sender_says_that_the_answer_is_about_something_else(
    browser: Browser, store: Store, config: Config
) -> None:
    receipt = _answered(browser, store, config)
    form = browser.get(f"/status/{receipt}").form("/bukan")
    page = browser.landing(browser.submit(form))
    assert "Sekarang petugas sendiri yang memeriksanya" in page.text
    assert "Gunung meletus" not in page.text
    assert not page.has_form("/bukan")
    browser.landing(browser.submit(form))


def test_how_long_it_takes_is_said_only_where_it_is_known(
    browser: Browser, store: Store, config: Config
) -> None:
    receipt = send(store, config, TEXT)
    drain(store, ScriptedMatching())
    assert "Belum cukup kabar yang kami jawab" in browser.get(f"/status/{receipt}").text
    with store.write() as session:
        for _ in range(8):
            make_group(session, "answered", first_seen=now() - timedelta(hours=6), answered_at=now())
    assert "separuh kabar baru terjawab dalam 6 jam" in browser.get(f"/status/{receipt}").text


def test_what_lacks_something_is_completed_on_the_spot(
    browser: Browser, store: Store, config: Config
) -> None:
    receipt = send(store, config, "gmn ini")
    drain(store, ScriptedMatching())
    form = browser.get(f"/status/{receipt}").form("/")
    assert form.fields["text"] == "gmn ini"
    page = browser.landing(browser.submit(form, text=f"gmn ini, {TEXT}"))
    assert "Pesan Anda sudah kami terima" in page.text


def test_a_message_is_erased_after_asking_once_more(browser: Browser, store: Store, config: Config) -> None:
    receipt = _answered(browser, store, config)
    asked = browser.get(f"/status/{receipt}/hapus")
    assert "tidak dapat dibatalkan" in asked.text
    assert TEXT in asked.text
    page = browser.landing(browser.submit(asked.form("/hapus")))
    assert "Pesan ini sudah dihapus" in page.text
    assert TEXT not in page.text
    assert "Gunung meletus besar nanti malam" in page.text
    assert browser.client.get(f"/status/{receipt}/hapus").status_code == 303
    for where in ("/tentang-data", "/"):
        assert "Dengan nomor tanda terima Anda dapat menghapusnya kapan saja." in browser.get(where).text
