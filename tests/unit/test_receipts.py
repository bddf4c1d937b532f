"""Receipts: unguessable, readable aloud, the same for the same idempotency key."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import receipts

SHAPE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")


def test_receipts_have_the_shape_and_do_not_repeat() -> None:
    made = {receipts.new_receipt() for _ in range(2000)}
    assert len(made) == 2000
    assert all(SHAPE.fullmatch(receipt) for receipt in made)


def test_every_character_of_the_alphabet_occurs_in_every_place() -> None:
    made = [receipts.new_receipt().replace("-", "") for _ in range(4000)]
    assert all(len({receipt[place] for receipt in made}) == 32 for place in range(16))


def test_a_receipt_survives_being_read_aloud_and_typed() -> None:
    receipt = "0123-4567-89AB-CDEF"
    for typed in ("0123456789abcdef", " o1z3 ".replace("z", "2") + "4567 89ab cdef", "OI23.4567-89AB CDEF"):
        assert receipts.canonical(typed) == receipt


@pytest.mark.parametrize("typed", ["", "0123", "0123-4567-89AB-CDEU", "0123-4567-89AB-CDEF-0", "é" * 16])
def test_what_cannot_be_a_receipt_is_told_apart(typed: str) -> None:
    assert receipts.canonical(typed) is None


@given(st.text(max_size=60))
def test_reading_a_receipt_never_fails(typed: str) -> None:
    found = receipts.canonical(typed)
    assert found is None or SHAPE.fullmatch(found)


def test_an_idempotency_key_gives_one_receipt_that_depends_on_the_secret() -> None:
    first = receipts.receipt_for("a" * 32, "key")
    assert first == receipts.receipt_for("a" * 32, "key")
    assert SHAPE.fullmatch(first)
    assert first != receipts.receipt_for("b" * 32, "key")
    assert first != receipts.receipt_for("a" * 32, "kez")


def test_hashes_of_different_purposes_do_not_meet() -> None:
    assert receipts.keyed_hash("s" * 32, "reporter", "x") != receipts.keyed_hash("s" * 32, "receipt", "x")
