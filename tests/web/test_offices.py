"""The page of other offices, and where it is read whose fact-check one reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from tests.web.pages import Browser
from triage import review
from triage.archive import journal, retractions
from triage.archive.rows import RowProblem
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import PeerRefused
from triage.peers import register
from triage.peers.trust import LEVELS
from triage.permissions import Actor, Role
from triage.tables import ClaimGroup, FactCheck, Outbox, Peer, SuggestedMatch
from triage.web import labels, messages

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
JEMBER = "Diskominfo <i>Jember</i>"
SignedIn = Callable[[Role], Browser]


def actor_of(store: Store, role: Role = "analis") -> Actor:
    with store.write() as session:
        return make_account(session, role)


def test_an_office_is_added_and_owed_a_reading(store: Store, signed_in: SignedIn) -> None:
    browser = signed_in("analis")
    page = browser.get("/kim/lembaga")
    assert "Belum ada lembaga lain di daftar." in page.text
    landed = browser.landing(
        browser.submit(page.form("/kim/lembaga"), name=JEMBER, url="penjaga.jember.example")
    )
    assert "untuk sementara hanya disarankan" in landed.text
    assert JEMBER in landed.text
    assert "https://penjaga.jember.example/claimreview.json" in landed.text
    assert "belum pernah dibaca" in landed.text
    with store.read() as session:
        peer = session.scalars(select(Peer)).one()
        assert peer.trust == "suggests"
        # Nothing was fetched within the request: it is owed to a worker.
        assert peer.read_at is None
        assert session.scalars(select(Outbox.ref).where(Outbox.task == "peer")).all() == [peer.id]


@pytest.mark.parametrize(
    ("url", "name", "sentence"),
    [
        ("http://127.0.0.1:6379/", "Jember", "Alamat itu tidak dapat dipakai."),
        ("http://localhost/", "Jember", "Alamat itu tidak dapat dipakai."),
        ("jember.example", "", "Isi nama lembaganya"),
        ("jember.example", "KIM dan Diskominfo Kabupaten Lumajang", "Nama itu sudah dipakai"),
    ],
)
def test_what_cannot_be_added_says_why_and_keeps_what_was_typed(
    store: Store, signed_in: SignedIn, url: str, name: str, sentence: str
) -> None:
    browser = signed_in("analis")
    response = browser.submit(browser.get("/kim/lembaga").form("/kim/lembaga"), name=name, url=url)
    assert response.status_code == 422
    said = response.get_data(as_text=True)
    assert sentence in said
    assert f'value="{url}"' in said
    with store.read() as session:
        assert session.scalars(select(Peer)).all() == []


def test_every_reason_and_every_level_has_words() -> None:
    refusals = {"url", "own", "same", "name", "taken", "many", "plain"}
    assert refusals == set(messages.PEER_FIELDS)
    assert set(LEVELS) == set(labels.TRUST)
    assert PeerRefused.__doc__ is not None
    assert all(f"`{field}`" in PeerRefused.__doc__ for field in refusals)


def test_trust_is_changed_reading_asked_for_and_an_office_stopped(
    store: Store, config: Config, signed_in: SignedIn
) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", "Jember")
    browser = signed_in("analis")
    page = browser.get("/kim/lembaga")
    landed = browser.landing(browser.submit(page.form(f"/{number}/percaya"), trust="answers"))
    assert "Menjawab sendiri" in landed.text
    assert "yang sudah dijawab tetap" in landed.text
    landed = browser.landing(browser.submit(landed.form(f"/{number}/baca")))
    assert "Sedang dibaca." in landed.text
    landed = browser.landing(browser.submit(landed.form(f"/{number}/percaya"), trust="none"))
    assert "Tidak dipakai" in landed.text
    assert not landed.has_form(f"/{number}/baca")
    assert browser.submit(landed.form(f"/{number}/percaya"), trust="segalanya").status_code == 404


def test_failures_and_refused_rows_are_told_in_plain_words(
    store: Store, config: Config, signed_in: SignedIn
) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", "Jember")
    with store.write() as session:
        peer = session.get_one(Peer, number)
        peer.failed, peer.failures = "fetch-failed: https://jember.example/claimreview.json: <b>500</b>", 3
        row = journal.enter(session, peer.url, "running")
        row.content_hash = "x"
        name, import_id = peer.url, row.id
    problems = [RowProblem(line, "url: is no page of jember.example") for line in range(1, 8)]
    journal.record(store, import_id, "x", problems, "system", number)
    assert name
    page = signed_in("admin").get("/kim/lembaga")
    assert "Gagal dibaca 3 kali berturut-turut." in page.text
    assert "Situsnya tidak menjawab, atau menjawab dengan kesalahan." in page.text
    assert "<b>500" not in page.html
    assert "7 butir ditolak pada pembacaan terakhir" in page.text
    assert page.text.count("is no page of jember.example") == register.SHOWN_PROBLEMS


def test_a_reading_that_was_given_up_says_where_to_look(
    store: Store, config: Config, signed_in: SignedIn
) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", "Jember")
    with store.write() as session:
        row = session.scalars(select(Outbox).where(Outbox.task == "peer", Outbox.ref == number)).one()
        row.parked_at = now()
    assert "Pengelola menemukannya di Pekerjaan tertunda." in signed_in("analis").get("/kim/lembaga").text


def test_whoever_reads_an_answer_reads_whose_it_is_and_who_says_otherwise(
    store: Store, config: Config, browser: Browser, signed_in: SignedIn
) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", JEMBER)
    with store.write() as session:
        theirs = make_fact_check(
            session, publisher=JEMBER, url="https://jember.example/fakta/7", checked_on=date(2026, 3, 4)
        )
        theirs.peer_id = number
        others = make_fact_check(
            session, "Bantuan itu ada", verdict="benar", publisher="Kemensos",
            url="https://kemensos.example/1", checked_on=date(2026, 3, 5),
        )  # fmt: skip
        verifier = make_account(session)
    matching = ScriptedMatching()
    matching.expect(HOAX, "answer", (theirs.id, 0.99), (others.id, 0.9))
    receipt = send(store, config, HOAX)
    drain(store, matching)
    with store.read() as session:
        group = session.scalars(select(ClaimGroup.id)).one()
        match = session.scalars(
            select(SuggestedMatch.id).where(SuggestedMatch.fact_check_id == theirs.id)
        ).one()

    desk = signed_in("verifikator").get(f"/kim/kelompok/{group}")
    box = f"Sumber berbeda pendapat {JEMBER}: Hoaks (4 Maret 2026). Baca pemeriksaannya"
    assert box in desk.text
    assert "Kemensos: Benar (5 Maret 2026). Baca pemeriksaannya" in desk.text

    review.confirm(store, verifier, group, match)
    tell(store)
    for page in (browser.get(f"/status/{receipt}"), browser.get(f"/fakta/{theirs.id}")):
        assert f"Diperiksa oleh {JEMBER}, 4 Maret 2026." in page.text
        assert "https://jember.example/fakta/7" in {link.get("href") for link in page.all("a")}
        assert "Lembaga lain menilai berbeda: Kemensos: Benar (5 Maret 2026)." in page.text
        assert "https://kemensos.example/1" in {link.get("href") for link in page.all("a")}
    other_way = browser.get(f"/fakta/{others.id}")
    assert f"Lembaga lain menilai berbeda: {JEMBER}: Hoaks" in other_way.text
    told = signed_in("verifikator").get(f"/kim/kelompok/{group}")
    assert f"Diperiksa oleh {JEMBER}, 4 Maret 2026." in told.text
    answer = browser.client.get(f"/api/v1/submissions/{receipt}").get_json()["answer"]
    assert answer["checked_by"] == JEMBER
    assert answer["differing"] == [
        {
            "verdict": "benar",
            "checked_by": "Kemensos",
            "checked_at": "2026-03-05",
            "url": "https://kemensos.example/1",
        }
    ]


def test_what_its_office_took_back_is_read_as_gone_everywhere(
    store: Store, config: Config, browser: Browser
) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", JEMBER)
    register.change_trust(store, config, actor_of(store), number, "answers")
    with store.write() as session:
        theirs = make_fact_check(session, "Bantuan lewat tautan", publisher=JEMBER)
        theirs.peer_id = number
    matching = ScriptedMatching()
    matching.expect(HOAX, "answer", (theirs.id, 0.99))
    receipt = send(store, config, HOAX)
    drain(store, matching)
    assert "Bantuan lewat tautan" in browser.get(f"/status/{receipt}").text
    with store.write() as session:
        key = session.get_one(FactCheck, theirs.id).source_key
        retractions.retract(session, [key], actor="system", peer_id=number)
    tell(store)
    status = browser.get(f"/status/{receipt}").text
    assert f"berasal dari {JEMBER}, dan lembaga itu sudah mencabutnya." in status
    page = browser.get(f"/fakta/{theirs.id}").text
    assert f"hasil pemeriksaan {JEMBER}. Lembaga itu sudah mencabutnya" in page
    for gone in (status, page):
        assert "Bantuan lewat tautan" not in gone


def test_what_a_stopped_office_checked_can_be_read_with_a_warning_and_is_not_passed_on(
    store: Store, signed_in: SignedIn
) -> None:
    anna = signed_in("analis")
    response = anna.submit(
        anna.get("/kim/lembaga").form("/kim/lembaga"), name="Diskominfo Jember", url="jember.example"
    )
    assert response.status_code == 303
    with store.write() as session:
        peer = session.query(Peer).one()
        entry = make_fact_check(session, "Jembatan putus", publisher="Diskominfo Jember")
        entry.peer_id = peer.id
        number = entry.id
    statuses = {"": 200, "/bagikan": 200, "/gambar.png": 200, "/sematan": 200}
    warning = "Kami tidak lagi mengikuti pemeriksaan lembaga ini."
    for trust, expected in (
        ("suggests", statuses),
        ("none", statuses | {"/bagikan": 404, "/gambar.png": 404}),
    ):
        with store.write() as session:
            session.query(Peer).one().trust = trust
        found = {path: anna.client.get(f"/fakta/{number}{path}").status_code for path in statuses}
        assert found == expected
        for path in ("", "/sematan"):
            assert (warning in anna.get(f"/fakta/{number}{path}").text) == (trust == "none")
        page = anna.get(f"/fakta/{number}").html
        assert [mark in page for mark in ("/bagikan", "og:image", "<iframe", "&lt;iframe")] == (
            [trust != "none", trust != "none", False, trust != "none"]
        )
