"""Figures and open data for everybody: what they say, what they hold back, and that nobody stands in them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event as sql
from sqlalchemy import select, update

from tests import canaries
from tests.domain.test_quality import _tally
from tests.factories import make_account, make_fact_check
from tests.vocabulary import faults
from tests.web.pages import Browser
from tests.web.test_canaries import secrets as secrets  # noqa: PLC0414 - a fixture
from triage import open_data
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.quality.public import public_figures
from triage.tables import Answer, AuditedAnswer, Notice, Submission, TallyArea, TallyDelay
from triage.trends import tallies
from triage.trends.calendar import day_of
from triage.web import openness

FILES = (
    "/data-terbuka/kabar.csv",
    "/data-terbuka/kabar.json",
    "/data-terbuka/pekan.csv",
    "/data-terbuka/pekan.json",
)
MONDAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing is kept from one test to the next."""
    yield
    openness._figures.cache_clear()
    for kept in (openness._facts, openness._facts_written, openness._weeks_written):
        kept.cache_clear()


def _rows(browser: Browser, path: str) -> list[dict[str, Any]]:
    response = browser.client.get(path)
    assert response.status_code == 200
    if path.endswith("json"):
        rows: list[dict[str, Any]] = json.loads(response.data)["baris"]
        return rows
    return list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig")), delimiter=";"))


# ---- Figures.


def _area(
    session: Any, day: date, district: str, harm: str, messages: int, at_once: int = 1, unanswered: int = 0
) -> None:
    session.add(
        TallyArea(
            day=day, district=district, channel="web", harm=harm, verdict="", messages=messages,
            at_once=at_once, unanswered=unanswered,
        )
    )  # fmt: skip


def test_before_anything_came_the_page_says_so(browser: Browser) -> None:
    page = browser.get("/angka").text
    assert "Belum ada pesan yang dihitung." in page
    assert "Belum ada jawaban otomatis yang dinilai orang." in page
    assert "terbit 0 pemeriksaan" in page


def test_the_figures_say_what_came_how_fast_and_how_often_wrong(browser: Browser, store: Store) -> None:
    today = day_of("35.08", now())
    with store.write() as session:
        _tally(session, today, 1200, {3: 700, 7200: 400}, at_once=700)
        _tally(session, today - timedelta(days=70), 2, {90_000: 2})
        check = make_fact_check(session, "Kabar", origin="own").id
        by = make_account(session).account_id
        for kind in ("corrected", "corrected", "retracted"):
            session.add(
                Notice(fact_check_id=check, kind=kind, version=1, reason="r", author_id=by, created_at=now())
            )
        for number, outcome in enumerate(("right",) * 38 + ("wrong", "unclear", ""), 1):
            message = Submission(
                receipt_hash=f"r{number}", payload_hash="p", text="t", channel="web", created_at=now(),
                state="answered",
            )  # fmt: skip
            session.add(message)
            session.flush()
            answer = Answer(
                submission_id=message.id, fact_check_id=check, version=1, via="band", created_at=now()
            )
            session.add(answer)
            session.flush()
            session.add(AuditedAnswer(answer_id=answer.id, drawn_at=now(), share=0.05, outcome=outcome))
    page = browser.get("/angka").text
    for said in (
        "Pesan diterima 1.200", "Sudah dijawab 1.100", "Belum dijawab 100",
        "Separuhnya dijawab dalam 3 detik",
        "Orang menilai 40 jawaban otomatis yang diambil acak: 38 tepat, 1 keliru, 1 tidak jelas. 1 menunggu",
        "antara 0,1 % dan 13,5 %", "terbit 1 pemeriksaan", "Koreksi: 2. Pencabutan: 1.",
        "kurang dari 3 pesan", "Bulan dengan kurang dari 3 pesan tidak ikut dijumlah",
    ):  # fmt: skip
        assert said in page, said
    assert "1 hari 1 jam" not in page, "how long two people waited"


