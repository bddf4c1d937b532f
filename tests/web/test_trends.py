"""The trends pages: what they say, what they hide, where their figures lead, and what they cost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, timedelta
from html import unescape

import pytest
import time_machine
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event as sql
from sqlalchemy import select

from tests.factories import make_account, make_fact_check, make_group, make_submission
from tests.scripted import ScriptedMatching, drain, send
from tests.web.pages import Browser, Page
from triage import events
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import ClaimGroup, Surge
from triage.trends import tallies
from triage.trends.filters import Filter
from triage.trends.rising import rising
from triage.trends.surprise import FALSE_ALARMS, OF_REGULAR

TEMPEH, PASIRIAN = "35.08.05.2001", "35.08.04.2001"
FLOOD = "Air Kali Glidik naik cepat, warga di tepi sungai diminta segera pindah ke balai desa malam ini"
TAX = "Pajak kendaraan dihapus semua mulai bulan depan, cukup daftar lewat tautan yang dibagikan di grup"
TODAY = date(2026, 11, 30)
_FIGURE = re.compile(r'<a href="(/kim/tren/pesan[^"]*)">(\d+)</a>')


class Traffic:
    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config, self.matching = store, config, ScriptedMatching()
        with store.write() as session:
            self.check = make_fact_check(session, "Pajak tidak dihapus").id
        self.matching.expect(TAX, "answer", (self.check, 0.99))

    def send(self, text: str, *senders: str, village: str | None = None) -> None:
        for sender in senders:
            send(self.store, self.config, text, sender, village)
        drain(self.store, self.matching)
        tallies.count(self.store, self.config)


@pytest.fixture
def traffic(store: Store, config: Config) -> Traffic:
    return Traffic(store, config)


@pytest.fixture
def analyst(signed_in: Callable[[Role], Browser]) -> Browser:
    return signed_in("analis")


def _links(page: Page) -> list[str]:
    return [link["href"] for link in page.all("a")]


def test_an_empty_place_has_an_empty_page(analyst: Browser) -> None:
    page = analyst.get("/kim/tren").text
    assert "Belum ada kabar dalam 24 jam terakhir." in page
    assert "Belum ada yang dihitung" in page


def test_the_page_says_what_came_and_what_became_of_it(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", village=PASIRIAN)
    page = analyst.get("/kim/tren").text
    for said in (
        "Diterima 4",
        "Terjawab seketika 3",
        "75 %",
        "Belum terjawab 1",
        "Kabar menunggu sekarang 1",
    ):
        assert said in " ".join(page.split()), said
    assert page.index("Pajak kendaraan") < page.index("Air Kali Glidik")
    assert "3 pesan dalam 24 jam" in page


def test_a_filter_shows_a_part_and_stays_in_every_address(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", village=PASIRIAN)
    page = analyst.get("/kim/tren?kec=35.08.05&putusan=hoaks&hari=30")
    assert "Diterima 3" in " ".join(page.text.split())
    addresses = [link for link in _links(page) if link.startswith("/kim/tren") and "unduh" in link]
    assert len(addresses) == 2
    assert all("kec=35.08.05" in link and "putusan=hoaks" in link and "hari=30" in link for link in addresses)


@pytest.mark.parametrize(
    "address",
    ["?kec=35.09.01", "?bahaya=<script>", "?hari=0", "?dari=2026-13-01", "?dari=2026-11-30&sampai=2026-11-01",
     "?dari=1900-01-01", "?dari=0001-01-01&sampai=0001-01-01", "?sampai=9999-12-31", "?putusan=%00",
     "?saluran=web%27--", "?dari=2026-11-01T00", "?peta=rumah"],
)  # fmt: skip
def test_what_is_no_filter_is_left_out_and_said(analyst: Browser, address: str) -> None:
    page = analyst.get(f"/kim/tren{address}")
    assert page.status == 200
    assert "Sebagian alamat halaman ini tidak dikenal" in page.text
    assert "<script>" not in page.html


def test_a_filter_is_read_back_from_its_address() -> None:
    for asked in (
        Filter.read({}, "35.08", TODAY),
        Filter.read({"hari": "90", "kec": "35.08.05", "bahaya": "health"}, "35.08", TODAY),
        Filter.read({"dari": "2026-10-01", "sampai": "2026-10-31", "saluran": "web"}, "35.08", TODAY),
        Filter.read({"putusan": "belum"}, "35.08", TODAY),
        Filter.read({"peta": "belum"}, "35.08", TODAY),
    ):
        assert Filter.read(asked.args, "35.08", TODAY) == asked
        assert not asked.refused
    assert Filter.read({"hari": "30"}, "35.08", TODAY).before().last == TODAY - timedelta(days=30)


def test_every_figure_leads_to_the_claims_behind_it(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", village=PASIRIAN)
    behind = analyst.get("/kim/tren/pesan?kec=35.08.05").text
    assert "3 pesan" in behind
    assert "Pajak kendaraan" in behind
    assert "Air Kali Glidik" not in behind
    assert "Air Kali Glidik" in analyst.get("/kim/tren/pesan?putusan=belum").text
    for link in _links(analyst.get("/kim/tren")):
        if link.startswith("/kim/tren"):
            assert analyst.client.get(link, follow_redirects=True).status_code == 200, link


def _mixed(traffic: Traffic) -> None:
    """Answered at once, waiting from a village and from nowhere known, and too short to be matched."""
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", village=PASIRIAN)
    traffic.send(FLOOD, "b")
    with traffic.store.write() as session:
        make_submission(session, text="halo", village=TEMPEH)
        make_submission(session, text="tes")
        events.append(session, actor="sistem", subject="submission", subject_id=6, name="create")
    tallies.count(traffic.store, traffic.config)


@pytest.mark.parametrize("asked", ["", "?hari=1", "?hari=1&kec=35.08.05", "?putusan=belum", "?bahaya=other"])
def test_a_list_holds_as_many_messages_as_the_figure_that_opens_it(
    analyst: Browser, traffic: Traffic, asked: str
) -> None:
    _mixed(traffic)
    opened = _FIGURE.findall(analyst.get(f"/kim/tren{asked}").html)
    assert len(opened) >= 10
    for address, number in opened:
        page = analyst.get(unescape(address))
        if "asal=35" in address:
            assert (
                f": {number}.</strong> Di daftar ini hanya kabar yang dikirim sedikitnya tiga orang"
                in page.html
            )
            continue
        listed = sum(int(count) for count in re.findall(r"<strong>(\d+) pesan</strong>", page.html))
        short = re.search(r"(\d+) di antaranya terlalu pendek", page.text)
        assert listed + int(short[1] if short else 0) == int(number), address
        assert f": {number}.</strong>" in page.html, address


def test_of_a_village_only_what_three_people_sent_is_listed(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", "d", village=TEMPEH)
    traffic.send(FLOOD, "e", "f", "g", village=PASIRIAN)
    traffic.send(TAX, "e", village=PASIRIAN)
    (address,) = [
        link for link in _links(analyst.get("/kim/tren?kec=35.08.05")) if f"asal={TEMPEH}" in link
        and "angka" not in link
    ]  # fmt: skip
    page = analyst.get(address)
    assert "Pesan, Pandanwangi, Tempeh: 5." in page.text
    assert "Pajak kendaraan" in page.text
    assert "Air Kali Glidik" not in page.text
    assert "3 pesan" in page.text
    # What one person sent was answered at once.
    at_once = analyst.get(f"/kim/tren/pesan?asal={PASIRIAN}&angka=seketika").text
    assert "Pajak kendaraan" not in at_once
    assert "Air Kali Glidik" not in at_once


def test_of_a_hidden_village_nothing_is_listed(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", "b", village="35.08.05.2002")
    # The first is hidden with the second, for the total would tell the other.
    for village in (TEMPEH, "35.08.05.2002"):
        page = analyst.get(f"/kim/tren/pesan?asal={village}").text
        assert "Angka desa ini tidak ditampilkan, jadi kabarnya juga tidak." in page
        assert "Pajak kendaraan" not in page
        assert "Air Kali Glidik" not in page


def test_today_is_said_beside_a_longer_time(analyst: Browser, traffic: Traffic) -> None:
    with time_machine.travel(now() - timedelta(days=2)):
        traffic.send(TAX, "a", "b", "c")
    traffic.send(FLOOD, "a")
    page = analyst.get("/kim/tren").text
    for said in (
        "Diterima 4 hari ini 1 ,",
        "Terjawab seketika 3 hari ini 0,",
        "Belum terjawab 1 hari ini 1 ,",
    ):
        assert said in page, said
    assert "Diterima 1 sebelumnya 0" in analyst.get("/kim/tren?hari=1").text


@pytest.mark.parametrize(
    "address",
    ["angka=semua&jam=24", "jam=-1&hari=1", "jam=%00&asal=%00", "jam=3", "hal=9999999", "hal=-1&asal=x"],
)
def test_what_is_no_figure_is_left_out(analyst: Browser, traffic: Traffic, address: str) -> None:
    traffic.send(TAX, "a", "b")
    page = analyst.get(f"/kim/tren/pesan?{address}")
    assert page.status == 200
    assert ("Pesan: 2." in page.text) is ("999" not in address)


def test_what_is_past_a_day_is_listed_by_itself(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(FLOOD, "a", village=PASIRIAN)
    traffic.send(FLOOD.replace("Kali Glidik", "Kali Mujur"), "b")
    with traffic.store.write() as session:
        group = session.scalars(select(ClaimGroup).order_by(ClaimGroup.id)).first()
        assert group is not None
        group.first_seen = now() - timedelta(hours=25)
        late = group.id
    (address,) = [link for link in _links(analyst.get("/kim/tren")) if link.endswith("lihat=lewat")]
    listed = [tag["id"] for tag in analyst.get(address).all("li") if "data-card" in tag]
    assert listed == [f"pesan-{late}"]


def test_another_filter_leaves_what_the_map_shows(analyst: Browser) -> None:
    page = analyst.get("/kim/tren?peta=per-1000&hari=30")
    (form,) = [form for form in page.forms if form.method == "get"]
    assert {name: value for name, value in form.fields.items() if value} == {"hari": "30", "peta": "per-1000"}


def test_a_surge_that_goes_on_stands_before_those_that_ended(store: Store) -> None:
    with store.write() as session:
        back, gone = (make_group(session).id for _ in range(2))
        for group, score, ended in ((back, 3.0, True), (gone, 9.0, True), (back, 20.0, False)):
            session.add(
                Surge(group_id=group, found_at=now(), since=now(), observed=9, expected=1.2, score=score,
                      villages=2, last_at=now(), ended_at=now() if ended else None)
            )  # fmt: skip
            session.flush()
    with store.read() as session:
        found = [(claim.item.group_id, claim.surge and claim.surge.score) for claim in rising(session)]
    assert found == [(back, 20.0), (gone, 9.0)]


def test_fewer_than_three_people_of_a_village_are_not_shown(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village="35.08.05.2001")
    traffic.send(TAX, "a", "a", "a", "b", village="35.08.05.2002")
    traffic.send(TAX, "a", "b", "c", "d", village="35.08.05.2003")
    traffic.send(TAX, "a", "b", "c", "d", "e", village="35.08.05.2004")
    page = analyst.get("/kim/tren?kec=35.08.05").html
    villages = page[page.index('id="desa"') :]
    # The second by itself, and with it the smallest of the others: or the total would tell it.
    assert villages.count("tidak ditampilkan</td>") == 2
    table = analyst.client.get("/kim/tren/unduh.csv?kec=35.08.05").get_data().decode("utf-8-sig")
    rows = {row[1]: row[3:] for row in csv.reader(io.StringIO(table), delimiter=";") if len(row) == 6}
    assert rows["35.08.05.2001"] == rows["35.08.05.2002"] == ["", "", ""]
    assert rows["35.08.05.2004"] == ["5", "5", "0"]
    assert rows["35.08.05"] == ["16", "16", "0"]


def test_the_map_shows_every_village_of_the_regency(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(FLOOD, "a", "b", "c", village=TEMPEH)
    page = analyst.get("/kim/tren/desa?hari=30&peta=belum&bahaya=health&kec=35.08.05")
    assert _regions_of_the_map(page) == 205
    assert "Pandanwangi: 3 (Belum terjawab)" in page.html
    assert "Pandanwangi</a>&nbsp;<b>3</b>, Pulo&nbsp;<b>0</b>" in page.html
    assert "/kim/tren/pesan?hari=30&asal=35.08.05.2001" in _links(page)
    # The time and the measure stay, the kind and the kecamatan do not.
    links = [link for link in _links(page) if link.startswith("/kim/tren?")]
    assert len(links) > 20
    assert all("hari=30" in link and "peta=belum" in link and "bahaya" not in link for link in links)
    assert _regions_of_the_map(analyst.get("/kim/tren")) == 21
    assert "/kim/tren/desa?hari=30" in _links(analyst.get("/kim/tren?hari=30&bahaya=health"))


def _regions_of_the_map(page: Page) -> int:
    return page.html.partition('class="map"')[2].partition("</svg>")[0].count("<title>")


def test_who_sent_a_kind_of_thing_is_not_shown_by_asking_for_it(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", "d", village="35.08.05.2003")
    traffic.send(FLOOD, "a", village="35.08.05.2003")
    for verdict in ("belum", "hoaks"):
        page = analyst.get(f"/kim/tren?kec=35.08.05&putusan={verdict}").html
        # No other village has numbers: it is not even shown which one has.
        assert page[page.index('id="desa"') :].count("tidak ditampilkan</td>") == 13, verdict


def test_messages_without_a_browser_count_as_one_person(analyst: Browser, traffic: Traffic) -> None:
    for _ in range(5):
        send(traffic.store, traffic.config, TAX, None, "35.08.05.2003")
    traffic.send(TAX)
    page = analyst.get("/kim/tren?kec=35.08.05").html
    assert page[page.index('id="desa"') :].count("tidak ditampilkan</td>") == 13


def test_a_surge_stands_first_with_what_is_known_of_it(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD, "a", "b", "c", village=TEMPEH)
    traffic.send(FLOOD.replace("malam ini", "malam ini juga"), "d", village=PASIRIAN)
    with traffic.store.write() as session:
        waiting = session.scalars(select(ClaimGroup.id).where(ClaimGroup.state == "queued")).first()
        session.add(
            Surge(group_id=waiting, found_at=now(), since=now() - timedelta(minutes=30), observed=9,
                  expected=1.2, score=7.5, villages=2, last_at=now())
        )  # fmt: skip
    page = analyst.get("/kim/tren").text
    assert page.index("Air Kali Glidik") < page.index("Pajak kendaraan")
    assert "Sedang naik" in page
    assert "9 orang sejak" in page
    assert "biasanya sekitar 1,2" in page
    # Three of Tempeh, one of Pasirian: the one is not named.
    named = page[page.index("Terutama dari") :].split(".")[0]
    assert "Tempeh" in named
    assert "Pasirian" not in named


def test_numbers_in_messages_are_masked(analyst: Browser, traffic: Traffic) -> None:
    traffic.send("Hubungi 081234567890 untuk bansos tunai yang dibagikan hari ini di balai desa", "a")
    for address in ("/kim/tren", "/kim/tren/pesan"):
        assert "081234567890" not in analyst.get(address).html


def test_an_open_page_is_told_only_what_is_new(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a")
    first = analyst.client.get("/kim/tren/bagian")
    again = analyst.client.get("/kim/tren/bagian", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    traffic.send(FLOOD, "b")
    new = analyst.client.get("/kim/tren/bagian", headers={"If-None-Match": first.headers["ETag"]})
    assert new.status_code == 200


def test_the_tables_open_with_typed_numbers(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    answer = analyst.client.get("/kim/tren/unduh.xlsx?kec=35.08.05")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.get_data()))
    assert book.sheetnames == ["Hari", "Jenis bahaya", "Putusan", "Saluran", "Kecamatan", "Desa"]
    assert [cell.value for cell in book["Putusan"][2]] == ["Hoaks", 3, 3, 0]
    assert book["Hari"].max_row >= 8


def test_a_file_says_what_its_numbers_are_of(analyst: Browser, traffic: Traffic) -> None:
    traffic.send(TAX, "a", "b", "c", village=TEMPEH)
    asked = "?kec=35.08.05&putusan=hoaks&bahaya=other&saluran=web&dari=2025-11-02&sampai=2025-11-03"
    table = analyst.client.get(f"/kim/tren/unduh.csv{asked}").get_data().decode("utf-8-sig")
    notes = [row[0] for row in csv.reader(io.StringIO(table), delimiter=";") if len(row) == 1]
    for said in ("2 November 2025 sampai 3 November 2025.", "Kecamatan: Tempeh", "Putusan: Hoaks",
                 "Jenis bahaya: ", "Saluran: ", "Dihitung "):  # fmt: skip
        assert any(note.startswith(said) for note in notes), (said, notes)


def test_how_often_a_rise_is_chance_is_said_as_it_is_set(analyst: Browser) -> None:
    assert pytest.approx(2) == 1 / (FALSE_ALARMS + OF_REGULAR)
    assert "kira-kira sekali dalam dua pekan" in analyst.get("/kim/tren").text


@contextmanager
def _statements(store: Store, counted: list[str]):  # type: ignore[no-untyped-def]
    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    sql.listen(store.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        sql.remove(store.engine, "before_cursor_execute", note)


def test_the_page_asks_a_bounded_number_of_questions(app: Flask, analyst: Browser, traffic: Traffic) -> None:
    for number in range(20):
        traffic.send(f"{FLOOD} dan kabar lain nomor {'x' * number} dari {number * 7919}", "a", "b")
    counted: list[str] = []
    with _statements(app.extensions["penjaga"].store, counted):
        assert analyst.get("/kim/tren?kec=35.08.05&bahaya=other").status == 200
    asked = [statement for statement in counted if statement.startswith("SELECT")]
    assert len(asked) <= 40


def test_verifiers_see_no_trends(signed_in: Callable[[Role], Browser], store: Store) -> None:
    with store.write() as session:
        make_account(session)
    assert signed_in("verifikator").get("/kim/tren").status == 403
    assert "/kim/tren" not in _links(signed_in("verifikator").get("/kim"))
