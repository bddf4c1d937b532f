"""A reporter's way from the message to its receipt, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from triage.config import Config
from triage.db import Store
from triage.tables import Submission

TEXT = "Katanya bantuan tunai dibagikan malam ini di balai desa"


def test_a_message_is_sent_and_gets_a_receipt(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Pesan yang Anda terima").fill(TEXT)
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    assert page.url.rsplit("/", 1)[1] in page.inner_text("main")


def test_on_a_slow_link_a_message_is_sent_within_twenty_seconds(visit: Callable[..., Visitor]) -> None:
    page = visit(width=chromium.PHONE).page()
    chromium.network(page, chromium.SLOW)
    weight = chromium.Weight(page)
    began = page.evaluate("Date.now()")
    page.goto("/")
    loaded = weight.bytes
    page.get_by_label("Pesan yang Anda terima").fill(TEXT)
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    # The one time that is promised to people, on the one link whose speed is given.
    assert page.evaluate("Date.now()") - began < 20_000
    assert 5_000 < loaded <= 100_000


def test_nothing_is_sent_while_typing(visit: Callable[..., Visitor], store: Store) -> None:
    page = visit().open("/")
    asked: list[str] = []
    # The icon of the tab comes when it likes.
    page.on("request", lambda request: asked.append(request.url) if "mark.svg" not in request.url else None)
    page.get_by_label("Pesan yang Anda terima").press_sequentially("kabar bantuan malam ini")
    page.get_by_text("Tambah keterangan").click()
    page.get_by_label("Desa tempat pesan ini beredar").press_sequentially("sumberwu")
    page.get_by_label("Catatan untuk pemeriksa").press_sequentially("dari tetangga")
    assert asked == []
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    assert asked
    with store.read() as session:
        assert session.scalars(select(Submission.village)).one() == "35.08.03.2005"


def test_a_village_of_several_is_chosen_and_remembered(page: Page, store: Store) -> None:
    page.goto("/")
    page.get_by_label("Pesan yang Anda terima").fill(TEXT)
    page.get_by_text("Tambah keterangan").click()
    page.get_by_label("Desa tempat pesan ini beredar").fill("jatisari")
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    page.locator("select#village").select_option("Jatisari, Tempeh")
    assert page.get_by_label("Pesan yang Anda terima").input_value() == TEXT
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    # In a tab of its own: the page of the receipt loads itself anew.
    again = page.context.new_page()
    again.goto("/")
    expect(again.get_by_text("Desa: Jatisari, Tempeh")).to_be_visible()


def _answered(store: Store, config: Config) -> str:
    with store.write() as session:
        number = make_fact_check(session, explanation="Tidak ada pembagian.", origin="own").id
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    return receipt


def test_the_answer_comes_by_itself_once_a_known_hoax_is_recognised(
    page: Page, store: Store, config: Config
) -> None:
    with store.write() as session:
        number = make_fact_check(session, origin="own").id
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    page.goto("/")
    page.get_by_label("Pesan yang Anda terima").fill(TEXT)
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    drain(store, matching)
    expect(page.get_by_role("heading", level=1)).to_contain_text("✕ Hoaks")


def test_receipt_and_answer_are_copied_or_stay_to_be_selected(
    page: Page, store: Store, config: Config, javascript: bool
) -> None:
    receipt = _answered(store, config)
    page.goto(f"/status/{receipt}")
    buttons = page.get_by_role("button", name="Salin")
    assert buttons.count() == (3 if javascript else 0)
    if javascript:
        buttons.last.click()
        expect(page.get_by_text("Tersalin.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == receipt
        buttons.first.click()
        assert page.evaluate("navigator.clipboard.readText()").startswith("✕ *HOAKS*: ")
    with page.expect_download() as download:
        page.get_by_role("link", name="Simpan ke HP").click()
    assert receipt in download.value.path().read_text("utf-8")


def test_a_sender_who_meant_something_else_gets_a_person(page: Page, store: Store, config: Config) -> None:
    receipt = _answered(store, config)
    page.goto(f"/status/{receipt}")
    page.get_by_role("button", name="Ini bukan yang saya maksud").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Menunggu diperiksa petugas")
    expect(page.get_by_text("Sekarang petugas sendiri yang memeriksanya")).to_be_visible()


def test_a_message_is_erased(page: Page, store: Store, config: Config) -> None:
    receipt = _answered(store, config)
    page.goto(f"/status/{receipt}")
    page.get_by_role("link", name="Hapus pesan ini").click()
    page.get_by_role("button", name="Ya, hapus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan ini sudah dihapus")
    expect(page.get_by_text(TEXT)).to_have_count(0)
    with store.read() as session:
        assert session.scalars(select(Submission.text)).all() == [""]
