"""Feeds at the root: read back with a feed reader and with our own importers."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.factories import make_account, make_fact_check
from triage.archive import claimreview, feeds
from triage.archive.rows import ArchiveRow
from triage.columns import now
from triage.db import Store
from triage.tables import FactCheck, Notice
from triage.web.feeds import NEWEST

HOSTILE = "Bantuan <b>tunai</b> & “gratis” ]]> <script>alert(1)</script>"


def _own(store: Store, title: str = HOSTILE, *, searchable: bool = True, **fields: Any) -> int:
    with store.write() as session:
        claim = {
            "claim": f"Katanya: {title}",
            "url": "",
            "publisher": "KIM dan Diskominfo Kabupaten Lumajang",
        }
        return make_fact_check(session, title, origin="own", **(claim | fields)).id


def _note(store: Store, number: int, kind: str, reason: str = "Tanggalnya keliru.") -> None:
    with store.write() as session:
        author = make_account(session).account_id
        session.add(
            Notice(
                fact_check_id=number, kind=kind, version=1, reason=reason, author_id=author, created_at=now()
            )
        )
        if kind == "retracted":
            entry = session.get_one(FactCheck, number)
            entry.searchable, entry.retracted_at, entry.updated_at = False, now(), now()


@pytest.fixture
def client(app: Any) -> FlaskClient:
    """Somebody else's program."""
    found: FlaskClient = app.test_client()
    return found


def test_atom_is_read_by_a_feed_reader(client: FlaskClient, store: Store) -> None:
    number, gone = _own(store), _own(store, "Kabar yang dicabut")
    _note(store, number, "corrected")
    _note(store, gone, "retracted", "Sumbernya mencabut datanya.")
    response = client.get("/feed.xml")
    read = feedparser.parse(io.BytesIO(response.data))
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.id == read.feed.links[0].href == "http://localhost/feed.xml"
    assert [each.rel for each in read.feed.links] == ["self", "alternate"]
    retracted, corrected = read.entries
    assert corrected.id == corrected.link == f"http://localhost/fakta/{number}"
    assert "Tanggalnya keliru." in corrected.content[0].value
    assert corrected.published_parsed
    assert retracted.title == f"Dicabut: pemeriksaan nomor {gone}"
    assert "Sumbernya mencabut datanya." in retracted.content[0].value
    assert "Kabar yang dicabut" not in response.get_data(as_text=True)
    (title,) = ET.fromstring(response.data).findall(
        f".//{{*}}entry[{{*}}id='http://localhost/fakta/{number}']/{{*}}title"
    )
    assert title.text == f"Hoaks: {HOSTILE}"


def test_no_item_names_a_claim_without_its_verdict(client: FlaskClient, store: Store) -> None:
    _own(store, "Kopi menyembuhkan demam berdarah", verdict="menyesatkan")
    for entry in feedparser.parse(io.BytesIO(client.get("/feed.xml").data)).entries:
        assert entry.title.startswith("Menyesatkan: ")
        assert entry.content[0].value.startswith("<p><strong>Menyesatkan: ")
    (item,) = client.get("/feed.json").get_json(force=True)["items"]
    assert item["title"].startswith("Menyesatkan: ")
    assert item["summary"].startswith("Menyesatkan: ")
    (element,) = client.get("/claimreview.json").get_json(force=True)["dataFeedElement"]
    assert element["item"]["headline"].startswith("Menyesatkan: ")
    assert element["item"]["reviewRating"]["alternateName"] == "Menyesatkan"


def test_our_own_importers_read_back_what_was_published(client: FlaskClient, store: Store) -> None:
    number = _own(store, "Bantuan tunai palsu", explanation="Tidak ada program itu.")
    site = "https://lumajang.example"
    reviews = client.get("/claimreview.json", base_url=site).data
    rows = list(claimreview.reviews(claimreview.load_json(reviews)))
    (row,) = rows
    assert isinstance(row, ArchiveRow)
    assert (row.title, row.claim, row.verdict, row.explanation, row.url) == (
        "Katanya: Bantuan tunai palsu",
        "Katanya: Bantuan tunai palsu",
        "hoaks",
        "Tidak ada program itu.",
        f"{site}/fakta/{number}",
    )
    assert row.publisher == "KIM dan Diskominfo Kabupaten Lumajang"
    (item,) = feeds.read(io.BytesIO(client.get("/feed.xml", base_url=site).data))
    assert isinstance(item, ArchiveRow)
    assert (item.title, item.verdict, item.url) == ("Bantuan tunai palsu", "hoaks", row.url)


