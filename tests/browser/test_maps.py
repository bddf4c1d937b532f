"""Maps in Chromium: on phones and desks, in light and dark, by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.boundaries import collection, feature, patchwork, square
from tests.browser.chromium import DESK, PHONE, WIDTHS, violations
from tests.domain.test_maps import CSS, LEVELS, REGION, WORDS, shades
from triage import maps
from triage.db import Store
from triage.maps.importing import import_boundaries
from triage.permissions import OPERATOR
from triage.regions import districts


def page_of(
    store: Store,
    engine: Browser,
    width: int,
    scheme: Literal["light", "dark"] = "light",
    levels: Sequence[tuple[maps.Level, str]] = LEVELS,
) -> Page:
    """A page with a map of each level; the second leads nowhere."""
    drawings = []
    with store.read() as session:
        for place, (level, within) in enumerate(levels):
            plan = maps.plan(session, level, within)
            drawings.append(maps.draw(plan, shades(plan.areas, "" if place == 1 else "#"), WORDS))
    page = engine.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    cards = "".join(f'<div class="card">{drawing}</div>' for drawing in drawings)
    page.set_content(
        f"<!doctype html><html lang=id><meta name=viewport content='width=device-width'><title>Peta</title>"
        f"<style>{CSS}</style><body><main class=wrap><h1>Peta</h1>{cards}</main></body></html>"
    )
    return page


@pytest.mark.parametrize("outlined", [False, True], ids=["tiles", "outlines"])
def test_axe_finds_nothing_and_nothing_is_too_wide(store: Store, engine: Browser, outlined: bool) -> None:
    if outlined:
        import_boundaries(store, REGION, patchwork(), OPERATOR)
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            page = page_of(store, engine, width, scheme)  # type: ignore[arg-type]
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()


def test_regions_are_reached_by_keyboard_and_those_that_lead_nowhere_are_passed_over(
    store: Store, engine: Browser
) -> None:
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    page = page_of(store, engine, DESK)
    named = []
    for _ in range(19):
        page.keyboard.press("Tab")
        named.append(page.evaluate("document.activeElement.getAttribute('href')"))
    # 18 kecamatan have data; then comes the first village of the third map, past 205 of the second.
    assert named[0] == "#35.08.01"
    assert named[17] == "#35.08.21"
    assert named[18] == "#35.08.18.2001"
    assert (
        page.evaluate("getComputedStyle(document.activeElement.querySelector('path')).strokeWidth") == "4px"
    )
    page.close()


def test_names_give_way_to_numbers_on_phones(store: Store, engine: Browser) -> None:
    content = collection([feature(code, square(place)) for place, code in enumerate(districts("35.73"))])
    import_boundaries(store, "35.73", content, OPERATOR)
    seen = {}
    for width in (PHONE, DESK):
        page = page_of(store, engine, width, levels=[*LEVELS, ("districts", "35.73")])
        seen[width] = page.locator(".m-name").first.is_visible()
        # The smallest words that stay are still readable.
        sizes = page.evaluate(
            "[...document.querySelectorAll('.map text')].filter(one => one.getBoundingClientRect().height)"
            ".map(one => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"
        )
        assert min(sizes) > 8
        page.close()
    assert seen == {PHONE: False, DESK: True}
