"""A reporter's way from the message to its receipt, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.chromium import Visitor

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
    assert page.evaluate("Date.now()") - began < 20_000
    assert 5_000 < loaded <= 100_000
