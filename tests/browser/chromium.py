"""Debian's Chromium as people use it: phones and desks, slow links, dark and light, what it loads."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page

EXECUTABLE = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE, DESK = 360, 1280
WIDTHS = (PHONE, DESK)
# A village's link: 50 kB/s each way, 400 ms there and back.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
OFFLINE = {**SLOW, "offline": True}
_HEIGHTS = {PHONE: 640, DESK: 800}
_WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@dataclass
class Visitor:
    """One person's browser: a context of its own, what its pages complained of, and how to open more."""

    context: BrowserContext
    home: str
    complaints: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """Open a tab; refused resources and uncaught errors are kept in `complaints`."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        return page

    def open(self, path: str) -> Page:
        """Open an address of the site in a tab of its own."""
        page = self.page()
        page.goto(self.home + path)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Content Security Policy" in message.text:
            self.complaints.append(message.text)


def visit(
    browser: Browser,
    home: str,
    *,
    width: int = PHONE,
    javascript: bool = True,
    scheme: Literal["light", "dark"] = "light",
    zoom: int = 1,
) -> Visitor:
    """Start a fresh browser of someone who reads Indonesian. `zoom` 2 is 200 %: half as wide, drawn as large.

    Service workers run only where scripts do.
    """
    context = browser.new_context(
        base_url=home,
        viewport={"width": width // zoom, "height": _HEIGHTS.get(width, 800) // zoom},
        device_scale_factor=zoom,
        has_touch=width == PHONE,
        is_mobile=False,
        java_script_enabled=javascript,
        color_scheme=scheme,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        service_workers="allow" if javascript else "block",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(20_000)
    return Visitor(context, home)


def network(page: Page, conditions: dict[str, Any]) -> CDPSession:
    """Give a tab a slow link (`SLOW`) or none (`OFFLINE`), until the tab is closed."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", conditions)
    return session


class Weight:
    """Counts what a tab transfers from now on, headers included, in bytes as they go over the line."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        self._session = page.context.new_cdp_session(page)
        self._session.on("Network.loadingFinished", self._add)
        self._session.send("Network.enable")

    def _add(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


def first_load(visitor: Visitor, path: str) -> int:
    """Open a page in a browser that has seen none, and close it; returns the bytes that came for it."""
    page = visitor.page()
    weight = Weight(page)
    page.goto(path)
    visitor.context.close()
    return weight.bytes


def violations(page: Page) -> list[str]:
    """Return what axe holds against the page by WCAG 2.2 A and AA: rule, and the elements it is about."""
    options = {"runOnly": {"type": "tag", "values": list(_WCAG)}, "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found]


def overflow(page: Page) -> int:
    """Return by how many CSS pixels the page is wider than the window: more than 0 scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
