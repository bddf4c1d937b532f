"""Other offices: what is read of them, in whose name it is told, and how far a feed can reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from models.text import canonical_url
from tests.factories import make_account, make_fact_check
from tests.offices import FEED, OtherOffice, add, read_again
from tests.site import Reply, Site, open_site
from triage import events, outbox
from triage.archive import entries, of_peers
from triage.archive.entries import CurrentFactCheck
from triage.archive.importing import run_import
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import Forbidden, NotFound, PeerRefused
from triage.peers import reading, register
from triage.permissions import Actor, Role
from triage.publish import publisher
from triage.tables import ArchiveImport, Event, FactCheck, Outbox, Peer

CLAIM = "Warga Tempursari diminta mengungsi malam ini karena tsunami"


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def config(config: Config, site: Site) -> Config:
    """One that may fetch from the other office's site, which is on this machine."""
    object.__setattr__(config, "fetch_allow", frozenset({site.host}))
    return config


@pytest.fixture
def office(site: Site) -> OtherOffice:
    return OtherOffice(site)


def actor_of(store: Store, role: Role = "analis") -> Actor:
    with store.write() as session:
        return make_account(session, role)


def entries_of(store: Store, peer_id: int) -> list[CurrentFactCheck]:
    """By the address of their pages."""
    with store.read() as session:
        rows = session.execute(entries.statement().where(FactCheck.peer_id == peer_id)).all()
        found = [entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows]
        return sorted(found, key=lambda entry: entry.url)


def noted(store: Store, actor: Actor) -> register.Office:
    with store.read() as session:
        (office,) = register.offices(session, actor)
        return office


def named(store: Store, subject: str) -> list[tuple[str, str]]:
    """Who did what to a kind of thing, as the log has it."""
    with store.read() as session:
        rows = session.scalars(select(Event).where(Event.subject == subject).order_by(Event.seq))
        return [(row.name, row.actor) for row in rows]


