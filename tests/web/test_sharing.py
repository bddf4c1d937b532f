"""What travels: the page to share from, the verifiers' page of texts, the pictures and the bulletin."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from PIL import Image
from pypdf import PdfReader

from tests.factories import make_account, make_fact_check
from tests.web.pages import Browser, Page
from triage import bulletin as bulletins
from triage import materials
from triage.app import create_app
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.tables import FactCheck, Notice
from triage.web import feeds, labels, long_drawing

HOSTILE = "Kabar </textarea><script>alert(1)</script> & \u202elain *tebal*"
MONDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)
TODAY = datetime(2026, 11, 30, 3, tzinfo=UTC)


def _own(store: Store, title: str = "Semeru meletus malam ini", origin: str = "own", **fields: object) -> int:
    with store.write() as session:
        return make_fact_check(session, title, origin=origin, **fields).id


def _shown(page: Page) -> list[dict[str, str]]:
    return [one for one in page.all("img") if "gambar.png" in one["src"]]


def test_a_fact_check_is_offered_in_three_sizes_with_its_words_beside(browser: Browser, store: Store) -> None:
    number = _own(store)
    assert f"/fakta/{number}/bagikan" in [link["href"] for link in browser.get(f"/fakta/{number}").all("a")]
    page = browser.get(f"/fakta/{number}/bagikan")
    assert page.status == 200
    shown = _shown(page)
    assert len(shown) == 3
    assert {one["alt"] for one in shown} == {shown[0]["alt"]}
    assert shown[0]["alt"].startswith("Hoaks. Isinya tidak benar.")
    assert shown[0]["alt"] in page.text
    for one in shown:
        with Image.open(BytesIO(browser.client.get(one["src"]).data)) as picture:
            assert picture.size == (int(one["width"]), int(one["height"]))
    taken = {link["download"]: link["href"] for link in page.all("a") if "download" in link}
    sizes = {"kotak": (1080, 1080), "cerita": (1080, 1920), "tautan": (1200, 630)}
    assert set(taken) == {f"penjaga-hoaks-{number}-{shape}.png" for shape in sizes}
    for shape, size in sizes.items():
        name = f"penjaga-hoaks-{number}-{shape}.png"
        response = browser.client.get(taken[name])
        with Image.open(BytesIO(response.data)) as picture:
            assert picture.size == size
        assert name in response.headers["Content-Disposition"]


def test_a_picture_that_one_has_is_not_sent_again(browser: Browser, store: Store) -> None:
    address = f"/fakta/{_own(store)}/gambar.png?bentuk=kotak"
    first = browser.client.get(address)
    again = browser.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other = browser.client.get(f"{address}&kecil=1", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert browser.client.get(f"{address}x").data == browser.client.get(address.partition("?")[0]).data


def test_a_picture_is_not_kept_longer_than_a_feed_for_it_may_be_retracted(
    browser: Browser, store: Store
) -> None:
    number = _own(store)
    address = f"/fakta/{number}/gambar.png?bentuk=kotak&v=1"
    first = browser.client.get(address)
    assert first.headers["Cache-Control"] == f"public, max-age={feeds.MAX_AGE_S}"
    with store.write() as session:
        entry = session.get_one(FactCheck, number)
        entry.searchable, entry.retracted_at = False, MONDAY
    assert browser.client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 404


@time_machine.travel(TODAY, tick=True)
def test_who_asks_for_many_drawings_leaves_others_served(browser: Browser, store: Store) -> None:
    numbers = [_own(store, f"Kabar {number}") for number in range(2)]
    drawn, other = (f"/fakta/{number}/gambar.png" for number in numbers)
    before = browser.client.get(drawn)
    with ExitStack() as busy:
        for _ in range(long_drawing.MOST_WAITING):
            busy.enter_context(long_drawing.room())
        for path in (other, "/buletin/2026-W48.pdf"):
            refused = browser.client.get(path)
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert browser.client.get(drawn).data == before.data
        assert browser.get(f"/fakta/{numbers[1]}").status == 200
    assert browser.client.get(other).status_code == 200


@time_machine.travel(TODAY, tick=True)
def test_a_paper_is_set_anew_only_when_the_week_says_something_else(
    browser: Browser, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, made, real = _own(store, claim="Semeru meletus"), [], bulletins.paper
    with store.write() as session:
        session.get_one(FactCheck, number).created_at = MONDAY
    monkeypatch.setattr(bulletins, "paper", lambda *given: made.append(given) or real(*given))
    path = "/buletin/2026-W48.pdf"
    first, second = browser.client.get(path), browser.client.get(path)
    assert first.data == second.data
    known = {"If-None-Match": first.headers["ETag"]}
    assert (browser.client.get(path, headers=known).status_code, len(made)) == (304, 1)
    _notice(store, number, "retracted", "Sumbernya keliru.")
    with store.write() as session:
        entry = session.get_one(FactCheck, number)
        entry.searchable, entry.retracted_at = False, MONDAY
    changed = browser.client.get(path, headers=known)
    assert (changed.status_code, len(made)) == (200, 2)
    told = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(changed.data)).pages)
    assert "Sumbernya keliru." in told
    assert "Semeru" not in told


@time_machine.travel(TODAY, tick=True)
def test_what_is_passed_on_leads_to_where_people_are_whichever_name_it_was_made_under(
    store: Store, config: Config
) -> None:
    number = _own(store)
    with store.write() as session:
        session.get_one(FactCheck, number).created_at = MONDAY
    outside, inside = "https://penjaga.example", "https://dalam.example"
    names = frozenset(name.removeprefix("https://") for name in (outside, inside))
    app = create_app(replace(config, environment="production", hosts=names, site=outside))
    client, page = app.test_client(), f"{outside}/fakta/{number}"
    tags = [
        client.get(f"/fakta/{number}/gambar.png", base_url=base).headers["ETag"] for base in (outside, inside)
    ]
    assert tags[0] == tags[1], "the same picture, with the same QR code"
    share = client.get(f"/fakta/{number}/bagikan", base_url=inside).get_data(as_text=True)
    assert f"Selengkapnya: {page.removeprefix('https://')}" in share
    assert page in share
    paper = client.get("/buletin/2026-W48.pdf", base_url=inside).data
    told = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(paper)).pages)
    for made in (told, client.get("/buletin/2026-W48", base_url=inside).get_data(as_text=True), share):
        assert page in made
        assert "dalam.example/fakta" not in made
    app.extensions["penjaga"].store.close()


def test_a_text_that_leads_to_another_site_is_not_kept(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    number, siti = _own(store), signed_in("verifikator")
    form = next(f for f in siti.get(f"/kim/bahan/{number}").forms if f.fields.get("kind") == "whatsapp")
    for address, status in (("https://tiruan.example", 422), ("http://localhost", 303)):
        text = f"✕ *HOAKS*: isinya tidak benar\n\n{address}/fakta/{number}"
        assert siti.submit(form, text=text).status_code == status


def test_the_message_goes_to_whatsapp_as_it_stands_there(browser: Browser, store: Store) -> None:
    number = _own(store, explanation="Jamnya tidak ada & tak bisa dihitung.")
    page = browser.get(f"/fakta/{number}/bagikan")
    (link,) = [link["href"] for link in page.all("a") if link["href"].startswith("https://wa.me/")]
    (text,) = parse_qs(urlsplit(link).query)["text"]
    assert text.startswith("✕ *HOAKS*: isinya tidak benar")
    assert text.endswith(f"http://localhost/fakta/{number}")
    assert " ".join(text.split()) in page.text
    assert "detik bila dibacakan pelan" in page.text
    assert "bahasa Jawa" not in page.text


@pytest.mark.parametrize("path", ["bagikan", "gambar.png?bentuk=cerita"])
@pytest.mark.parametrize("verdict", ["bukan-klaim", "tidak-dapat-diperiksa"])
def test_what_is_not_public_is_not_offered(browser: Browser, store: Store, path: str, verdict: str) -> None:
    number = _own(store, verdict=verdict)
    assert browser.client.get(f"/fakta/{number}/{path}").status_code == 404
    assert browser.client.get(f"/fakta/999/{path}").status_code == 404


@pytest.mark.parametrize("origin", ["own", "starter", "imported"])
@pytest.mark.parametrize("verdict", ["hoaks", "benar", ""])
def test_any_public_fact_check_can_be_shared(
    browser: Browser, store: Store, signed_in: Callable[[Role], Browser], origin: str, verdict: str
) -> None:
    number = _own(store, HOSTILE, origin=origin, verdict=verdict, claim=HOSTILE, explanation=HOSTILE * 30)
    for page in (
        browser.get(f"/fakta/{number}/bagikan"),
        signed_in("verifikator").get(f"/kim/bahan/{number}"),
    ):
        assert page.status == 200
        assert "<script>alert" not in page.html
        assert len(_shown(page)) == 3


def test_javanese_is_a_draft_until_somebody_saves_it(
    browser: Browser, store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    number, siti = _own(store), signed_in("verifikator")
    path = f"/kim/bahan/{number}"
    page = siti.get(path)
    assert page.text.count("Draf, belum diperiksa") == 2
    assert "Bapak, Ibu, saha para sedherek" in page.text
    assert "sedherek" not in browser.get(f"/fakta/{number}/bagikan").text
    form = next(form for form in page.forms if form.fields.get("kind") == "naskah-jv")
    landed = siti.landing(siti.submit(form, text="Para sedherek, kabar menika mboten leres."))
    assert "Naskah tersimpan atas nama Anda." in landed.text
    assert landed.text.count("Draf, belum diperiksa") == 1
    public = browser.get(f"/fakta/{number}/bagikan")
    assert "Para sedherek, kabar menika mboten leres." in public.text
    assert "Naskah untuk dibacakan, bahasa Jawa" in public.text
    listed = siti.get("/kim/bahan")
    assert "✓ Naskah untuk dibacakan, bahasa Jawa" in listed.text
    assert path in [link["href"] for link in listed.all("a")]


def test_what_cannot_be_kept_comes_back_as_it_was_typed(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    number, siti = _own(store), signed_in("penyetuju")
    form = next(f for f in siti.get(f"/kim/bahan/{number}").forms if f.fields.get("kind") == "whatsapp")
    response = siti.submit(form, text="Semeru meletus </textarea>\nnanti malam")
    assert response.status_code == 422
    page = Page(response)
    assert "Baris pertama harus menyebut hasil pemeriksaannya" in page.text
    again = next(form for form in page.forms if form.fields.get("kind") == "whatsapp")
    assert again.fields["text"].split() == ["Semeru", "meletus", "</textarea>", "nanti", "malam"]
    assert (
        "Semeru meletus </textarea>"
        not in next(form for form in page.forms if form.fields.get("kind") == "naskah").fields["text"]
    )


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30, "٢", "2"])
def test_a_form_of_another_version_is_not_kept(
    store: Store, signed_in: Callable[[Role], Browser], version: str
) -> None:
    number, siti = _own(store), signed_in("verifikator")
    form = next(f for f in siti.get(f"/kim/bahan/{number}").forms if f.fields.get("kind") == "naskah")
    page = Page(siti.submit(form, version=version))
    assert page.status == 422
    assert "dikoreksi sejak halaman dibuka" in page.text


def test_after_a_correction_the_page_warns_and_shows_the_earlier_text(
    browser: Browser, store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    number, siti = _own(store), signed_in("verifikator")
    form = next(f for f in siti.get(f"/kim/bahan/{number}").forms if f.fields.get("kind") == "naskah-jv")
    siti.submit(form, text="Naskah lami ingkang sae.")
    with store.write() as session:
        key = session.get_one(FactCheck, number).source_key
        upsert(session, [ArchiveRow(key, "Judul baru", verdict="hoaks", explanation="Baru.")], origin="own")
    page = siti.get(f"/kim/bahan/{number}")
    assert "Pemeriksaan ini dikoreksi sesudah" in page.text
    assert "Naskah lami ingkang sae." in page.text
    assert "Lihat draf otomatis" in page.text
    assert "Naskah lami" not in browser.get(f"/fakta/{number}/bagikan").text


def test_who_may_not_write_sees_no_form(store: Store, signed_in: Callable[[Role], Browser]) -> None:
    page = signed_in("analis").get(f"/kim/bahan/{_own(store)}")
    assert page.status == 200
    assert [form.action for form in page.forms] == ["/keluar"]


@time_machine.travel(TODAY, tick=True)
def test_a_bulletin_is_read_printed_and_passed_on(browser: Browser, store: Store) -> None:
    numbers = [
        _own(store, claim=claim, explanation="Sudah dicek.")
        for claim in ("Semeru meletus", HOSTILE, "Keliru")
    ]
    with store.write() as session:
        for number in numbers:
            session.get_one(FactCheck, number).created_at = MONDAY + timedelta(hours=number)
        gone = session.get_one(FactCheck, numbers[2])
        gone.searchable, gone.retracted_at = False, MONDAY
    _notice(store, numbers[0], "corrected", "Tanggalnya salah.")
    _notice(store, numbers[2], "retracted", "Sumbernya keliru.")
    weeks = browser.get("/buletin")
    assert "23 sampai 29 November 2026" in weeks.text
    assert "/buletin/2026-W48" in [link["href"] for link in weeks.all("a")]
    page = browser.get("/buletin/2026-W48")
    for said in (
        "Semeru meletus",
        "Yang dikoreksi",
        "Tanggalnya salah.",
        "Yang dicabut",
        "Sumbernya keliru.",
    ):
        assert said in page.text
    assert page.text.index("HOAKS") < page.text.index("Semeru meletus")
    assert "Keliru" not in page.text
    assert "<script>alert" not in page.html
    (link,) = [link["href"] for link in page.all("a") if link["href"].startswith("https://wa.me/")]
    assert "1. ✕ *HOAKS*: “Semeru meletus”" in parse_qs(urlsplit(link).query)["text"][0]
    response = browser.client.get("/buletin/2026-W48.pdf")
    assert response.mimetype == "application/pdf"
    assert "penjaga-buletin-2026-W48.pdf" in response.headers["Content-Disposition"]
    paper = " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(response.data)).pages)
    paper = " ".join(paper.split())
    assert "23 sampai 29 November 2026" in paper
    assert paper.index("HOAKS: “Semeru meletus”") < paper.index("Yang sebenarnya: Sudah dicek.")
    assert "Tanggalnya salah." in paper
    assert "Sumbernya keliru." in paper
    assert f"http://localhost/fakta/{numbers[0]}" in paper


def _notice(store: Store, number: int, kind: str, reason: str) -> None:
    with store.write() as session:
        author = make_account(session).account_id
        session.add(
            Notice(
                fact_check_id=number, kind=kind, version=1, reason=reason, author_id=author,
                created_at=MONDAY + timedelta(days=1),
            )
        )  # fmt: skip


@time_machine.travel(TODAY, tick=True)
@pytest.mark.parametrize("path", ["2026-W50", "2026-W00", "W48", "2026-W48.pdf.pdf", "x.pdf", "%00"])
def test_there_is_no_bulletin_of_what_is_no_week(browser: Browser, path: str) -> None:
    assert browser.get(f"/buletin/{path}").status == 404


@time_machine.travel(TODAY, tick=True)
@pytest.mark.parametrize(
    "query", ["", "?tahun=2025", "?tahun=9999", "?tahun=0000", "?tahun=x", "?tahun=٢٠٢٦"]
)
def test_a_year_without_anything_says_so(browser: Browser, query: str) -> None:
    page = browser.get(f"/buletin{query}")
    assert page.status == 200
    assert "Belum ada pemeriksaan yang terbit pada tahun ini." in page.text
    assert "Tidak ada pemeriksaan baru pada minggu ini." in browser.get("/buletin/2026-W10").text
    assert browser.client.get("/buletin/2026-W10.pdf").data.startswith(b"%PDF")


def test_every_kind_of_text_has_its_name() -> None:
    assert set(labels.MATERIALS) == set(materials.KINDS)
