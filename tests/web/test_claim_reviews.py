"""What we tell machines holds against schema.org's own definition, and what Google asks of a ClaimReview."""

from __future__ import annotations

import io
import json
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient

from tests.factories import make_account, make_fact_check
from tests.vocabulary import ancestors, faults
from triage.columns import now
from triage.db import Store
from triage.tables import FactCheck, Notice
from triage.verdicts import verdicts

RATED = [code for code, verdict in verdicts().items() if verdict.rating is not None]


@pytest.fixture
def client(app: Any) -> FlaskClient:
    """A search engine."""
    found: FlaskClient = app.test_client()
    return found


def _publish(store: Store, verdict: str = "hoaks", *, kind: str = "", **fields: Any) -> int:
    evidence = [{"label": "Kantor desa", "url": "https://desa.example/"}, {"label": "Telepon", "url": ""}]
    values = {"claim": "Bantuan tunai dibagikan malam ini", "evidence": evidence, "url": ""} | fields
    with store.write() as session:
        made = make_fact_check(session, "Bantuan tunai", origin="own", verdict=verdict, **values)
        if kind:
            author = make_account(session).account_id
            notice = {"version": 1, "reason": "Keliru.", "author_id": author, "created_at": now()}
            session.add(Notice(fact_check_id=made.id, kind=kind, **notice))
        if kind == "retracted":
            made.searchable, made.retracted_at = False, now()
        return made.id


def _of_page(client: FlaskClient, path: str) -> dict[str, Any]:
    page = client.get(path).get_data(as_text=True)
    found: dict[str, Any] = json.loads(
        page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    )
    return found


@pytest.mark.parametrize("verdict", RATED)
@pytest.mark.parametrize("kind", ["", "corrected"])
def test_a_page_holds_against_the_vocabulary_and_what_search_engines_ask(
    client: FlaskClient, store: Store, verdict: str, kind: str
) -> None:
    number = _publish(store, verdict, kind=kind)
    review = _of_page(client, f"/fakta/{number}")
    assert faults(review) == []
    assert review["@context"] == "https://schema.org"
    # Required by Google's documentation of ClaimReview; then what it recommends.
    assert review["claimReviewed"] == "Bantuan tunai dibagikan malam ini"
    assert review["url"] == f"http://localhost/fakta/{number}"
    rating = review["reviewRating"]
    assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]
    assert rating["alternateName"] == verdicts()[verdict].alternate_name
    assert (review["author"]["@type"], review["author"]["url"]) == ("Organization", "http://localhost/")
    assert review["itemReviewed"]["@type"] == "Claim"
    # Who said it first, and where, is not known: nothing is made up.
    assert review["itemReviewed"].keys() == {"@type", "name"}
    assert review["dateModified"].endswith("+00:00")
    assert review.get("correction", [{}])[0].get("text", "") == ("Keliru." if kind else "")


def test_the_data_feed_holds_against_the_vocabulary(client: FlaskClient, store: Store) -> None:
    for kind in ("", "corrected", "retracted"):
        _publish(store, kind=kind)
    feed = client.get("/claimreview.json").get_json(force=True)
    assert faults(feed) == []
    assert len(feed["dataFeedElement"]) == 3
    assert [element["item"]["@type"] for element in feed["dataFeedElement"]].count("ClaimReview") == 2


def test_pages_that_the_feed_leads_to_hold_against_the_vocabulary(client: FlaskClient, store: Store) -> None:
    for verdict in RATED[:3]:
        _publish(store, verdict)
    for entry in feedparser.parse(io.BytesIO(client.get("/feed.xml").data)).entries:
        assert faults(_of_page(client, entry.link.removeprefix("http://localhost"))) == []


def test_what_was_retracted_is_rated_nowhere(client: FlaskClient, store: Store) -> None:
    number = _publish(store, kind="retracted")
    assert "ld+json" not in client.get(f"/fakta/{number}").get_data(as_text=True)
    body = client.get(f"/api/v1/fact-checks/{number}").get_json()
    assert (body["fact_check"], body["notices"][0]["kind"]) == (None, "retracted")
    assert body["retracted_at"]


def test_the_definition_finds_what_is_wrong() -> None:
    assert "Review" in ancestors("ClaimReview")
    good = {"@type": "ClaimReview", "claimReviewed": "x", "datePublished": "2026-01-02"}
    assert faults(good) == []
    for wrong in (
        {"@type": "ClaimReviews"},
        good | {"claimsReviewed": "x"},
        good | {"ratingValue": 1},
        good | {"datePublished": "kemarin"},
        good | {"author": "Siti"},
        good | {"reviewRating": {"@type": "Claim"}},
        good | {"itemReviewed": {"@type": "Claim", "ratingValue": 3}},
        good | {"claimReviewed": None},
    ):
        assert faults(wrong), wrong


def test_programs_read_the_library_page_by_page(client: FlaskClient, store: Store) -> None:
    numbers = [_publish(store, claim=f"Kabar {number}") for number in range(21)]
    _publish(store, kind="retracted", claim="Kabar yang dicabut")
    first, second = (client.get(f"/api/v1/fact-checks?page={page}").get_json() for page in (1, 2))
    assert [item["id"] for item in (*first["items"], *second["items"])] == numbers[::-1]
    assert (first["total"], first["pages"]) == (21, 2)
    (found,) = client.get("/api/v1/fact-checks?search=kabar+20").get_json()["items"]
    assert (found["claim"], found["verdict"]) == ("Kabar 20", "hoaks")
    assert found["url"] == f"http://localhost/fakta/{found['id']}"
    one = client.get(f"/api/v1/fact-checks/{numbers[0]}").get_json()
    assert (one["fact_check"]["claim"], one["notices"], one["retracted_at"]) == ("Kabar 0", [], None)
    with store.write() as session:
        session.get_one(FactCheck, numbers[0]).searchable = False
    assert client.get(f"/api/v1/fact-checks/{numbers[0]}").status_code == 404
    assert client.get("/api/v1/fact-checks?page=0").status_code == 422
