"""The report of a week: its sentences and numbers, on the page and on paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pypdf import PdfReader

from tests.factories import make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from tests.web.pages import Browser
from triage import outbox
from triage.answers import answer_groups
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import ClaimGroup, Surge
from triage.trends import tallies

TAX = "Pajak kendaraan dihapus semua mulai bulan depan, tanya 081234567890 atau daftar lewat tautan di grup"
FLOOD = "Air Kali Glidik naik cepat, warga di tepi sungai diminta segera pindah ke balai desa malam ini"
# A Wednesday, in the week 2026-W48.
BEGUN = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def weeks(store: Store, config: Config) -> Iterator[time_machine.Traveller]:
    """Two weeks of messages, looked back on from the Tuesday after."""
    matching = ScriptedMatching()
    with time_machine.travel(BEGUN - timedelta(days=7)) as clock:
        with store.write() as session:
            matching.expect(TAX, "answer", (make_fact_check(session, "Pajak tidak dihapus").id, 0.99))
        for device in "ab":
            send(store, config, TAX, device, "35.08.05.2001")
        drain(store, matching)
        clock.move_to(BEGUN)
        for device in "abcde":
            send(store, config, TAX, device, "35.08.05.2001")
        send(store, config, FLOOD, "f", "35.08.04.2001")
        clock.shift(timedelta(seconds=40))
        drain(store, matching)
        answer_groups(store, outbox.claim(store, "answer", 10))
        with store.write() as session:
            group = session.query(ClaimGroup).where(ClaimGroup.state == "queued").one()
            session.add(
                Surge(group_id=group.id, found_at=now(), since=now() - timedelta(minutes=30), observed=9,
                      expected=1.2, score=7.5, villages=2, last_at=now())
            )  # fmt: skip
            make_fact_check(session, "Jembatan gantung putus", origin="own", claim="Jembatan gantung putus")
        clock.move_to(BEGUN + timedelta(days=6))
        tallies.count(store, config)
        yield clock


@pytest.fixture
def analyst(weeks: object, signed_in: Callable[[Role], Browser]) -> Browser:
    return signed_in("analis")


SAID = (
    "6 pesan masuk pada pekan ini, 4 lebih banyak daripada pekan sebelumnya (2).",
    "5 (83 %) di antaranya dijawab seketika oleh program, tanpa menunggu petugas.",
    "1 (17 %) belum terjawab.",
    "Separuh pesan mendapat jawaban pertamanya dalam 1 menit atau kurang.",
    "1 kabar naik lebih cepat daripada biasanya.",
    "Terbanyak dari Kecamatan Tempeh (5 pesan).",
    "Terbit 1 pemeriksaan; 0 dikoreksi, 0 dicabut.",
    "9 orang sejak",
)


def test_a_week_is_told_in_sentences(analyst: Browser) -> None:
    page = analyst.get("/kim/tren/pekan/2026-W48").text
    for said in (*SAID, "23 sampai 29 November 2026", "5 pesan pekan ini", "Jembatan gantung putus"):
        assert said in page, said
    # What rose comes before what came more often.
    assert page.index("Air Kali Glidik") < page.index("Pajak kendaraan")
    assert "081234567890" not in page


def test_the_paper_says_what_the_page_says(analyst: Browser) -> None:
    answer = analyst.client.get("/kim/tren/pekan/2026-W48.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    read = PdfReader(io.BytesIO(answer.get_data()))
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    for said in (*SAID, "Laporan pekan", "Jembatan gantung putus"):
        assert said in text, said
    assert "081234567890" not in text


def test_what_waits_counts_as_not_yet_answered(
    analyst: Browser, weeks: time_machine.Traveller, store: Store, config: Config
) -> None:
    for number in range(7):
        send(store, config, f"{FLOOD} {'x' * 9} dari grup {number * 7919}", f"z{number}")
    drain(store, ScriptedMatching())
    tallies.count(store, config)
    page = analyst.get("/kim/tren/pekan/2026-W49").text
    assert "7 pesan masuk pada pekan ini sampai sekarang; pekannya belum selesai." in page
    assert "Lebih dari separuh pesan belum mendapat jawaban." in page
    assert "belum tercapai" in page


def test_what_was_asked_back_is_not_said_to_have_been_checked(
    analyst: Browser, weeks: time_machine.Traveller, store: Store, config: Config
) -> None:
    send(store, config, "ya", "z1")
    drain(store, ScriptedMatching())
    tallies.count(store, config)
    page = analyst.get("/kim/tren/pekan/2026-W49").text
    assert "1 (100 %) di antaranya dijawab seketika oleh program" in page
    assert "sudah pernah diperiksa" not in page


def test_a_week_leads_to_the_same_days_of_the_trends(analyst: Browser) -> None:
    links = [link["href"] for link in analyst.get("/kim/tren/pekan/2026-W48").all("a")]
    same = "/kim/tren?dari=2026-11-23&sampai=2026-11-29"
    assert same in links
    assert "Diterima 6" in " ".join(analyst.get(same).text.split())


def test_weeks_lead_to_each_other(analyst: Browser) -> None:
    assert analyst.client.get("/kim/tren/pekan").headers["Location"].endswith("/kim/tren/pekan/2026-W48")
    links = {link["href"] for link in analyst.get("/kim/tren/pekan/2026-W48").all("a")}
    assert {"/kim/tren/pekan/2026-W47", "/kim/tren/pekan/2026-W49", "/kim/tren/pekan/2026-W48.pdf"} <= links
    assert "/kim/tren/pekan/2026-W50" not in str(analyst.get("/kim/tren/pekan/2026-W49").all("a"))
    assert "/kim/tren/pekan" in {link["href"] for link in analyst.get("/kim/tren").all("a")}


@pytest.mark.parametrize(
    "week", ["2026-W54", "2026-W50", "1999-W01", "pekan", "2026-w48", "2026-W00", "2026-W٤٨"]
)
def test_there_are_no_other_weeks(analyst: Browser, week: str) -> None:
    assert analyst.get(f"/kim/tren/pekan/{week}").status == 404
    assert analyst.client.get(f"/kim/tren/pekan/{week}.pdf").status_code == 404


def test_an_empty_week_is_told_too(analyst: Browser) -> None:
    page = analyst.get("/kim/tren/pekan/2020-W10").text
    assert "0 pesan masuk pada pekan ini. Pekan sebelumnya tidak ada pesan." in page
    assert "Tidak ada pemeriksaan yang terbit pekan ini." in page
    assert analyst.client.get("/kim/tren/pekan/2020-W10.pdf").status_code == 200


@pytest.mark.parametrize("page", ["/kim/tren/pekan/2026-W48", "/kim/tren?kec=35.08.05&hari=30"])
def test_signing_in_leads_back(browser: Browser, page: str) -> None:
    form = browser.get(browser.client.get(page).headers["Location"]).form("/masuk")
    assert form.fields["next"] == page
