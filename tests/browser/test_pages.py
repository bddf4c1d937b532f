"""Every page of the reporter: readable for everybody, at both widths, in dark too, at 200 %, and light."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from playwright.sync_api import Page

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from triage import retention
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.regions import local_time

TEXT = "Katanya bantuan tunai dibagikan malam ini di balai desa"
LONG = "https://contoh.example/" + "sangatpanjang" * 20


@pytest.fixture
def paths(store: Store, config: Config) -> list[str]:
    """The address of each page, in each state that a reporter meets."""
    with store.write() as session:
        evidence = [{"label": "Pos pantau", "url": LONG}]
        own = make_fact_check(
            session,
            f"Kabar {LONG}",
            origin="own",
            claim=TEXT,
            what_to_do="Tunggu.",
            ask="BPBD",
            evidence=evidence,
        ).id
        for verdict in ("menyesatkan", "benar", "belum-terbukti"):
            make_fact_check(session, f"Kabar yang {verdict}", origin="own", verdict=verdict)
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (own, 0.99))
    with time_machine.travel(now() - config.retention * 2, tick=False):
        emptied = f"/status/{send(store, config, TEXT, village='35.08.01.2001')}"
        drain(store, matching)
    retention.expire(store, config)
    receipts = [
        send(store, config, text, village="35.08.01.2001") for text in (TEXT, f"Kabar {LONG} lain", "gmn ini")
    ]
    drain(store, matching)
    receipts.append(send(store, config, "Baru saja dikirim tadi"))
    today = now().astimezone(local_time("35.08").zone).isocalendar()
    statuses = [f"/status/{receipt}" for receipt in receipts]
    return [
        "/", "/status", "/tentang-data", "/kotak", "/fakta", "/fakta?cari=tidakada", f"/fakta/{own}",
        f"/fakta/{own}/bagikan", "/buletin", f"/buletin/{today.year}-W{today.week:02d}",
        "/tidak-ada", "/status/0", "/masuk", f"{statuses[0]}/hapus", *statuses,
        f"{statuses[0]}/data", emptied, f"{emptied}/hapus", f"{emptied}/data",
    ]  # fmt: skip


def _opened(page: Page, path: str) -> None:
    page.goto(path)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    visit: Callable[..., Visitor], paths: list[str], width: int, scheme: str
) -> None:
    page = visit(width=width, scheme=scheme).page()
    found = {}
    for path in paths:
        _opened(page, path)
        found[path] = (chromium.violations(page), chromium.overflow(page))
    assert {path: what for path, what in found.items() if what != ([], 0)} == {}


def test_at_two_hundred_percent_nothing_scrolls_sideways(
    visit: Callable[..., Visitor], paths: list[str], width: int
) -> None:
    # A phone's text doubled: the width of 1280 px at 400 %, which WCAG asks for.
    page = visit(width=640 if width == chromium.PHONE else width, zoom=2).page()
    for path in paths:
        _opened(page, path)
        assert chromium.overflow(page) == 0, path


def test_no_page_weighs_more_than_a_hundred_kilobytes(
    visit: Callable[..., Visitor], paths: list[str]
) -> None:
    for path in paths:
        assert 5_000 < chromium.first_load(visit(), path) <= 100_000, path


def test_a_printed_fact_check_tells_where_it_is_from(visit: Callable[..., Visitor], paths: list[str]) -> None:
    page = visit().open(next(path for path in paths if path.startswith("/fakta/")))
    assert not page.get_by_text("Alamat halaman ini").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("Alamat halaman ini").is_visible()
    assert page.get_by_text("Hoaks").first.is_visible()
    assert not page.get_by_role("navigation").first.is_visible()


def test_the_rating_for_search_engines_is_no_script(visit: Callable[..., Visitor], paths: list[str]) -> None:
    # `visit` fails where the policy refuses something.
    page = visit().open(next(path for path in paths if path.startswith("/fakta/")))
    review = page.evaluate("JSON.parse(document.querySelector('[type=\"application/ld+json\"]').textContent)")
    assert (review["@context"], review["@type"]) == ("https://schema.org", "ClaimReview")
    assert {"url", "claimReviewed", "author", "reviewRating", "itemReviewed", "datePublished"} <= set(review)
