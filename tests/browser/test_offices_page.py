"""The page of other offices, and disagreement, in Chromium: WCAG 2.2 AA at both widths, nothing too wide."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import review
from triage.archive import journal
from triage.archive.rows import RowProblem
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.peers import register
from triage.permissions import Actor, Role
from triage.tables import ClaimGroup, Peer, SuggestedMatch

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
SignIn = Callable[[Visitor, Role], Actor]


def _look(visitor: Visitor, path: str, name: str, *, unfold: bool = False) -> list[object]:
    page = visitor.page()
    page.goto(path)
    if unfold:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    if pictures := os.environ.get("PENJAGA_PICTURES"):
        page.screenshot(path=Path(pictures) / f"{name}.png", full_page=True)
    heights = page.locator("main button:visible, main summary:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    return [
        *chromium.violations(page),
        *(["too wide"] if chromium.overflow(page) > 0 else []),
        *(["too small"] if any(height < 44 for height in heights) else []),
    ]


def _offices(store: Store, config: Config, actor: Actor) -> None:
    for name, site in (
        ("KIM dan Diskominfo Kabupaten Jember", "penjaga.jemberkab.example"),
        ("Dinas Komunikasi dan Informatika Kabupaten Probolinggo", "probolinggo.example/data/umpan.json"),
        ("Diskominfo Bondowoso", "bondowoso.example"),
    ):
        register.add(store, config, actor, site, name)
    register.change_trust(store, config, actor, 1, "answers")
    register.change_trust(store, config, actor, 3, "none")
    with store.write() as session:
        session.get_one(Peer, 1).read_at = now()
        for number in range(3):
            make_fact_check(session, f"Kabar {number}").peer_id = 1
        failing = session.get_one(Peer, 2)
        failing.failures = 4
        failing.failed = f"fetch-failed: {failing.url}: the server answered 500 (2 tries)."
        row = journal.enter(session, session.get_one(Peer, 1).url, "running")
        row.content_hash, number = "x", row.id
    reason = "url: is no page of penjaga.jemberkab.example, the site of this office"
    journal.record(store, number, "x", [RowProblem(line, reason) for line in (3, 8)], "system", 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_offices_are_read_about_on_any_screen(
    visit: Callable[..., Visitor], sign_in: SignIn, store: Store, config: Config, width: int, scheme: str
) -> None:
    visitor = visit(width=width, scheme=scheme)
    actor = sign_in(visitor, "admin")
    assert _look(visitor, "/kim/lembaga", f"lembaga-kosong-{width}-{scheme}") == []
    _offices(store, config, actor)
    assert _look(visitor, "/kim/lembaga", f"lembaga-{width}-{scheme}") == []
    assert _look(visitor, "/kim/lembaga", f"lembaga-terbuka-{width}-{scheme}", unfold=True) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_disagreement_is_read_on_any_screen(
    visit: Callable[..., Visitor], sign_in: SignIn, store: Store, config: Config, width: int, scheme: str
) -> None:
    visitor = visit(width=width, scheme=scheme)
    verifier = sign_in(visitor, "verifikator")
    with store.write() as session:
        one = make_fact_check(
            session, "Bantuan tunai lewat tautan", publisher="KIM dan Diskominfo Kabupaten Jember",
            checked_on=date(2026, 3, 4),
        )  # fmt: skip
        other = make_fact_check(
            session, "Pembagian bantuan tunai sampai malam", verdict="benar", publisher="Kementerian Sosial",
            checked_on=date(2026, 11, 5), url="https://kemensos.example/1",
        )  # fmt: skip
    matching = ScriptedMatching()
    matching.expect(HOAX, "answer", (one.id, 0.99), (other.id, 0.9))
    receipt = send(store, config, HOAX)
    drain(store, matching)
    with store.read() as session:
        group = session.query(ClaimGroup).one().id
        match = session.query(SuggestedMatch).filter_by(fact_check_id=one.id).one().id
    assert _look(visitor, f"/kim/kelompok/{group}", f"berbeda-pesan-{width}-{scheme}") == []
    review.confirm(store, verifier, group, match)
    tell(store)
    assert _look(visitor, f"/status/{receipt}", f"berbeda-jawaban-{width}-{scheme}") == []
    assert _look(visitor, f"/fakta/{one.id}", f"berbeda-fakta-{width}-{scheme}") == []
