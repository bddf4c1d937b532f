"""Correcting and retracting on the pages of the desk, and what the public then reads at the same address."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.scripted import ScriptedMatching, drain, tell
from tests.web.pages import Browser, Page
from tests.web.test_kim import WRITTEN
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import FactCheck, SavedDraft

TEXT = "Awas, bantuan tunai dibagikan lewat pesan berantai malam ini di balai desa"
REASON = "Nama kantornya keliru: yang benar kantor kecamatan."
MENDED = "Kantor kecamatan sudah ditanya: tidak ada."


@dataclass(frozen=True)
class Desk:
    store: Store
    siti: Browser
    dewi: Browser
    reader: Browser
    receipt: str

    def page(self, browser: Browser) -> Page:
        return browser.get("/kim/kelompok/1")

    def propose(self, **typed: str) -> Page:
        form = self.page(self.siti).form("/koreksi")
        response = self.siti.submit(form, **({"explanation": MENDED, "reason": REASON} | typed))
        return self.siti.landing(response) if response.status_code == 303 else Page(response)

    def approve(self) -> None:
        self.dewi.landing(self.dewi.submit(self.page(self.dewi).form("/setujui")))
        tell(self.store)

    def retract(self, reason: str) -> Page:
        response = self.dewi.submit(self.page(self.dewi).form("/cabut"), retraction=reason)
        return self.dewi.landing(response) if response.status_code == 303 else Page(response)

    def fact(self, path: str = "") -> Page:
        return self.reader.get(f"/fakta/1{path}")


@pytest.fixture
def desk(
    app: Flask, store: Store, config: Config, browser: Browser, signed_in: Callable[[Role], Browser]
) -> Iterator[Desk]:
    response = browser.submit(browser.get("/").form("/"), text=TEXT)
    drain(store, ScriptedMatching())
    siti, dewi = signed_in("verifikator"), signed_in("penyetuju")
    siti.landing(siti.submit(siti.get("/kim/kelompok/1").form("/ambil")))
    siti.submit(siti.get("/kim/kelompok/1").form("/keputusan"), **WRITTEN)
    found = Desk(store, siti, dewi, browser, response.headers["Location"])
    found.approve()
    # Published a few seconds after it was approved: what follows comes later still.
    with time_machine.travel(now() + timedelta(minutes=1)):
        yield found


def test_a_correction_from_the_form_to_what_readers_see(desk: Desk) -> None:
    form = desk.page(desk.siti).form("/koreksi")
    assert form.fields["explanation"] == WRITTEN["explanation"], "opens with what was published"
    page = desk.propose()
    assert "Usulan koreksi tersimpan" in page.text
    assert "Koreksi menunggu persetujuan" in page.text
    assert "Jawaban yang berlaku sampai koreksi disetujui" in page.text
    assert not page.has_form("/koreksi")
    assert "Usulan koreksi:" in desk.dewi.get("/kim?lihat=persetujuan").text
    assert WRITTEN["explanation"].split("\n", maxsplit=1)[0] in desk.fact().text
    approval = desk.page(desk.dewi)
    assert REASON in approval.text
    assert approval.all("del")
    assert approval.all("ins")
    desk.approve()
    fact = desk.fact()
    assert MENDED in fact.text
    assert "Apa yang berubah" in fact.text
    assert REASON in fact.text
    assert "Diperbarui" in fact.text
    assert fact.all("del"), "the earlier version can be read"
    for name in ("Akun", "siti", "dewi"):
        assert name not in fact.text, "the office, not a person"
    assert "Jawaban ini dikoreksi. " + REASON in desk.reader.get(desk.receipt).text
    told = desk.page(desk.siti)
    assert "mengusulkan koreksi" in told.text
    assert MENDED in told.text
    assert told.has_form("/koreksi")


def test_what_was_typed_in_a_refused_correction_is_still_there(desk: Desk) -> None:
    page = desk.propose(reason="")
    assert page.status == 422
    assert "Tulis untuk pembaca apa yang berubah" in page.text
    assert page.form("/koreksi").fields["explanation"] == MENDED
    page = desk.propose(explanation=WRITTEN["explanation"])
    assert page.status == 422
    assert "Belum ada yang berubah" in page.text
    page = desk.propose(verdict="bukan-klaim")
    assert "halamannya akan hilang" in page.text


def test_a_draft_from_before_it_was_published_does_not_come_back(desk: Desk) -> None:
    with desk.store.write() as session:
        entry = session.get_one(FactCheck, 1)
        before = entry.created_at - timedelta(minutes=5)
        session.add(SavedDraft(account_id=1, group_id=1, fields={"headline": "Lama"}, saved_at=before))
    assert desk.page(desk.siti).form("/koreksi").fields["headline"] == WRITTEN["headline"]


def test_the_preview_stays_with_a_correction(desk: Desk) -> None:
    form = desk.page(desk.siti).form("/koreksi")
    response = desk.siti.client.post(
        "/kim/kelompok/1/pratinjau", data=form.fields | {"explanation": MENDED, "reason": REASON}
    )
    page = Page(response)
    assert page.status == 200
    assert "Begini warga membacanya" in page.text
    assert page.form("/koreksi").fields["reason"] == REASON


def test_a_correction_sent_back_says_so_where_it_is_mended(desk: Desk) -> None:
    desk.propose()
    desk.dewi.submit(desk.page(desk.dewi).form("/kembalikan"), remark="Tulis nama kecamatannya.")
    page = desk.page(desk.siti)
    assert "Perlu diperbaiki" in page.text
    assert "Tulis nama kecamatannya." in page.text
    assert page.form("/koreksi").fields["explanation"] == MENDED
    assert page.form("/koreksi").fields["reason"] == REASON
    assert MENDED not in desk.fact().text


def test_a_retraction_leaves_a_page_that_says_so(desk: Desk) -> None:
    assert not desk.page(desk.siti).has_form("/cabut")
    refused = desk.retract("  ")
    assert (refused.status, "Tulis untuk pembaca mengapa dicabut" in refused.text) == (422, True)
    page = desk.retract("Sumbernya menarik keterangannya.")
    assert "Pemeriksaan dicabut." in page.text
    assert "mencabut pemeriksaan yang sudah terbit" in page.text
    fact = desk.fact()
    assert (fact.status, fact.all("h1")) == (200, [{}])
    assert "Pemeriksaan ini dicabut" in fact.text
    assert "Sumbernya menarik keterangannya." in fact.text
    for gone in (WRITTEN["headline"], WRITTEN["claim"], "ld+json", "og:title"):
        assert gone not in fact.html
    assert desk.fact("/gambar.png").status == 404
    assert WRITTEN["headline"] not in desk.reader.get("/fakta").text
    embedded = desk.fact("/sematan")
    assert (embedded.status, "Pemeriksaan ini dicabut" in embedded.text) == (200, True)
    assert WRITTEN["headline"] not in embedded.html
    status = desk.reader.get(desk.receipt)
    assert "kami cabut" in status.text
    assert "Sumbernya menarik keterangannya." in status.text
    tell(desk.store)
    assert "kami cabut" in desk.reader.get(desk.receipt).text


def test_what_readers_are_told_is_never_markup(desk: Desk) -> None:
    desk.propose(reason="<script>alert(1)</script>", explanation="<img src=x onerror=alert(1)>")
    desk.approve()
    for path in ("/fakta/1", "/fakta/1/sematan", "/kim/kelompok/1", desk.receipt):
        page = (desk.siti if path.startswith("/kim") else desk.reader).get(path)
        assert page.status == 200
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html


def test_other_sites_may_frame_the_short_page_and_nothing_else(desk: Desk) -> None:
    given = desk.reader.client.get("/fakta/1/sematan")
    assert "frame-ancestors *" in given.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in given.headers
    assert "Set-Cookie" not in given.headers
    assert b"<script" not in given.data
    assert b"<form" not in given.data
    short = Page(given)
    assert "Hoaks : " + WRITTEN["headline"] in short.text.replace("✕ ", "")
    (link,) = short.all("a")
    assert (link["href"], link["target"]) == ("http://localhost/fakta/1", "_blank")
    for path in ("/fakta/1", "/fakta", "/", "/fakta/99/sematan"):
        _assert_unframed(desk.reader.client.get(path))
    _assert_unframed(desk.reader.client.options("/fakta/1/sematan"))


def _assert_unframed(response: TestResponse) -> None:
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_oembed_describes_our_own_addresses_alone(desk: Desk) -> None:
    (discovery,) = [link for link in desk.fact().all("link") if link.get("type") == "application/json+oembed"]
    found = desk.reader.client.get(discovery["href"].removeprefix("http://localhost"))
    described = json.loads(found.data)
    assert (described["version"], described["type"]) == ("1.0", "rich")
    assert described["title"] == f"Hoaks: {WRITTEN['headline']}"
    assert described["html"] in html.unescape(desk.fact().html), "the snippet on the page is the same"
    small = desk.reader.client.get(
        "/oembed", query_string={"url": "http://localhost/fakta/1", "maxwidth": "320", "maxheight": "9999"}
    ).get_json()
    assert (small["width"], small["height"]) == (320, 360)
    tiny = {"url": "http://LOCALHOST/fakta/1", "maxwidth": "90"}
    english = desk.reader.client.get("/oembed", query_string=tiny, headers={"Accept-Language": "en"})
    assert english.get_json()["width"] == 90, "as the format has it, never more than was asked for"
    assert english.get_json()["title"] == f"Hoax: {WRITTEN['headline']}"
    assert {"Accept-Language", "Cookie"} <= set(english.vary), "no cache gives it to others"
    for address in (
        "", "http://evil.example/fakta/1", "http://localhost/fakta/99", "http://localhost/kim/kelompok/1",
        "javascript:alert(1)", "http://localhost@evil.example/fakta/1", "http://[", "//localhost/fakta/1",
        "http://localhost/fakta/1/gambar.png", "http://localhost/fakta/1/",
    ):  # fmt: skip
        assert desk.reader.client.get("/oembed", query_string={"url": address}).status_code == 404, address
    xml = {"url": "http://localhost/fakta/1", "format": "xml"}
    assert desk.reader.client.get("/oembed", query_string=xml).status_code == 501


def test_pages_lead_feed_readers_to_the_feeds(desk: Desk) -> None:
    for path in ("", "/1"):
        links = {link.get("type"): link["href"] for link in desk.reader.get(f"/fakta{path}").all("link")}
        assert links["application/atom+xml"] == "http://localhost/feed.xml"
        assert links["application/feed+json"] == "http://localhost/feed.json"


def test_a_number_in_the_reason_is_warned_of_or_masked_before_everybody_reads_it(desk: Desk) -> None:
    warning = "Di dalam teks ini ada nomor telepon"
    assert warning not in desk.page(desk.siti).text
    desk.propose(reason="Menurut Bu Sri, 0812-3456-7890.")
    assert warning in desk.page(desk.dewi).text
    desk.dewi.submit(desk.page(desk.dewi).form("/kembalikan"), remark="Tanpa nomornya.")
    assert warning in desk.page(desk.siti).text
    desk.retract("Bu Sri, 0812-3456-7890, menelepon.")
    assert "Bu Sri" in desk.fact().text
    assert "0812-3456-7890" not in desk.fact().text
