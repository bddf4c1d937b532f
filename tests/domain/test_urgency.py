"""Re-ranking: age moves what waits, and only what has moved is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event as sqlalchemy_event

from tests.factories import make_group
from triage import urgency
from triage.columns import now
from triage.db import Store
from triage.tables import ClaimGroup
from triage.urgency import CHUNK, NOTICEABLE


@contextmanager
def _writes(store: Store) -> Iterator[list[str]]:
    """Collect what takes the writer's turn or changes rows."""
    sent: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_given: object) -> None:
        if statement.startswith(("UPDATE", "BEGIN IMMEDIATE", "SELECT pg_advisory")):
            sent.append(statement.split(maxsplit=1)[0])

    sqlalchemy_event.listen(store.engine, "before_cursor_execute", keep)
    yield sent
    sqlalchemy_event.remove(store.engine, "before_cursor_execute", keep)


def _made(store: Store, count: int = 1, **fields: object) -> list[int]:
    with store.write() as session:
        groups = [make_group(session, **({"harm": "fraud"} | fields)) for _ in range(count)]
        for group in groups:
            urgency.update(group, now())
        return [group.id for group in groups]


def _stored(store: Store, number: int) -> ClaimGroup:
    with store.read() as session:
        return session.get_one(ClaimGroup, number)


def test_what_waits_long_rises_and_says_so(any_store: Store) -> None:
    (number,) = _made(any_store)
    before = _stored(any_store, number)
    with time_machine.travel(now() + timedelta(hours=8)):
        urgency.refresh(any_store)
    after = _stored(any_store, number)
    assert after.urgency > before.urgency
    assert {"code": "waiting", "values": {"hours": 8}} in after.urgency_reasons
    assert after.state == "queued"


def test_what_has_not_moved_is_not_written(any_store: Store) -> None:
    _made(any_store, 3, reporters=5, villages=4)
    with _writes(any_store) as sent:
        urgency.refresh(any_store)
    assert sent == []
    with time_machine.travel(now() + timedelta(hours=8)):
        urgency.refresh(any_store)
        with _writes(any_store) as sent:
            urgency.refresh(any_store)
    assert sent == []


def test_the_stored_order_is_never_noticeably_wrong(store: Store) -> None:
    start = now()
    numbers = [*_made(store), *_made(store, first_seen=start - timedelta(hours=5), reporters=9)]
    for minutes in range(0, 600, 7):
        moment = start + timedelta(minutes=minutes)
        with time_machine.travel(moment, tick=False):
            urgency.refresh(store)
        for number in numbers:
            stored, exact = _stored(store, number), _stored(store, number)
            urgency.update(exact, moment)
            assert abs(stored.urgency - exact.urgency) < NOTICEABLE
            assert stored.urgency_reasons == exact.urgency_reasons


def test_a_reason_alone_is_enough_to_be_written(store: Store) -> None:
    (number,) = _made(store)
    with store.write() as session:
        session.get_one(ClaimGroup, number).urgency_reasons = []
    urgency.refresh(store)
    assert _stored(store, number).urgency_reasons != []


@pytest.mark.parametrize("state", ["decided", "answered", "merged"])
def test_what_does_not_wait_stays_as_it_is(store: Store, state: str) -> None:
    (number,) = _made(store, state=state)
    before = _stored(store, number).urgency
    with time_machine.travel(now() + timedelta(hours=8)):
        urgency.refresh(store)
    assert _stored(store, number).urgency == before


@pytest.mark.embedded
def test_a_long_queue_is_written_in_small_transactions(store: Store) -> None:
    numbers = _made(store, CHUNK + 1)
    with time_machine.travel(now() + timedelta(hours=8)), _writes(store) as sent:
        urgency.refresh(store)
    assert sent.count("BEGIN") == 2
    scores = {_stored(store, number).urgency for number in numbers}
    assert max(scores) - min(scores) < NOTICEABLE


@pytest.mark.embedded
def test_two_refreshes_at_once_write_once(store: Store) -> None:
    (number,) = _made(store)
    with time_machine.travel(now() + timedelta(hours=8)), _writes(store) as sent:

        def overtake(_connection: object, _cursor: object, statement: str, *_given: object) -> None:
            # The first has looked and asks for its turn; the second runs from end to end before it.
            if statement == "BEGIN IMMEDIATE" and not overtaken:
                overtaken.append(statement)
                urgency.refresh(store)

        overtaken: list[str] = []
        sqlalchemy_event.listen(store.engine, "before_cursor_execute", overtake)
        urgency.refresh(store)
    assert overtaken
    assert sent.count("BEGIN") == 2
    assert sent.count("UPDATE") == 1
    assert _stored(store, number).urgency_reasons