def test_a_json_feed_has_what_the_format_asks_for(client: FlaskClient, store: Store) -> None:
    number = _own(store)
    feed = json.loads(client.get("/feed.json").data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://localhost/feed.json"
    (item,) = feed["items"]
    assert item["id"] == item["url"] == f"http://localhost/fakta/{number}"
    assert "<script>" not in item["content_html"]
    assert item["date_modified"].endswith("+00:00")


def test_what_was_retracted_is_marked_as_deleted_and_has_no_review(client: FlaskClient, store: Store) -> None:
    number = _own(store, "Kabar yang dicabut")
    _note(store, number, "retracted")
    (element,) = client.get("/claimreview.json").get_json(force=True)["dataFeedElement"]
    assert element["dateDeleted"]
    assert element["item"]["@type"] == "WebPage"
    assert element["item"]["url"] == f"http://localhost/fakta/{number}"
    assert element["item"]["correction"][0]["text"] == "Tanggalnya keliru."
    assert "Kabar yang dicabut" not in json.dumps(element)


def test_reviews_come_page_by_page_and_since(client: FlaskClient, store: Store) -> None:
    numbers = [_own(store, f"Kabar {number}") for number in range(103)]
    with store.write() as session:
        for number in numbers:
            entry = session.get_one(FactCheck, number)
            entry.updated_at = now() - timedelta(days=number)
    seen, address = [], "/claimreview.json"
    while address:
        response = client.get(address)
        seen += [item["item"]["url"] for item in response.get_json(force=True)["dataFeedElement"]]
        link = response.headers.get("Link", "")
        address = link[1 : link.index(">")].removeprefix("http://localhost") if link else ""
    assert seen == [f"http://localhost/fakta/{number}" for number in numbers]
    since = (now() - timedelta(days=numbers[2], hours=1)).isoformat()
    lately = client.get("/claimreview.json", query_string={"sejak": since}).get_json(force=True)
    assert [item["item"]["url"] for item in lately["dataFeedElement"]] == seen[:3]
    edges = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
    for nonsense in ("kemarin", "9" * 50, "2026-01-01T00:00:00 07:00", *edges):
        assert client.get("/claimreview.json", query_string={"sejak": nonsense}).status_code == 200


@pytest.mark.parametrize("path", ["/feed.xml", "/feed.json", "/claimreview.json"])
def test_feeds_are_not_sent_twice(client: FlaskClient, store: Store, path: str) -> None:
    number = _own(store)
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in first.headers
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    dated = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert dated.status_code == 304
    _note(store, number, "retracted")
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.data != first.data


def test_the_newest_come_first_and_not_all(client: FlaskClient, store: Store) -> None:
    for number in range(NEWEST + 2):
        _own(store, f"Kabar {number}")
    items = client.get("/feed.json").get_json(force=True)["items"]
    assert len(items) == NEWEST
    assert items[0]["title"] == f"Hoaks: Kabar {NEWEST + 1}"


def test_others_and_drafts_are_in_no_feed(client: FlaskClient, store: Store) -> None:
    with store.write() as session:
        make_fact_check(session, "Dari media lain")
        make_fact_check(session, "Dari arsip awal", origin="starter")
    _own(store, "Salam pagi", verdict="bukan-klaim", searchable=False)
    for path in ("/feed.xml", "/feed.json", "/claimreview.json"):
        page = client.get(path).get_data(as_text=True)
        assert "Salam" not in page
        assert "Dari" not in page


def test_search_engines_are_told_what_is_there(client: FlaskClient, store: Store) -> None:
    number = _own(store)
    tree = ET.fromstring(client.get("/sitemap.xml").data)
    places = [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"http://localhost/fakta/{number}" in places
    assert "http://localhost/fakta" in places
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert "Sitemap: http://localhost/sitemap.xml" in robots.get_data(as_text=True).splitlines()


@pytest.mark.parametrize("path", ["/feed.xml", "/feed.json", "/claimreview.json", "/sitemap.xml"])
def test_a_feed_costs_the_same_number_of_queries_however_much_is_in_it(
    client: FlaskClient, app: Any, store: Store, path: str
) -> None:
    asked: list[str] = []
    engine = app.extensions["penjaga"].store.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def cost() -> int:
        asked.clear()
        assert client.get(path).status_code == 200
        return len(asked)

    _note(store, _own(store), "corrected")
    few = cost()
    for number in range(30):
        _note(store, _own(store, f"Kabar {number}"), "corrected")
    assert cost() == few > 0