def test_what_came_in_a_quiet_month_cannot_be_had_by_subtraction(browser: Browser, store: Store) -> None:
    with store.write() as session:
        _tally(session, date(2026, 10, 9), 2, {90_000: 1}, at_once=0)
    with time_machine.travel("2026-11-29T05:00:00+00:00"):
        assert "masih terlalu sedikit" in browser.get("/angka").text
    with store.write() as session:
        _tally(session, date(2026, 11, 9), 40, {3: 30, 60: 5}, at_once=30)
    with time_machine.travel("2026-11-30T05:00:00+00:00"), store.read() as session:
        found = public_figures(session, "35.08")
        page = browser.get("/angka").text
    assert [tuple(month.sums) for month in found.months] == [(2, 0, 1), (40, 30, 5)]
    assert tuple(found.sums) == (40, 30, 5)
    assert found.waits == found.months[1].waits
    assert "Pesan diterima 40" in page
    assert "Sejak Oktober 2026." in page, "not on which day"
    assert "Belum dijawab 5" in page


def test_how_long_one_person_waited_is_not_told_where_the_others_erased(
    browser: Browser, store: Store
) -> None:
    with store.write() as session:
        _area(session, date(2026, 11, 9), "", "other", 3, at_once=0, unanswered=0)
        session.add(TallyDelay(day=date(2026, 11, 9), seconds=7200, messages=1))
    with time_machine.travel("2026-11-30T05:00:00+00:00"):
        page = browser.get("/angka").text
    assert "Pesan diterima 3" in page
    assert "2 jam" not in page


def test_the_figures_are_added_up_once_in_a_while(browser: Browser, store: Store) -> None:
    with time_machine.travel("2026-11-30T05:00:01+00:00", tick=False) as clock:
        with store.write() as session:
            _tally(session, date(2026, 11, 30), 5, {3: 5})
        assert "Pesan diterima 5" in browser.get("/angka").text
        with store.write() as session:
            _area(session, date(2026, 11, 29), "", "other", 9, at_once=0, unanswered=9)
        assert "Pesan diterima 5" in browser.get("/angka").text
        clock.shift(openness.KEPT_S)
        assert "Pesan diterima 14" in browser.get("/angka").text


# ---- Open data: fact-checks.


def test_our_fact_checks_are_given_and_nobody_elses(browser: Browser, store: Store) -> None:
    with store.write() as session:
        own = make_fact_check(session, "=1+1 gratis", origin="own", claim="Katanya gratis").id
        make_fact_check(session, "Milik orang lain")
        make_fact_check(session, "Arsip awal", origin="starter")
        make_fact_check(session, "Tidak dicari", origin="own", searchable=False)
        make_fact_check(session, "Bukan klaim", origin="own", verdict="bukan-klaim")
        gone = make_fact_check(session, "Yang dicabut", origin="own", claim="Klaim yang dicabut")
        gone.searchable, gone.retracted_at = False, now()
        by = make_account(session).account_id
        for _ in range(2):
            session.add(
                Notice(
                    fact_check_id=own, kind="corrected", version=1, reason="r", author_id=by, created_at=now()
                )
            )
    for path in FILES[:2]:
        rows = {int(row["nomor"]): row for row in _rows(browser, path)}
        assert set(rows) == {own, gone.id}
        assert tuple(rows[own]) == openness.COLUMNS["kabar"]
        assert rows[own]["alamat"] == f"http://localhost/fakta/{own}"
        assert (rows[own]["klaim"], rows[own]["putusan"]) == ("Katanya gratis", "hoaks")
        assert int(rows[own]["dikoreksi_kali"]) == 2
        assert rows[own]["dikoreksi_terakhir"]
        assert not rows[own]["dicabut"]
        assert rows[gone.id]["dicabut"]
        assert not any(rows[gone.id][name] for name in ("judul", "klaim", "putusan"))
    assert _rows(browser, FILES[0])[1]["judul"] == "'=1+1 gratis", "no formula for a spreadsheet"
    assert _rows(browser, FILES[1])[1]["judul"] == "=1+1 gratis"


def test_only_so_many_are_given(browser: Browser, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_data, "MOST_FACTS", 3)
    with store.write() as session:
        for number in range(5):
            make_fact_check(session, f"Kabar {number}", origin="own")
    assert len(_rows(browser, FILES[0])) == 3


# ---- Open data: weeks.