def test_what_an_office_checked_is_told_in_the_name_it_was_noted_by(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    office.publish(1, CLAIM)
    number = add(any_store, config, actor, office.site)
    (entry,) = entries_of(any_store, number)
    assert (entry.claim, entry.verdict, entry.publisher) == (CLAIM, "hoaks", "Diskominfo Jember")
    assert entry.url == office.page(1)
    assert entry.sources[0] == {"label": "Diskominfo Jember", "url": office.page(1)}
    shown = noted(any_store, actor)
    assert (shown.trust, shown.entries, shown.failures, shown.refused) == ("suggests", 1, 0, 0)
    assert shown.read_at is not None
    assert shown.url == office.site.url(FEED)


def test_a_bare_site_is_completed_and_a_feed_elsewhere_is_taken_as_it_is(
    store: Store, config: Config
) -> None:
    actor = actor_of(store)
    given = {
        "penjaga.jemberkab.go.id": "https://penjaga.jemberkab.go.id/claimreview.json",
        "https://Penjaga.Probolinggokab.go.id/": "https://penjaga.probolinggokab.go.id/claimreview.json",
        "http://cek.example/data/feed.json?jenis=1#atas": "http://cek.example/data/feed.json?jenis=1",
    }
    for place, address in enumerate(given):
        register.add(store, config, actor, address, f"Lembaga {place}")
    with store.read() as session:
        assert [row.url for row in session.scalars(select(Peer).order_by(Peer.id))] == list(given.values())


@pytest.mark.parametrize(
    ("address", "name", "field"),
    [
        ("", "Jember", "url"),
        ("ftp://jember.example/", "Jember", "url"),
        ("https://admin:rahasia@jember.example/", "Jember", "url"),
        ("https://jember.example:8443/", "Jember", "url"),
        ("http://127.0.0.1/", "Jember", "url"),
        ("http://localhost/", "Jember", "url"),
        ("http://[::1]/", "Jember", "url"),
        ("http://169.254.169.254/latest/meta-data", "Jember", "url"),
        ("http://2130706433/", "Jember", "url"),
        ("http://[rusak/", "Jember", "url"),
        ("https://penjaga.example/", "Jember", "own"),
        ("https://www.penjaga.example/fakta", "Jember", "own"),
        ("https://jember.example/", " \u202e ", "name"),
        ("https://jember.example/", "J" * 121, "name"),
        ("https://jember.example/", "kim dan diskominfo kabupaten LUMAJANG", "taken"),
        ("https://probolinggo.example/", "Jember", "same"),
        ("https://jember.example/", "Probolinggo", "taken"),
    ],
)
def test_an_office_is_noted_only_if_it_can_be_told_from_others_and_from_us(
    store: Store, config: Config, address: str, name: str, field: str
) -> None:
    assert publisher(config.wilayah).casefold() == "kim dan diskominfo kabupaten lumajang"
    actor = actor_of(store)
    register.add(store, config, actor, "probolinggo.example", "Probolinggo")
    with pytest.raises(PeerRefused) as refused:
        register.add(store, config, actor, address, name, here="penjaga.example")
    assert refused.value.field == field
    with store.read() as session:
        assert session.scalar(select(func.count(Peer.id))) == 1


def test_what_is_read_over_plain_http_answers_nobody(store: Store, config: Config) -> None:
    actor = actor_of(store)
    plain = register.add(store, config, actor, "http://jember.example", "Jember")
    named = register.add(store, config, actor, "http://dinas.example", "Dinas")
    with pytest.raises(PeerRefused) as refused:
        register.change_trust(store, config, actor, plain, "answers")
    assert refused.value.field == "plain"
    near = replace(config, fetch_allow=frozenset({"dinas.example:80"}))
    register.change_trust(store, near, actor, named, "answers")
    register.change_trust(store, config, actor, plain, "none")
    with store.read() as session:
        assert [one.trust for one in register.offices(session, actor)] == ["answers", "none"]


@pytest.mark.parametrize("role", ["verifikator", "penyetuju"])
def test_who_may_not_manage_offices_changes_none(store: Store, config: Config, role: Role) -> None:
    number = register.add(store, config, actor_of(store), "jember.example", "Jember")
    actor = actor_of(store, role)
    for deed in (
        lambda: register.add(store, config, actor, "lain.example", "Lain"),
        lambda: register.change_trust(store, config, actor, number, "answers"),
        lambda: register.read_now(store, actor, number),
    ):
        with pytest.raises(Forbidden):
            deed()
    with store.read() as session, pytest.raises(Forbidden):
        register.offices(session, actor)


def test_every_deed_stands_in_the_log_with_who_did_it(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store, "admin")
    number = add(any_store, config, actor, office.site)
    register.change_trust(any_store, config, actor, number, "answers")
    register.change_trust(any_store, config, actor, number, "answers")
    register.change_trust(any_store, config, actor, number, "none")
    with pytest.raises(NotFound):
        register.read_now(any_store, actor, number)
    deeds = [("add", actor.label), ("trust", actor.label), ("trust", actor.label)]
    assert named(any_store, "peer") == deeds
    with any_store.read() as session:
        changes = [row.data for row in session.scalars(select(Event).where(Event.name == "trust"))]
        assert changes == [{"from": "suggests", "to": "answers"}, {"from": "answers", "to": "none"}]
        assert events.first_break(session) is None


def test_what_has_not_changed_is_asked_for_and_leaves_no_trace(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    office.publish(1, CLAIM)
    number = add(any_store, config, actor, office.site)
    before = noted(any_store, actor).read_at
    read_again(any_store, config, actor, number)
    assert office.site.requests[-1].headers["if-none-match"]
    with any_store.read() as session:
        assert session.scalar(select(func.count(ArchiveImport.id))) == 1
    after = noted(any_store, actor).read_at
    assert before is not None
    assert after is not None
    assert after > before
    (entry,) = entries_of(any_store, number)
    assert entry.version == 1


def test_a_correction_is_a_new_version_and_a_retraction_takes_an_entry_out_of_use(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    office.publish(1, CLAIM)
    office.publish(2, "Air PDAM beracun")
    number = add(any_store, config, actor, office.site)
    office.publish(1, CLAIM, verdict="Benar")
    read_again(any_store, config, actor, number)
    first, second = entries_of(any_store, number)
    assert (first.version, first.verdict, second.version) == (2, "benar", 1)
    office.retract(1)
    read_again(any_store, config, actor, number)
    first, second = entries_of(any_store, number)
    assert (first.searchable, first.answers_alone, first.public) == (False, False, False)
    assert first.retracted_at is not None
    assert second.searchable
    assert ("retract", events.SYSTEM) in named(any_store, "fact_check")
    assert noted(any_store, actor).retracted == 1
    read_again(any_store, config, actor, number)
    assert named(any_store, "fact_check").count(("retract", events.SYSTEM)) == 1


def test_what_comes_again_after_a_retraction_is_used_again(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    office.publish(1, CLAIM)
    number = add(any_store, config, actor, office.site)
    office.retract(1)
    read_again(any_store, config, actor, number)
    office.publish(1, CLAIM)
    read_again(any_store, config, actor, number)
    (entry,) = entries_of(any_store, number)
    assert (entry.version, entry.searchable, entry.retracted_at) == (2, True, None)


def test_a_feed_of_several_pages_is_read_to_its_end(any_store: Store, config: Config, site: Site) -> None:
    def page(number: int) -> Reply:
        reviews = [
            {"@type": "ClaimReview", "url": site.url(f"/fakta/{each}"), "claimReviewed": f"Kabar ke-{each}"}
            # The last of each page stands on the next one too, as when something comes in between.
            for each in range(10 * number, 10 * number + 11)
        ]
        body = json.dumps({"@context": "https://schema.org", "@graph": reviews}).encode()
        onward = {"Link": f'<{site.url(FEED)}/{number + 1}>; rel="next"'} if number < 3 else {}
        return Reply(body, headers={"Content-Type": "application/json", **onward})

    site.pages[FEED] = lambda _request: page(0)
    for number in range(1, 4):
        site.pages[f"{FEED}/{number}"] = lambda _request, number=number: page(number)  # type: ignore[misc]
    actor = actor_of(any_store)
    peer_id = add(any_store, config, actor, site)
    assert len(entries_of(any_store, peer_id)) == 41
    shown = noted(any_store, actor)
    assert (shown.failed, shown.refused) == ("", 0)


@pytest.mark.parametrize("onward", ["http://lain.example/2", "http://[rusak", "//127.0.0.1:1/2"])
def test_a_next_page_elsewhere_is_not_asked_for(
    store: Store, config: Config, office: OtherOffice, onward: str
) -> None:
    office.publish(1, CLAIM)
    body = json.dumps({"@type": "DataFeed", "dataFeedElement": office.items}).encode()
    office.site.pages[FEED] = lambda _request: Reply(body, headers={"Link": f'<{onward}>; rel="next"'})
    actor = actor_of(store)
    add(store, config, actor, office.site)
    assert noted(store, actor).failed.startswith("source-unreadable: ")
    # What came before stays.
    assert noted(store, actor).entries == 1


def test_a_failure_is_shown_and_the_next_try_comes_later_each_time(
    store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(store)
    number = add(store, config, actor, office.site)
    healthy = noted(store, actor)
    assert reading.EVERY * 0.7 < healthy.due_at - now() <= reading.EVERY
    feed = office.site.pages[FEED]
    office.site.pages[FEED] = lambda _request: Reply(status=500)
    waits = []
    for failures in range(1, 8):
        read_again(store, config, actor, number)
        shown = noted(store, actor)
        assert shown.failures == failures
        assert shown.failed.startswith("fetch-failed: ")
        assert shown.read_at == healthy.read_at
        waits.append(shown.due_at - now())
    assert waits[0] > reading.EVERY
    assert waits[1] > 1.2 * waits[0]
    assert waits[-1] <= reading.LONGEST
    with store.read() as session:
        assert session.scalar(select(func.count(Outbox.id)).where(Outbox.task == "peer")) == 0
    office.site.pages[FEED] = feed
    read_again(store, config, actor, number)
    assert (noted(store, actor).failed, noted(store, actor).failures) == ("", 0)


def test_each_office_comes_in_its_turn_and_is_owed_once(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    number = add(any_store, config, actor, office.site)
    register.add(any_store, config, actor, "jauh.example", "Jauh")
    with any_store.write() as session:
        session.query(Outbox).filter(Outbox.task == "peer").delete()
    reading.owe_due(any_store)
    assert [job.ref for job in outbox.claim(any_store, "peer", 10)] != [number]
    with time_machine.travel(now() + timedelta(minutes=16)):
        reading.owe_due(any_store)
        reading.owe_due(any_store)
        with any_store.read() as session:
            owed = session.scalars(select(Outbox.ref).where(Outbox.task == "peer")).all()
        assert sorted(owed) == [number, number + 1]
    register.change_trust(any_store, config, actor, number, "none")
    with time_machine.travel(now() + timedelta(days=1)):
        asked = len(office.site.requests)
        reading.owe_due(any_store)
        fetcher_jobs = [job for job in outbox.claim(any_store, "peer", 10) if job.ref == number]
        reading.read(any_store, config, fetcher_jobs)
        assert len(office.site.requests) == asked


def test_an_office_without_any_fact_check_yet_is_no_failure(
    store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(store)
    add(store, config, actor, office.site)
    assert (noted(store, actor).failed, noted(store, actor).entries) == ("", 0)


# What a hostile feed may try.


def test_an_office_cannot_speak_for_another_nor_for_us(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    """Its entries get keys of its own: whatever address or id they bear, nothing else is overwritten."""
    actor = actor_of(any_store)
    with any_store.write() as session:
        ours = make_fact_check(session, "Milik kita", origin="own")
        ours.source_key = "penjaga:group:1"
        theirs = make_fact_check(session, "Milik lembaga lain")
        theirs.source_key = "https://kemkes.example/fakta/1"
    office.publish(1, CLAIM, url="https://kemkes.example/fakta/1")
    office.publish(2, CLAIM, url="penjaga:group:1")
    office.publish(3, CLAIM, url="https://penjaga.lumajangkab.go.id/fakta/1")
    office.publish(4, CLAIM, url="")
    office.publish(5, "Yang benar-benar miliknya")
    number = add(any_store, config, actor, office.site)
    assert [entry.claim for entry in entries_of(any_store, number)] == ["Yang benar-benar miliknya"]
    assert noted(any_store, actor).refused == 4
    with any_store.read() as session:
        assert entries.current(session, ours.id).version == 1
        assert entries.current(session, theirs.id).version == 1


def test_ids_in_a_feed_of_another_kind_overwrite_nothing(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    """A list of entries may bear any ids: our own, another office's, those of an archive."""
    actor = actor_of(any_store)
    office.publish(1, CLAIM)
    first = add(any_store, config, actor, office.site)
    (victim,) = entries_of(any_store, first)
    with any_store.read() as session:
        key = session.get_one(FactCheck, victim.id).source_key
    with open_site() as hostile:
        object.__setattr__(config, "fetch_allow", frozenset({office.site.host, hostile.host}))
        rows = [
            {"target_id": stolen, "title": "Dibajak", "verdict": "BENAR", "url": hostile.url(f"/{place}")}
            for place, stolen in enumerate((key, "penjaga:group:1", "mafindo-1", victim.url))
        ]
        hostile.serve(FEED, json.dumps(rows).encode())
        second = add(any_store, config, actor, hostile, "Lembaga jahat")
        # The same as an ordinary import: the ids of offices are nobody's to use.
        elsewhere = hostile.serve("/arsip.json", json.dumps(rows).encode())
        run_import(any_store, config, elsewhere)
    (untouched,) = entries_of(any_store, first)
    assert (untouched.version, untouched.claim) == (1, CLAIM)
    with any_store.read() as session:
        keys = session.scalars(select(FactCheck.source_key).where(FactCheck.peer_id == second)).all()
    assert set(keys) == {f"peer:{second}:mafindo-1", f"peer:{second}:{victim.url}"}


def test_an_office_cannot_take_back_what_is_not_its_own(
    any_store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(any_store)
    with any_store.write() as session:
        theirs = make_fact_check(session, "Milik lembaga lain")
        theirs.source_key = "https://kemkes.example/fakta/1"
        same_page = make_fact_check(session, "Diimpor dari halamannya sendiri")
        same_page.source_key = canonical_url(office.page(1)) or ""
    office.items = [
        {"@type": "DataFeedItem", "dateDeleted": "2026-11-20", "item": {"url": url}}
        for url in ("https://kemkes.example/fakta/1", office.page(1), "bukan alamat")
    ]
    add(any_store, config, actor, office.site)
    with any_store.read() as session:
        for entry in (theirs, same_page):
            assert entries.current(session, entry.id).searchable
    assert noted(any_store, actor).refused == 2


def test_what_it_writes_is_text_and_nothing_that_runs(
    store: Store, config: Config, office: OtherOffice
) -> None:
    actor = actor_of(store)
    office.publish(
        1,
        "<script>alert(1)</script>Klaim \u202eterbalik<img src=x onerror=alert(1)>",
        reviewBody='<p>Jelas</p><a href="javascript:alert(1)">sini</a><iframe src="//x.example"></iframe>',
    )
    number = add(store, config, actor, office.site)
    (entry,) = entries_of(store, number)
    told = entry.title + entry.claim + entry.explanation
    assert not any(mark in told for mark in ("<", "alert", "javascript", "\u202e"))
    assert "Klaim" in entry.claim
    assert "Jelas" in entry.explanation


def test_a_huge_feed_fills_neither_memory_nor_store(
    store: Store, config: Config, office: OtherOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = actor_of(store)
    monkeypatch.setattr(of_peers, "MAX_ENTRIES", 3)
    for number in range(5):
        office.publish(number, f"Kabar ke-{number}")
    peer_id = add(store, config, actor, office.site)
    assert noted(store, actor).entries == 3
    assert noted(store, actor).refused == 2
    # Other keys at each reading make no difference, and what is known is still corrected.
    known = entries_of(store, peer_id)[0]
    office.items = []
    for number in range(10, 15):
        office.publish(number, f"Kabar ke-{number}")
    office.publish(int(known.url.rpartition("/")[2]), "Sudah dikoreksi")
    read_again(store, config, actor, peer_id)
    assert {entry.claim for entry in entries_of(store, peer_id)} >= {"Sudah dikoreksi"}
    assert noted(store, actor).entries == 3
    endless = (b'{"@type": "ClaimReview"}' * 100_000 for _ in iter(int, 1))
    office.site.pages[FEED] = lambda _request: Reply(chunks=endless)
    read_again(store, config, actor, peer_id)
    assert noted(store, actor).failed.endswith("larger than 20 MB.")


def test_a_feed_leads_to_no_machine_inside(store: Store, config: Config, office: OtherOffice) -> None:
    actor = actor_of(store)
    with open_site() as inside:
        inside.serve("/rahasia", b'[{"id": "a", "title": "Rahasia"}]')
        office.site.pages[FEED] = lambda _request: Reply(
            status=302, headers={"Location": inside.url("/rahasia")}
        )
        add(store, config, actor, office.site)
        assert inside.requests == []
    assert noted(store, actor).failed.startswith("fetch-refused: ")
    assert noted(store, actor).entries == 0


def test_what_is_no_feed_is_a_failure_in_plain_words(store: Store, config: Config, site: Site) -> None:
    site.serve(FEED, b"<html><body>Situs sedang dibangun</body></html>", "text/html")
    actor = actor_of(store)
    add(store, config, actor, site)
    assert noted(store, actor).failed == "source-unreadable: holds no ClaimReview"
