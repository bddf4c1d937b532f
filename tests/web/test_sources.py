"""The register of local sources: noted once, asked many times, seen where a decision is written."""

from __future__ import annotations

from collections.abc import Callable

from tests.factories import make_group
from tests.web.pages import Browser, Page
from triage import events
from triage.asking import KINDS
from triage.db import Store
from triage.permissions import Role
from triage.tables import Event, Inquiry
from triage.web import labels

CONTACT = "Pusdalops 0334-000000, piket siang malam"


def _note(browser: Browser, **typed: str) -> Page:
    form = browser.get("/kim/sumber").form("/sumber")
    return browser.landing(browser.submit(form, kind="bpbd", name="BPBD Lumajang", contact=CONTACT, **typed))


def test_a_source_is_asked_and_its_answer_stands_where_the_decision_is_written(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    siti = signed_in("verifikator")
    with store.write() as session:
        number = make_group(session).id
    page = _note(siti)
    assert CONTACT in page.text
    said = "Tidak ada <b>peringatan</b> baru malam ini."
    item = siti.landing(siti.submit(page.form("/jawaban"), said=said, group=str(number)))
    siti.submit(item.form("/ambil"))
    assert said in siti.get(f"/kim/kelompok/{number}").text
    assert said in siti.get("/kim/sumber/1").text
    assert "Ditanya 1 kali, terakhir" in siti.get("/kim/sumber").text
    with store.read() as session:
        rows = session.query(Event).filter_by(subject="source").order_by(Event.seq).all()
        assert [(row.name, row.data) for row in rows] == [
            ("add", {}), ("ask", {"inquiry": 1, "group": number}),
        ]  # fmt: skip
        assert events.first_break(session) is None


def test_what_is_missing_is_said_and_nothing_is_noted(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    siti = signed_in("verifikator")
    page = _note(siti)
    again = Page(
        siti.submit(siti.get("/kim/sumber").form("/sumber"), kind="bpbd", name="BPBD Lumajang", contact="x")
    )
    assert (again.status, "sudah ada di daftar" in again.text) == (422, True)
    for typed in (
        {"kind": "apa"},
        {"name": " "},
        {"name": "n" * 121},
        {"contact": ""},
        {"contact": "k" * 501},
    ):
        sent = {"kind": "lain", "name": "PMI", "contact": "x"} | typed
        assert siti.submit(siti.get("/kim/sumber").form("/sumber"), **sent).status_code == 422
    for typed in ({"said": ""}, {"said": "s" * 2_001}, {"group": "99"}, {"group": "x"}):
        refused = Page(siti.submit(page.form("/jawaban"), **({"said": "Aman.", "group": ""} | typed)))
        assert refused.status == 422
    with store.read() as session:
        assert session.query(Inquiry).count() == 0


def test_a_source_that_is_gone_stays_readable_and_stands_last(signed_in: Callable[[Role], Browser]) -> None:
    siti = signed_in("verifikator")
    _note(siti)
    form = siti.get("/kim/sumber/1").form("/sumber/1")
    form.fields.pop("active", None)
    siti.submit(form, contact="Pindah kantor")
    page = siti.get("/kim/sumber")
    assert "Tidak dipakai lagi" in page.text
    assert "Pindah kantor" in page.text


def test_an_analyst_reads_the_register_only(signed_in: Callable[[Role], Browser]) -> None:
    _note(signed_in("admin"))
    analyst = signed_in("analis")
    for path in ("/kim/sumber", "/kim/sumber/1"):
        assert [form.action for form in analyst.get(path).forms] == ["/keluar"]
    assert analyst.get("/kim/sumber/2").status == 404


def test_every_kind_has_its_words() -> None:
    assert set(labels.SOURCE_KINDS) == set(KINDS)