def test_weeks_that_are_over_are_given_rounded_and_small_numbers_held_back(
    browser: Browser, store: Store
) -> None:
    with store.write() as session:
        for day in (MONDAY, MONDAY + timedelta(days=6)):
            _area(session, day, "35.08.01", "health", 4)
        _area(session, MONDAY, "35.08.01", "other", 3)
        _area(session, MONDAY, "35.08.02", "fraud", 2)
        for later in range(4):
            _area(session, MONDAY + timedelta(days=later), "35.08.05", "fraud", 3)
        _area(session, MONDAY + timedelta(days=7), "35.08.01", "health", 53)
        _area(session, MONDAY + timedelta(days=14), "35.08.01", "health", 60)
    with time_machine.travel("2026-11-16T02:00:00+00:00"):
        rows = _rows(browser, FILES[3])
        in_csv = _rows(browser, FILES[2])
    assert [tuple(row.values()) for row in rows] == [
        ("2026-11-02", "35.08.01", "Tempursari", "health", 10, 0, 0, 0),
        ("2026-11-02", "35.08.01", "Tempursari", "other", 5, 0, 0, 0),
        ("2026-11-02", "35.08.02", "Pronojiwo", "fraud", None, None, None, 1),
        ("2026-11-02", "35.08.05", "Tempeh", "fraud", 10, 5, 0, 0),
        ("2026-11-09", "35.08.01", "Tempursari", "health", 55, 0, 0, 0),
    ]
    assert [[str("" if cell is None else cell) for cell in row.values()] for row in rows] == [
        list(row.values()) for row in in_csv
    ]


def test_one_message_more_shows_in_few_files(browser: Browser, store: Store) -> None:
    """Of what came of one kind from one kecamatan, 3 to 7 messages look alike, and so on."""
    seen = []
    for number in range(1, 18):
        with store.write() as session:
            if number == 1:
                _area(session, MONDAY, "35.08.01", "health", 1)
            else:
                session.execute(update(TallyArea).values(messages=number))
        with time_machine.travel("2026-11-16T02:00:00+00:00") as clock:
            clock.shift(timedelta(seconds=openness.KEPT_S * number))
            seen += [row["pesan"] for row in _rows(browser, FILES[3])]
    assert seen == [None] * 2 + [5] * 5 + [10] * 5 + [15] * 5


# ---- Both.


@pytest.mark.parametrize("path", FILES)
def test_files_may_be_kept_and_asked_for_again(browser: Browser, store: Store, path: str) -> None:
    response = browser.client.get(path)
    assert response.headers["Cache-Control"] == f"public, max-age={openness.KEPT_S}"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert openness.LICENCE in response.headers["Link"]
    assert "Set-Cookie" not in response.headers
    again = browser.client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", FILES)
def test_made_up_hosts_do_not_make_everything_be_read_anew(app: Flask, browser: Browser, path: str) -> None:
    read: list[str] = []
    with time_machine.travel("2026-11-30T05:00:01+00:00", tick=False):
        browser.client.get(path)
        engine = app.extensions["penjaga"].store.engine
        sql.listen(engine, "before_cursor_execute", lambda *given: read.append(given[2]))
        for number in range(10):
            answer = browser.client.get(path, headers={"Host": f"{number}.example"})
            assert answer.status_code == 200
    assert [statement for statement in read if "fact_check" in statement or "tally" in statement] == []


def test_the_page_describes_both_sets_for_search_engines(browser: Browser) -> None:
    page = browser.get("/data-terbuka")
    described = json.loads(page.html.split('<script type="application/ld+json">')[1].split("</script>")[0])
    assert described["@context"] == "https://schema.org"
    for one in described["@graph"]:
        assert one["@type"] == "Dataset"
        assert faults(one) == []
        assert one["license"] == openness.LICENCE
        for download in one["distribution"]:
            path = download["contentUrl"].removeprefix("http://localhost")
            assert browser.client.get(path).content_type.startswith(download["encodingFormat"])
    assert "CC BY 4.0" in page.text


@pytest.mark.parametrize("name", ["kabar", "pekan"])
def test_every_column_is_explained(browser: Browser, name: openness.DataSet) -> None:
    html = browser.get("/data-terbuka").html
    for column in openness.COLUMNS[name]:
        assert f"<code>{column}</code>" in html, column


def test_nothing_of_a_reporter_is_in_it(
    app: Flask, browser: Browser, store: Store, config: Config, secrets: list[str]
) -> None:
    tallies.count(store, config)
    with store.read() as session:
        first = session.scalars(select(TallyArea.day)).first()
    assert first is not None
    with time_machine.travel(now() + timedelta(days=8)):
        for path in (*FILES, "/angka", "/data-terbuka"):
            response = browser.client.get(path)
            assert response.status_code == 200
            assert (
                canaries.given_away(f"{response.headers}\n{response.get_data(as_text=True)}", *secrets) == []
            )
