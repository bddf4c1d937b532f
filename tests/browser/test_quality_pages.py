"""The pages about our own work and for everybody, in Chromium: WCAG 2.2 AA, both widths, their weight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.domain.test_quality import _judge, _tally
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from tests.unit.test_intervals import sample
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Actor, Role
from triage.quality import drawing
from triage.trends.calendar import day_of
from triage.web import openness

HOAX = (
    "Info dari grup sebelah!! Pembagian bantuan tunai 600 ribu lewat https://kabar.example/"
    + "sangatpanjang" * 12
    + " hanya sampai malam nanti, hubungi 0812-3456-7890"
)


@pytest.fixture
def worked(store: Store, config: Config) -> None:
    """Three months of work, and two automatic answers that wait to be judged."""
    openness._figures.cache_clear()
    today, matching = day_of("35.08", now()), ScriptedMatching()
    with store.write() as session:
        check = make_fact_check(session, "Bantuan tunai tidak dibagikan", origin="own").id
        by = make_account(session).account_id
        for week in range(12):
            _tally(session, today - timedelta(weeks=week), 90 + week, {3: 60, 7200: 20}, at_once=60)
        for number, (stated, same) in enumerate(sample(1, 60)):
            _judge(session, stated, "confirmed" if same else "rejected", now() - timedelta(days=number), by)
    matching.expect(HOAX, "answer", (check, 0.97))
    whole = replace(config, audit_share=1.0)
    drawing.draw(store, whole)
    for sender in "ab":
        send(store, config, HOAX, sender)
    drain(store, matching)
    drawing.draw(store, whole)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_read_on_any_screen(
    visit: Callable[..., Visitor],
    sign_in: Callable[[Visitor, Role], Actor],
    worked: None,
    width: int,
    scheme: str,
) -> None:
    visitor = visit(width=width, scheme=scheme)
    sign_in(visitor, "penyetuju")
    page = visitor.page()
    for path in ("/angka", "/data-terbuka", "/kim/mutu", "/kim/mutu?dari=2025-01-01", "/kim/audit"):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert chromium.violations(page) == [], path
        assert chromium.overflow(page) <= 0, path
    page.get_by_role("button", name="Keliru").click()
    expect(page.get_by_role("status")).to_contain_text("Anda menilai: keliru")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert chromium.violations(page) == []
    assert chromium.overflow(page) <= 0
    page.get_by_role("link", name="Berikutnya").click()
    expect(page.get_by_role("heading", name="Apakah jawaban ini tepat")).to_be_visible()


def test_the_pages_for_everybody_weigh_little(visit: Callable[..., Visitor], worked: None) -> None:
    for path in ("/angka", "/data-terbuka"):
        assert 5_000 < chromium.first_load(visit(), path) <= 100_000, path
