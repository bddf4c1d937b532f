"""The public library on both stores: search by words, pages, and ratings that are ours to give."""

from __future__ import annotations

import pytest

from tests.factories import make_fact_check
from triage import library
from triage.archive import entries
from triage.db import Store
from triage.publication import claim_review
from triage.verdicts import verdicts


def _own(store: Store, title: str, **fields: object) -> int:
    with store.write() as session:
        made = make_fact_check(session, title, **fields)
        made.origin = "own"
        return made.id


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("bantuan", ["Bantuan pupuk 100% gratis", "Bantuan tunai palsu"]),
        ("TUNAI bantuan", ["Bantuan tunai palsu"]),
        ("100%", ["Bantuan pupuk 100% gratis"]),
        ("100_", []),
        ("tidak benar", ["Bantuan pupuk 100% gratis", "Bantuan tunai palsu"]),
        ("tu\x00nai", ["Bantuan tunai palsu"]),
        ("\ud800", []),
    ],
)
def test_words_are_found_in_any_case_and_order(any_store: Store, search: str, titles: list[str]) -> None:
    _own(any_store, "Bantuan tunai palsu")
    _own(any_store, "Bantuan pupuk 100% gratis")
    with any_store.read() as session:
        assert [entry.title for entry in library.published(session, search).items] == titles


def test_pages_beyond_the_last_are_the_last(any_store: Store) -> None:
    for number in range(library.PAGE + 1):
        _own(any_store, f"Kabar {number}")
    with any_store.read() as session:
        first, last = library.published(session), library.published(session, page=2)
        assert (first.total, first.pages, len(first.items)) == (library.PAGE + 1, 2, library.PAGE)
        assert [entry.title for entry in last.items] == ["Kabar 0"]
        assert library.published(session, page=99) == last
        assert library.published(session, page=-1) == first


@pytest.mark.parametrize("code", sorted(verdicts()))
def test_a_rating_is_given_where_the_verdict_has_one(store: Store, code: str) -> None:
    number = _own(store, "Kabar", verdict=code, claim="")
    with store.read() as session:
        review = claim_review(entries.current(session, number), "https://x.example/fakta/1")
    rating = verdicts()[code].rating
    if rating is None:
        assert review is None
    else:
        assert review is not None
        assert review["reviewRating"]["ratingValue"] == rating
        assert review["claimReviewed"] == "Kabar"
