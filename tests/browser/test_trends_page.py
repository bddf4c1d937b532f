"""The trends pages in Chromium: WCAG 2.2 AA at both widths, nothing too wide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.scripted import ScriptedMatching, drain, send
from triage.bulletin import this_week
from triage.config import Config
from triage.db import Store
from triage.permissions import Actor, Role
from triage.trends import tallies

FLOOD = "Air Kali Glidik naik cepat, warga di tepi sungai diminta segera pindah ke balai desa malam ini"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_trends_are_read_on_any_screen(
    visit: Callable[..., Visitor],
    sign_in: Callable[[Visitor, Role], Actor],
    store: Store,
    config: Config,
    width: int,
    scheme: str,
) -> None:
    visitor = visit(width=width, scheme=scheme)
    sign_in(visitor, "analis")
    for sender in ("a", "b", "c", "d"):
        send(store, config, FLOOD, sender, "35.08.05.2001")
    drain(store, ScriptedMatching())
    tallies.count(store, config)
    week = this_week(config.wilayah).name
    for path in (
        "/kim/tren?kec=35.08.05&bahaya=other", "/kim/tren?hari=1", "/kim/tren", "/kim/tren/pesan",
        "/kim/tren/desa", f"/kim/tren/pekan/{week}",
    ):  # fmt: skip
        page = visitor.page()
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert chromium.violations(page) == [], path
        assert chromium.overflow(page) <= 0, path
