"""A correction and a retraction in Chromium: the desk's forms, the public pages, and the frame elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.domain.test_review import DRAFT, HOAX
from tests.factories import make_account
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import review
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Actor, Role

OTHER = "Kabar lain: besok semua pasar desa tutup seminggu karena ada pemeriksaan timbangan dari kabupaten"
CORRECTED = replace(
    DRAFT,
    verdict="menyesatkan",
    explanation="Pendaftaran hanya lewat kantor kecamatan, dan sudah ditutup sejak 3 November.",
)
REASON = "Tempat pendaftarannya keliru kami tulis: bukan kantor desa, melainkan kantor kecamatan."


def _published(store: Store, config: Config, siti: Actor, dewi: Actor, text: str) -> tuple[int, str]:
    receipt = send(store, config, text)
    drain(store, ScriptedMatching())
    with store.read() as session:
        group = review.queue(session, siti, "waiting").items[0].group_id
    review.approve(store, dewi, review.decide(store, siti, group, replace(DRAFT, claim=text)))
    tell(store)
    return group, receipt


def _look(page: Page, name: str, width: int, scheme: str, found: dict[str, object]) -> None:
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    pictures = os.environ.get("PENJAGA_PICTURES")
    if pictures:
        page.screenshot(path=Path(pictures) / f"{name}-{width}-{scheme}.png", full_page=True)
    wrong = [*chromium.violations(page), *(["too wide"] if chromium.overflow(page) > 0 else [])]
    if wrong:
        found[name] = wrong


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_of_a_correction_is_accessible_and_fits(
    visit: Callable[..., Visitor],
    sign_in: Callable[[Visitor, Role], Actor],
    store: Store,
    config: Config,
    width: int,
    scheme: str,
) -> None:
    visitor = visit(width=width, scheme=scheme)
    dewi = sign_in(visitor, "penyetuju")
    with store.write() as session:
        siti = make_account(session)
    corrected, receipt = _published(store, config, siti, dewi, HOAX)
    retracted, other = _published(store, config, siti, dewi, OTHER)
    page, found = visitor.page(), {}  # type: ignore[var-annotated]
    page.goto(f"/kim/kelompok/{corrected}")
    _look(page, "form", width, scheme, found)
    with time_machine.travel(now() + timedelta(minutes=1)):
        decision = review.correct(store, siti, corrected, CORRECTED, REASON)
        page.goto(f"/kim/kelompok/{corrected}")
        _look(page, "approval", width, scheme, found)
        review.approve(store, dewi, decision)
        tell(store)
        review.retract(store, dewi, retracted, "Kepala pasar menarik keterangannya.")
        tell(store)
    for name, path in (
        ("corrected", "/fakta/1"), ("retracted", "/fakta/2"), ("embed", "/fakta/1/sematan"),
        ("embed-retracted", "/fakta/2/sematan"), ("told", f"/status/{receipt}"),
        ("taken-back", f"/status/{other}"), ("history", f"/kim/kelompok/{retracted}"),
    ):  # fmt: skip
        page.goto(path)
        _look(page, name, width, scheme, found)
    assert found == {}


@contextmanager
def _elsewhere(content: str) -> Iterator[str]:
    """A page of another site of which nothing is known but this content; gives its address."""

    class Site(BaseHTTPRequestHandler):
        def log_message(self, *_said: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            body = f"<!doctype html><title>Situs lain</title>{content}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_snippet_works_in_a_page_of_another_site(
    visit: Callable[..., Visitor], sign_in: Callable[[Visitor, Role], Actor], store: Store, config: Config
) -> None:
    visitor = visit(width=chromium.DESK)
    dewi = sign_in(visitor, "penyetuju")
    with store.write() as session:
        siti = make_account(session)
    _published(store, config, siti, dewi, HOAX)
    page = visitor.page()
    page.goto("/fakta/1")
    page.get_by_text("Pasang di situs Anda").click()
    snippet = page.get_by_label("Baris untuk dipasang").input_value()
    assert snippet.startswith("<iframe ")
    with _elsewhere(snippet) as address:
        page.goto(address)
        _read_inside(page, visitor.home)
    with _elsewhere(f'<iframe src="{visitor.home}/fakta/1"></iframe>') as address:
        page.goto(address)
        assert page.frame_locator("iframe").get_by_role("heading").count() == 0, "no other page of ours"
    (refused,) = visitor.complaints
    assert "frame-ancestors 'none'" in refused
    visitor.complaints.clear()


def _read_inside(page: Page, home: str) -> None:
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading", level=1)).to_contain_text(DRAFT.headline)
    expect(inside.get_by_role("link")).to_have_attribute("href", f"{home}/fakta/1")
    assert inside.locator("body").evaluate("one => getComputedStyle(one).fontFamily") != "serif"
    assert inside.locator(".verdict").evaluate("one => getComputedStyle(one).display") != "inline"
