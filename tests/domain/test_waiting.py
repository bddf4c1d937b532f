"""How long reporters are told that they wait: the median of what really happened, or openly nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import make_account, make_fact_check, make_group
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import answers, outbox, receipt_view, review, waiting
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.tables import ClaimGroup

HOUR = timedelta(hours=1)


def _answered_after(store: Store, *hours: float, ago: timedelta = HOUR) -> None:
    with store.write() as session:
        for one in hours:
            answered = now() - ago
            make_group(session, "answered", first_seen=answered - one * HOUR, answered_at=answered)


def _told(store: Store) -> timedelta | None:
    with store.read() as session:
        return waiting.usual_wait(session)


def test_the_median_is_no_mean(any_store: Store) -> None:
    _answered_after(any_store, 1, 1, 2, 3, 5, 6, 7, 100, 400)
    assert _told(any_store) == 5 * HOUR


@pytest.mark.parametrize("known", [0, 7])
def test_of_too_few_nothing_is_said(store: Store, known: int) -> None:
    _answered_after(store, *[1.0] * known)
    assert _told(store) is None


def test_what_is_long_ago_does_not_count(store: Store) -> None:
    _answered_after(store, *[1.0] * 20, ago=timedelta(days=61))
    assert _told(store) is None


def test_the_newest_hundred_count(store: Store) -> None:
    _answered_after(store, *[50.0] * 100, ago=timedelta(days=9))
    _answered_after(store, *[2.0] * 100)
    assert _told(store) == 2 * HOUR


def test_a_claim_counts_from_its_first_message_to_its_first_answer(store: Store, config: Config) -> None:
    with store.write() as session:
        number, siti = make_fact_check(session).id, make_account(session)
    matching = ScriptedMatching()
    matching.expect("Katanya pasar Klakah tutup sebulan", "review", (number, 0.6))
    receipt = send(store, config, "Katanya pasar Klakah tutup sebulan")
    drain(store, matching)
    review.confirm(store, siti, 1, 1)
    tell(store)
    with store.read() as session:
        first = session.get_one(ClaimGroup, 1).answered_at
    assert first is not None
    assert receipt_view.find(store, config, receipt).usual_wait is None
    with store.write() as session:
        outbox.add(session, "answer", 1)
    answers.answer_groups(store, outbox.claim(store, "answer", 5))
    with store.read() as session:
        assert session.get_one(ClaimGroup, 1).answered_at == first


def test_what_matching_answered_by_itself_is_nobodys_speed(store: Store, config: Config) -> None:
    with store.write() as session:
        number = make_fact_check(session).id
    matching = ScriptedMatching()
    matching.expect("Katanya pasar Klakah tutup sebulan", "answer", (number, 0.99))
    send(store, config, "Katanya pasar Klakah tutup sebulan")
    drain(store, matching)
    with store.write() as session:
        outbox.add(session, "answer", 1)
    answers.answer_groups(store, outbox.claim(store, "answer", 5))
    with store.read() as session:
        assert session.get_one(ClaimGroup, 1).answered_at is None
