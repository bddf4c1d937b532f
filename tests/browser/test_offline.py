"""Without a signal: the form opens, a message waits on the device, and it is sent once and only once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests.browser import chromium
from tests.browser.chromium import Visitor
from triage.db import Store
from triage.tables import Submission

TEXT = "Katanya bantuan tunai dibagikan malam ini di balai desa"


def stored(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Submission.text).order_by(Submission.id)))


@pytest.fixture
def visitor(visit: Callable[..., Visitor], request: pytest.FixtureRequest) -> Visitor:
    """Somebody who has been here once, so that the device keeps what it needs; on a phone if not said."""
    visitor = visit(width=getattr(request, "param", chromium.PHONE))
    page = visitor.open("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.wait_for_function("async () => (await caches.match('/kotak')) !== undefined")
    page.close()
    return visitor


def write(page: Page, text: str = TEXT) -> None:
    page.get_by_label("Pesan yang Anda terima").fill(text)
    page.get_by_role("button", name="Kirim untuk diperiksa").click()


@pytest.mark.parametrize("visitor", chromium.WIDTHS, indirect=True)
def test_a_message_written_offline_is_sent_once_after_the_page_was_closed(
    visitor: Visitor, store: Store
) -> None:
    visitor.context.set_offline(True)
    page = visitor.open("/")
    write(page)
    expect(page.get_by_text("Belum terkirim, menunggu sinyal")).to_be_visible()
    expect(page.get_by_text(TEXT)).to_be_visible()
    assert chromium.violations(page) == []
    page.close()
    assert stored(store) == []
    visitor.context.set_offline(False)
    page = visitor.open("/kotak")
    expect(page.get_by_text("Sudah terkirim")).to_be_visible()
    assert stored(store) == [TEXT]
    page.get_by_role("link", name="Lihat jawaban").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    page = visitor.open("/kotak")
    page.get_by_role("button", name="Hapus dari daftar ini").click()
    expect(page.get_by_text("Tidak ada pesan yang menunggu.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Tidak ada pesan yang menunggu.")).to_be_visible()
    assert stored(store) == [TEXT]


def test_a_page_left_open_sends_when_the_signal_comes_back(visitor: Visitor, store: Store) -> None:
    visitor.context.set_offline(True)
    page = visitor.open("/")
    write(page)
    expect(page.get_by_text("Belum terkirim, menunggu sinyal")).to_be_visible()
    visitor.context.set_offline(False)
    expect(page.get_by_text("Sudah terkirim")).to_be_visible()
    assert stored(store) == [TEXT]


def test_what_waits_can_be_deleted_and_is_never_sent(visitor: Visitor, store: Store) -> None:
    visitor.context.set_offline(True)
    page = visitor.open("/")
    write(page)
    page.get_by_role("button", name="Hapus", exact=True).click()
    expect(page.get_by_text("Tidak ada pesan yang menunggu.")).to_be_visible()
    visitor.context.set_offline(False)
    page.goto("/")
    write(page, "Kabar lain yang dikirim sesudahnya")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    assert stored(store) == ["Kabar lain yang dikirim sesudahnya"]


def test_two_messages_written_offline_are_two(visitor: Visitor, store: Store) -> None:
    visitor.context.set_offline(True)
    for text in (TEXT, f"{TEXT} pukul tujuh"):
        page = visitor.open("/")
        write(page, text)
        expect(page.get_by_text(text, exact=True)).to_be_visible()
        page.close()
    visitor.context.set_offline(False)
    page = visitor.open("/")
    expect(page.get_by_role("link", name=re.compile(r"Kotak kirim .*2"))).to_be_visible()
    page.goto("/kotak")
    expect(page.get_by_text("Sudah terkirim")).to_have_count(2)
    assert stored(store) == [TEXT, f"{TEXT} pukul tujuh"]


def test_a_message_whose_reply_was_lost_is_there_once(visitor: Visitor, store: Store) -> None:
    page = visitor.page()
    lost: list[int] = []

    def lose_the_reply(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/*", lose_the_reply)
    page.goto("/")
    write(page)
    expect(page.get_by_text("Sudah terkirim")).to_be_visible()
    assert lost == [200]
    assert stored(store) == [TEXT]


def test_what_the_server_refuses_is_said_and_can_be_mended(visitor: Visitor, store: Store) -> None:
    visitor.context.set_offline(True)
    page = visitor.open("/")
    page.get_by_text("Tambah keterangan").click()
    page.get_by_label("Desa tempat pesan ini beredar").fill("jatisari")
    write(page)
    expect(page.get_by_text("Belum terkirim, menunggu sinyal")).to_be_visible()
    visitor.context.set_offline(False)
    expect(page.get_by_text("Ada beberapa desa yang mirip.")).to_be_visible()
    page.get_by_role("button", name="Perbaiki").click()
    expect(page.get_by_label("Pesan yang Anda terima")).to_have_value(TEXT)
    page.get_by_text("Tambah keterangan").click()
    page.get_by_label("Desa tempat pesan ini beredar").fill("Jatisari, Tempeh")
    page.get_by_role("button", name="Kirim untuk diperiksa").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pesan Anda sudah kami terima")
    assert stored(store) == [TEXT]


SHARE = """text => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: "/bagikan"});
  for (const [name, value] of Object.entries({title: "", text, url: "https://contoh.example/x"}))
    form.append(Object.assign(document.createElement("input"), {name, value}));
  document.body.append(form);
  form.submit();
}"""


@pytest.mark.parametrize("offline", [False, True], ids=["online", "offline"])
def test_what_another_app_shares_stands_in_the_form(visitor: Visitor, store: Store, offline: bool) -> None:
    page = visitor.open("/")
    visitor.context.set_offline(offline)
    page.evaluate(SHARE, TEXT)
    page.wait_for_url("**/" if offline else "**/bagikan")
    expect(page.get_by_label("Pesan yang Anda terima")).to_have_value(f"{TEXT}\nhttps://contoh.example/x")
    visitor.context.set_offline(False)
    assert stored(store) == []


def test_the_manifest_and_the_worker_are_as_chromium_wants_them(visitor: Visitor) -> None:
    page = visitor.open("/")
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert "share_target" in found["data"]
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        # Chromium installs nothing from a window without a profile.
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_what_comes_too_fast_waits_on_the_device_and_goes_out_by_itself(
    visitor: Visitor, store: Store
) -> None:
    page = visitor.page()
    told: list[int] = []

    def too_fast(route: Route) -> None:
        if route.request.method == "POST" and len(told) < 2:
            told.append(429)
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"problem": "tunggu"})
        else:
            route.continue_()

    page.route("**/*", too_fast)
    page.goto("/")
    write(page)
    expect(page.get_by_text("dikirim sendiri sebentar lagi")).to_be_visible()
    assert stored(store) == []
    expect(page.get_by_text("Sudah terkirim")).to_be_visible()
    assert told == [429, 429]
    assert stored(store) == [TEXT]
