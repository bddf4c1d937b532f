"""The event log: chained, append-only in the store itself, and a changed byte is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from triage import events
from triage.db import Store
from triage.tables import Event


def _three(store: Store) -> None:
    with store.write() as session:
        for number in range(1, 4):
            events.append(
                session, actor="system", subject="group", subject_id=number, name="queue", data={"n": number}
            )


def test_a_whole_chain_verifies(any_store: Store) -> None:
    _three(any_store)
    with any_store.read() as session:
        assert events.first_break(session) is None
        assert [event.seq for event in session.query(Event).order_by(Event.seq)] == [1, 2, 3]


@pytest.mark.parametrize("statement", ["UPDATE event SET actor = 'x' WHERE seq = 2", "DELETE FROM event"])
def test_the_store_refuses_to_change_or_remove_events(any_store: Store, statement: str) -> None:
    _three(any_store)
    with any_store.write() as session, pytest.raises(DBAPIError, match="never changed or removed"):
        session.execute(text(statement))
    with any_store.read() as session:
        assert events.first_break(session) is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE event SET actor = 'account:9' WHERE seq = 2",
        "UPDATE event SET data = '{\"n\": 9}' WHERE seq = 2",
        "UPDATE event SET at = '2020-01-01 00:00:00.000000' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
    ],
)
def test_tampering_past_the_guard_is_found_where_it_is(store: Store, tampering: str) -> None:
    _three(store)
    with store.write() as session:
        for trigger in ("event_no_update", "event_no_delete"):
            session.execute(text(f"DROP TRIGGER {trigger}"))
        session.execute(text(tampering))
    with store.read() as session:
        assert events.first_break(session) == 2


def _append_and_fail(store: Store) -> None:
    with store.write() as session:
        events.append(session, actor="system", subject="group", subject_id=4, name="queue")
        raise StaleDataError


def test_a_rolled_back_transaction_leaves_no_gap(store: Store) -> None:
    _three(store)
    with pytest.raises(StaleDataError):
        _append_and_fail(store)
    _three(store)
    with store.read() as session:
        assert events.first_break(session) is None
        assert session.query(Event).count() == 6
