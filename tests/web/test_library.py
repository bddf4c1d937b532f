"""The public library: our own fact-checks, found by their words, with data for search engines."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from PIL import Image

from tests.factories import make_fact_check
from tests.web.pages import Browser
from triage.db import Store


def _own(store: Store, title: str, origin: str = "own", **fields: object) -> int:
    with store.write() as session:
        made = make_fact_check(session, title, **fields)
        made.origin = origin
        made.searchable = bool(fields.get("verdict", "hoaks") != "bukan-klaim")
        return made.id


def test_the_list_holds_ours_and_not_what_others_published(browser: Browser, store: Store) -> None:
    _own(store, "Bantuan tunai palsu")
    _own(store, "Pesan pembuka arsip", origin="starter")
    _own(store, "Milik penerbit lain", origin="imported")
    _own(store, "Salam saja", verdict="bukan-klaim")
    page = browser.get("/fakta")
    assert "2 kabar yang sudah dikenal atau diperiksa." in page.text
    assert "Bantuan tunai palsu" in page.text
    assert "Milik penerbit lain" not in page.text
    assert "Salam saja" not in page.text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("bantuan", 2), ("BANTUAN tunai", 1), ("bantuan gunung", 0), ("100%", 1), ("_", 0), ("%", 1),
        ("'", 0), ("<script>", 0), ("   ", 3), ("x" * 5_000, 0),
    ],
)  # fmt: skip
def test_search_finds_entries_that_hold_every_word(
    browser: Browser, store: Store, search: str, found: int
) -> None:
    _own(store, "Bantuan tunai palsu")
    _own(store, "Bantuan pupuk 100% gratis")
    _own(store, "Gunung meletus malam ini")
    page = browser.get("/fakta", query_string={"cari": search})
    assert page.status == 200
    assert page.text.count("Contoh, 2 Januari 2026") == found


def test_a_long_list_has_pages(browser: Browser, store: Store) -> None:
    for number in range(21):
        _own(store, f"Kabar nomor {number}")
    assert "Halaman 1 dari 2" in browser.get("/fakta").text
    last = browser.get("/fakta?hal=2")
    assert "Kabar nomor 0" in last.text
    assert browser.get("/fakta?hal=900").text == last.text


def test_a_fact_check_tells_search_engines_its_rating(browser: Browser, store: Store) -> None:
    title = "Kabar </script><script>alert(1)</script> & lain"
    number = _own(store, title, claim="Klaim \u2028 itu", verdict="menyesatkan")
    page = browser.get(f"/fakta/{number}")
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.html, re.DOTALL)
    review = json.loads(found)
    assert review["@type"] == "ClaimReview"
    assert review["url"] == f"http://localhost/fakta/{number}"
    assert review["claimReviewed"] == "Klaim \u2028 itu"
    assert review["headline"] == f"Menyesatkan: {title}"
    assert review["reviewRating"]["ratingValue"] == 2
    assert review["reviewRating"]["alternateName"] == "Menyesatkan"
    assert review["datePublished"] == "2026-01-02"
    assert [script["type"] for script in page.all("script") if "src" not in script] == ["application/ld+json"]


def test_what_is_not_ours_to_rate_carries_no_rating(browser: Browser, store: Store) -> None:
    for fields in ({}, {"verdict": ""}):
        page = browser.get(f"/fakta/{_own(store, 'Milik penerbit lain', origin='imported', **fields)}")
        assert page.status == 200
        assert "Milik penerbit lain" in page.text
        assert [script for script in page.all("script") if "src" not in script] == []


@pytest.mark.parametrize("origin", ["own", "starter", "imported"])
@pytest.mark.parametrize(
    ("verdict", "searchable"),
    [("bukan-klaim", False), ("bukan-klaim", True), ("tidak-dapat-diperiksa", True), ("hoaks", False)],
)
def test_what_is_not_for_everybody_has_no_page(
    browser: Browser, store: Store, origin: str, verdict: str, searchable: bool
) -> None:
    with store.write() as session:
        number = make_fact_check(
            session, "Pesan pribadi", origin=origin, searchable=searchable, verdict=verdict
        ).id
    page = browser.get(f"/fakta/{number}")
    assert page.status == 404
    assert "Pesan pribadi" not in page.text


def test_sources_open_without_telling_where_from(browser: Browser, store: Store) -> None:
    evidence = [{"label": "Kantor desa", "url": ""}, {"label": "Situs", "url": "https://desa.example/"}]
    page = browser.get(f"/fakta/{_own(store, 'Kabar', evidence=evidence)}")
    outside = [link for link in page.all("a") if link["href"].startswith("http")]
    assert [link["href"] for link in outside] == ["https://contoh.example/1", "https://desa.example/"]
    assert all({"noopener", "noreferrer", "nofollow"} <= set(link["rel"].split()) for link in outside)
    assert "Kantor desa" in page.text


def test_the_data_page_says_what_is_kept_how_long_and_how_to_erase_it(browser: Browser) -> None:
    page = browser.get("/tentang-data")
    assert "tanpa nama dan nomor HP Anda" in page.text
    for heading in ("Yang kami simpan", "Siapa yang membacanya", "Berapa lama", "Cara melihat dan menghapus"):
        assert heading in page.text


@pytest.mark.parametrize(("verdict", "before"), [("hoaks", "Hoaks"), ("", "Sudah pernah diperiksa")])
def test_the_verdict_comes_before_the_claim_wherever_the_page_is_shown(
    browser: Browser, store: Store, verdict: str, before: str
) -> None:
    number = _own(store, "Gunung akan meletus malam ini", verdict=verdict, explanation="Jamnya tidak ada.")
    page = browser.get(f"/fakta/{number}")
    heading = f"{before}: Gunung akan meletus malam ini"
    assert f"<title>{heading} · Penjaga</title>" in page.html
    metas = {meta.get("property") or meta.get("name"): meta.get("content") for meta in page.all("meta")}
    assert metas["og:title"] == heading
    assert metas["og:description"] == metas["description"] == f"{before}: Jamnya tidak ada."
    (spoken,) = re.findall(r"<h1.*?</h1>", page.html, re.DOTALL)
    words = " ".join(re.sub(r"<[^>]*>", "", spoken).split()).removeprefix("✕ ").removeprefix("i ")
    assert words == heading


def test_headings_step_down_one_at_a_time(browser: Browser, store: Store) -> None:
    number = _own(store, "Kabar", claim="Klaim", what_to_do="Tunggu.", ask="BPBD")
    levels = [
        int(tag[1]) for tag, _ in browser.get(f"/fakta/{number}").elements if re.fullmatch("h[1-6]", tag)
    ]
    assert levels[0] == 1
    assert set(levels[1:]) == {2}


def test_the_starter_archive_says_that_no_day_is_on_record_and_rates_nothing(
    browser: Browser, store: Store
) -> None:
    page = browser.get(f"/fakta/{_own(store, 'Pesan pembuka arsip', origin='starter')}")
    assert "Dari arsip awal Penjaga: kabar yang sudah lama beredar." in page.text
    assert "Diperiksa oleh" not in page.text
    assert [script for script in page.all("script") if "src" not in script] == []


def test_what_is_indonesian_is_marked_on_english_pages(browser: Browser, store: Store) -> None:
    number = _own(store, "Kabar", language="jv")
    english = browser.get(f"/fakta/{number}?lang=en")
    assert {"jv"} == {one["lang"] for tag, one in english.elements if tag == "p" and "lang" in one}
    assert [one["lang"] for one in browser.get("/fakta").all("h2")] == ["jv"]


def test_a_link_that_is_shared_shows_a_picture_with_the_verdict(browser: Browser, store: Store) -> None:
    number = _own(store, "Bantuan tunai palsu")
    page = browser.get(f"/fakta/{number}")
    said = {meta["property"]: meta["content"] for meta in page.all("meta") if "property" in meta}
    assert said["og:image"] == f"http://localhost/fakta/{number}/gambar.png?v=1"
    assert said["og:image:alt"] == "Hoaks: Bantuan tunai palsu"
    response = browser.client.get(said["og:image"].removeprefix("http://localhost"))
    assert response.mimetype == "image/png"
    assert "public" in response.headers["Cache-Control"]
    with Image.open(BytesIO(response.data)) as picture:
        assert picture.size == (1200, 630)
    english = browser.client.get(f"/fakta/{number}/gambar.png", headers={"Accept-Language": "en"})
    assert english.data == response.data


@pytest.mark.parametrize("verdict", ["bukan-klaim", "tidak-dapat-diperiksa"])
def test_what_is_not_public_has_no_picture(browser: Browser, store: Store, verdict: str) -> None:
    number = _own(store, "Salam saja", verdict=verdict)
    assert browser.client.get(f"/fakta/{number}/gambar.png").status_code == 404
