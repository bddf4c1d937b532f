"""The bulletin: weeks of the region's calendar, and what happened within one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.domain.test_plans import SCAN, plans
from tests.factories import make_account, make_fact_check
from triage import bulletin
from triage.bulletin import Issue, Week
from triage.db import Store
from triage.errors import NotFound
from triage.gist import Gist
from triage.tables import FactCheck, FactCheckVersion, Notice

REGION, EAST = "35.08", "94.71"
WEEK = Week(2026, 48)
MONDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)  # midnight in Lumajang
OFFICE, SITE = "KIM dan Diskominfo Kabupaten Lumajang", "https://penjaga.example/fakta"
TODAY = datetime(2026, 11, 30, 3, tzinfo=UTC)


def _own(store: Store, title: str, at: datetime, **fields: object) -> int:
    with store.write() as session:
        made = make_fact_check(session, title, **({"origin": "own", "url": ""} | fields))
        made.created_at = made.updated_at = at
        return made.id


def _notice(store: Store, number: int, kind: str, at: datetime, reason: str = "Sumbernya keliru.") -> None:
    with store.write() as session:
        author = make_account(session).account_id
        session.add(
            Notice(fact_check_id=number, kind=kind, version=1, reason=reason, author_id=author, created_at=at)
        )
        if kind == "retracted":
            entry = session.get_one(FactCheck, number)
            entry.retracted_at, entry.searchable = at, False


def _issue(store: Store, week: Week = WEEK, region: str = REGION) -> Issue:
    with store.read() as session:
        return bulletin.issue(session, region, week)


def _claims(found: tuple[Gist, ...]) -> list[str]:
    return [said.claim for said in found]


def test_a_week_is_of_the_regions_clock(any_store: Store) -> None:
    hour = timedelta(hours=1)
    for title, at in (
        ("sebelum", MONDAY - hour), ("awal", MONDAY), ("akhir", MONDAY + timedelta(days=7) - hour),
        ("sesudah", MONDAY + timedelta(days=7)),
    ):  # fmt: skip
        _own(any_store, title, at)
    assert _claims(_issue(any_store).published) == ["awal", "akhir"]
    # Two hours further east, Monday has begun before.
    assert _claims(_issue(any_store, region=EAST).published) == ["sebelum", "awal"]
    assert _claims(_issue(any_store, Week(2026, 47)).published) == ["sebelum"]


def test_what_is_not_ours_or_not_for_everybody_does_not_stand_there(store: Store) -> None:
    _own(store, "Milik penerbit lain", MONDAY, origin="imported")
    _own(store, "Arsip awal", MONDAY, origin="starter")
    _own(store, "Salam", MONDAY, verdict="bukan-klaim", searchable=False)
    _own(store, "Kabar", MONDAY)
    assert _claims(_issue(store).published) == ["Kabar"]


def test_corrections_and_retractions_stand_in_their_week_and_repeat_no_claim_that_fell(
    any_store: Store,
) -> None:
    old, gone = _own(any_store, "Lama", MONDAY - timedelta(days=30)), _own(any_store, "Keliru", MONDAY)
    _notice(any_store, old, "corrected", MONDAY + timedelta(days=1), "Tanggalnya\nsalah.")
    _notice(any_store, gone, "retracted", MONDAY + timedelta(days=2))
    _notice(any_store, old, "corrected", MONDAY + timedelta(days=8))
    found = _issue(any_store)
    assert found.published == ()
    assert [(one.said.claim, one.reason) for one in found.corrected] == [("Lama", "Tanggalnya salah.")]
    assert [(one.number, one.reason) for one in found.retracted] == [(gone, "Sumbernya keliru.")]
    text = bulletin.message(found, OFFICE, SITE, lambda number: f"{SITE}/{number}")
    assert "Keliru" not in text
    assert f"*Dicabut*: pemeriksaan nomor {gone}" in text


@time_machine.travel(TODAY)
def test_what_was_retracted_and_published_anew_within_a_week_is_told_as_both(any_store: Store) -> None:
    number = _own(any_store, "Lama", MONDAY - timedelta(days=30), explanation="Keliru.")
    _notice(any_store, number, "retracted", MONDAY + timedelta(days=1))
    again = MONDAY + timedelta(days=2)
    with any_store.write() as session:
        entry = session.get_one(FactCheck, number)
        entry.version, entry.searchable, entry.retracted_at = 2, True, None
        first = session.query(FactCheckVersion).filter_by(fact_check_id=number).one()
        kept = {column.name: getattr(first, column.name) for column in FactCheckVersion.__table__.columns}
        kept |= {"number": 2, "explanation": "Yang benar.", "content_hash": "baru", "created_at": again}
        session.add(FactCheckVersion(**{name: value for name, value in kept.items() if name != "id"}))
    found = _issue(any_store)
    assert [said.truth for said in found.published] == [("Yang benar.",)]
    assert [one.number for one in found.retracted] == [number]
    with any_store.read() as session:
        (row, _before) = bulletin.year(session, REGION).weeks
    assert (row.week, row.published, row.notices) == (WEEK, 1, 1)


@time_machine.travel(TODAY)
def test_why_a_private_answer_was_changed_stands_nowhere(any_store: Store) -> None:
    private = {"verdict": "bukan-klaim", "searchable": False}
    for kind in ("corrected", "retracted"):
        _notice(any_store, _own(any_store, "Salam", MONDAY, **private), kind, MONDAY, "Bu Sri menelepon.")
    assert _issue(any_store).empty
    with any_store.read() as session:
        assert bulletin.year(session, REGION).weeks == ()


@time_machine.travel(TODAY)
@pytest.mark.parametrize("name", ["2026-W49", "2026-W48", "2020-W53", "2000-W01"])
def test_weeks_that_there_are(name: str) -> None:
    assert bulletin.week_named(name, REGION).name == name


@time_machine.travel(TODAY)
@pytest.mark.parametrize(
    "name",
    ["2026-W50", "2021-W53", "2026-W00", "2026-W99", "2026-48", "1999-W01", "٢٠٢٦-W48", "", "2026-W48\n"],
)
def test_weeks_that_there_are_not(name: str) -> None:
    with pytest.raises(NotFound):
        bulletin.week_named(name, REGION)


@pytest.mark.parametrize(
    ("week", "days"),
    [
        (WEEK, "23 sampai 29 November 2026"),
        (Week(2026, 49), "30 November sampai 6 Desember 2026"),
        (Week(2026, 53), "28 Desember 2026 sampai 3 Januari 2027"),
    ],
)
def test_a_week_is_told_in_words(week: Week, days: str) -> None:
    assert week.days == days


@time_machine.travel(TODAY)
def test_the_weeks_of_a_year_that_have_something(any_store: Store) -> None:
    _own(any_store, "satu", MONDAY)
    two = _own(any_store, "dua", MONDAY + timedelta(days=1))
    _own(any_store, "tahun lalu", MONDAY - timedelta(days=365))
    _own(any_store, "arsip", MONDAY - timedelta(days=20), origin="starter")
    _notice(any_store, two, "corrected", MONDAY + timedelta(days=7))
    with any_store.read() as session:
        year = bulletin.year(session, REGION)
        before = bulletin.year(session, REGION, 2025)
        long_ago = bulletin.year(session, REGION, 2000)
    assert [(row.week.name, row.published, row.notices) for row in year.weeks] == [
        ("2026-W49", 0, 1), ("2026-W48", 2, 0),
    ]  # fmt: skip
    assert (year.number, year.earlier, year.later) == (2026, 2025, None)
    assert [row.week.name for row in before.weeks] == ["2025-W47"]
    assert (before.earlier, before.later) == (None, 2026)
    assert long_ago.weeks == ()


def test_the_message_numbers_what_it_tells_and_puts_the_verdict_before_the_claim(store: Store) -> None:
    first = _own(store, "Semeru meletus malam ini", MONDAY, explanation="Jamnya tidak ada. Tenang.")
    second = _own(store, "Jembatan putus", MONDAY, verdict="benar", explanation="Sudah dicek.")
    text = bulletin.message(_issue(store), OFFICE, "https://penjaga.example/buletin", lambda n: f"{SITE}/{n}")
    assert text == (
        f"*Buletin cek fakta*\n23 sampai 29 November 2026\n{OFFICE}\n\n"
        f"1. ✕ *HOAKS*: “Semeru meletus malam ini”\nJamnya tidak ada.\n{SITE}/{first}\n\n"
        f"2. ✓ *BENAR*: “Jembatan putus”\nSudah dicek.\n{SITE}/{second}\n\n"
        "Selengkapnya: https://penjaga.example/buletin"
    )


def test_the_message_of_a_busy_week_is_bounded_and_counts_what_is_left_out(store: Store) -> None:
    for number in range(30):
        _own(store, f"Kabar *ke-{number}* " + "panjang sekali " * 30, MONDAY, explanation="W" * 900)
    text = bulletin.message(_issue(store), OFFICE, "https://penjaga.example/buletin", lambda n: f"{SITE}/{n}")
    assert 1_800 < len(text) <= bulletin.MAX_CHARACTERS
    told = text.count("✕ *HOAKS*: “Kabar ke-")
    assert f"… dan {30 - told} lagi." in text
    assert text.endswith("Selengkapnya: https://penjaga.example/buletin")


@pytest.mark.embedded
@time_machine.travel(TODAY)
def test_a_bulletin_is_found_by_indexes(store: Store) -> None:
    with store.write() as session:
        for number in range(300):
            make_fact_check(session, f"Kabar {number}", origin="own" if number % 3 else "imported")

    def read() -> None:
        with store.read() as session:
            bulletin.issue(session, REGION, WEEK)
            bulletin.year(session, REGION)

    found = plans(store, read)
    steps = [step for plan in found.values() for step in plan]
    assert [step for step in steps if SCAN.search(step) or "SCAN notice" in step] == []
    assert len(found) == 6
