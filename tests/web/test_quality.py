"""The page about our own work, and its tables to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook

from tests.domain.test_quality import _judge, _tally
from tests.factories import make_account
from tests.unit.test_intervals import sample
from tests.web.pages import Browser
from triage.columns import now
from triage.db import Store
from triage.permissions import Role
from triage.trends.calendar import day_of
from triage.web.filters import waited


@pytest.fixture
def analyst(signed_in: Callable[[Role], Browser]) -> Browser:
    return signed_in("analis")


def _fill(store: Store, *, turned: float = 0.0) -> None:
    today = day_of("35.08", now())
    with store.write() as session:
        _tally(session, today, 10, {2: 4, 7200: 5}, at_once=4)
        _tally(session, today - timedelta(days=200), 1000, {86_400: 1000})
        by = make_account(session).account_id
        for stated, same in sample(1, 120, turned):
            _judge(session, stated, "confirmed" if same else "rejected", now(), by)


def test_an_empty_place_says_so(analyst: Browser) -> None:
    page = analyst.get("/kim/mutu").text
    for said in (
        "Tidak ada pesan.", "Belum ada jawaban otomatis yang dinilai orang.", "Belum ada saran yang dinilai",
        "Belum dapat dikatakan: baru 0 saran utama",
    ):  # fmt: skip
        assert said in page, said


def test_the_figures_stand_in_sentences(analyst: Browser, store: Store) -> None:
    _fill(store)
    page = analyst.get("/kim/mutu").text
    for said in (
        "Separuhnya dijawab dalam 2 jam", "Sembilan dari sepuluh dalam 2 jam", "Terjawab seketika 40 %",
        "4 dari 10 pesan", "Orang menilai 120 saran", "Masih sesuai: tidak ada tanda",
        "Yang dipakai kalibrasi bawaan",
    ):  # fmt: skip
        assert said in page, said
    assert "1.000" not in page, "of 200 days ago"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"), (0, "0 detik"), (119, "119 detik"), (120, "2 menit"), (3600, "1 jam"),
        (5400, "1 jam 30 menit"), (9000, "2 jam 30 menit"), (86_400, "1 hari"), (129_600, "1 hari 12 jam"),
        (907_200, "10 hari 12 jam"), (40 * 86_400, "40 hari"),
    ],
)  # fmt: skip
def test_a_wait_is_never_said_shorter_than_it_was(app: Flask, seconds: int | None, said: str) -> None:
    with app.test_request_context("/"):
        assert waited(seconds).replace("\xa0", " ") == said


def test_what_waits_hides_the_quantile_and_the_page_says_why(analyst: Browser, store: Store) -> None:
    with store.write() as session:
        _tally(session, day_of("35.08", now()), 10, {2: 5})
    page = analyst.get("/kim/mutu?hari=7").text
    assert "Separuhnya dijawab dalam 2 detik" in page
    assert "Sembilan dari sepuluh dalam –" in page
    assert "Lebih dari satu di antara sepuluh pesan belum dijawab" in page


def test_a_shift_is_named(analyst: Browser, store: Store) -> None:
    _fill(store, turned=0.3)
    page = analyst.get("/kim/mutu").text
    assert "Bergeser: mesin terlalu yakin." in page
    assert "kurang dari sekali dalam 100" in page
    assert "penjaga learn" in page


def test_a_time_can_be_chosen_and_nonsense_is_refused(analyst: Browser, store: Store) -> None:
    _fill(store)
    first = (day_of("35.08", now()) - timedelta(days=365)).isoformat()
    page = analyst.get(f"/kim/mutu?dari={first}").text
    assert "4 dari 1.010 pesan" in page
    assert "Pesan per bulan" in analyst.get(f"/kim/mutu?dari={first}").html
    assert "tidak dikenal" in analyst.get("/kim/mutu?dari=2026-99-01").text
    assert "tidak dikenal" in analyst.get("/kim/mutu?hari=0").text


def test_the_tables_hold_the_same(analyst: Browser, store: Store) -> None:
    _fill(store)
    response = analyst.client.get("/kim/mutu/unduh.csv?hari=30")
    rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Bagian", "Untuk", "Hal", "Angka"]
    assert ["Angka", "Semua", "Pesan", "10"] in rows
    assert ["Angka", "Semua", "Sembilan dari sepuluh terjawab dalam (detik)", "7200"] in rows
    assert all(len(row) == 4 for row in rows)
    book = load_workbook(io.BytesIO(analyst.client.get("/kim/mutu/unduh.xlsx?hari=30").data))
    assert book.sheetnames == ["Angka", "Pekan", "Menurut peluang", "Peluang per bulan"]
    single = {row[0]: row[1] for row in book["Angka"].iter_rows(values_only=True)}
    assert (single["Pesan"], single["Belum terjawab"]) == (10, 1)
    weeks = list(book["Pekan"].iter_rows(values_only=True))
    assert weeks[-1][1:] == (10, 4, 1, 7200, 7200), "numbers to reckon with"
    assert sum(row[1] for row in book["Menurut peluang"].iter_rows(min_row=2, values_only=True)) == 120
