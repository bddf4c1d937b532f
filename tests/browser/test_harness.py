"""The harness itself: each check finds what it is for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Error

from tests.browser import chromium
from tests.browser.chromium import Visitor
from triage.permissions import Actor, Role


def test_axe_finds_what_is_wrong(visit: Callable[..., Visitor]) -> None:
    page = visit().open("/")
    assert chromium.violations(page) == []
    page.evaluate("document.querySelector('label[for=text]').remove()")
    assert any(found.startswith("label:") for found in chromium.violations(page))


def test_what_is_too_wide_is_noticed(visit: Callable[..., Visitor]) -> None:
    page = visit().open("/")
    assert chromium.overflow(page) == 0
    page.evaluate("document.querySelector('main').append(Object.assign(new Image(500), {}))")
    assert chromium.overflow(page) > 0


def test_the_slow_link_is_slow(visit: Callable[..., Visitor]) -> None:
    page = visit().page()
    chromium.network(page, chromium.SLOW)
    page.goto("/")
    took = "(entry => entry.responseEnd - entry.requestStart)(performance.getEntriesByType('navigation')[0])"
    # 400 ms until the first byte; the page itself is not weighed here.
    assert page.evaluate(took) >= chromium.SLOW["latency"]


def test_without_a_link_nothing_loads(visit: Callable[..., Visitor]) -> None:
    page = visit(javascript=False).page()
    chromium.network(page, chromium.OFFLINE)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.goto("/")


def test_refused_resources_are_complained_of(engine: Browser, home: str) -> None:
    visitor = chromium.visit(engine, home)
    page = visitor.open("/")
    with page.expect_event("console"):
        page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}))")
    assert len(visitor.complaints) == 1
    visitor.context.close()


@pytest.mark.parametrize("role", ["verifikator", "penyetuju"])
def test_staff_are_signed_in(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], role: Role
) -> None:
    visitor = visit(width=chromium.DESK)
    actor = sign_in(visitor, role)
    page = visitor.open("/kim")
    assert page.url.endswith("/kim")
    assert actor.display_name in page.inner_text("header")
