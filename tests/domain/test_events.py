"""The event log: chained, append-only in the store itself, and a changed byte is found."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from tests.factories import make_submission
from triage import events
from triage.cli.events import command
from triage.config import Config
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


INSERTED = "event SELECT seq, at, 'x', subject, subject_id, name, from_state, to_state, data, previous, hash"


def _refuses(store: Store, statement: str, message: str) -> None:
    with store.write() as session, pytest.raises(DBAPIError, match=message):
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET actor = 'x' WHERE seq = 2",
        "UPDATE event SET seq = 9 WHERE seq = 2",
        "DELETE FROM event",
    ],
)
def test_the_store_refuses_to_change_or_remove_events(any_store: Store, statement: str) -> None:
    _three(any_store)
    _refuses(any_store, statement, "never changed or removed")
    with any_store.read() as session:
        assert events.first_break(session) is None


@pytest.mark.embedded
@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR REPLACE INTO {INSERTED} FROM event WHERE seq = 2",
        f"REPLACE INTO {INSERTED} FROM event WHERE seq = 2",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 3",
    ],
)
def test_sqlite_does_not_replace_events_either(store: Store, statement: str) -> None:
    _three(store)
    _refuses(store, statement, "never changed or removed")
    with store.read() as session:
        assert events.first_break(session) is None
        assert events.head(session).seq == 3


COLUMNS = "id, receipt_hash, idempotency_hash, payload_hash, text, channel, created_at, state"
ANOTHER = f"INSERT OR REPLACE INTO submission ({COLUMNS}) VALUES "


@pytest.mark.embedded
@pytest.mark.parametrize(
    "statement",
    [
        f"{ANOTHER} (1, 'r9', 'k9', 'p', 'lain', 'web', 'x', 'received')",
        f"{ANOTHER} (9, 'r1', 'k9', 'p', 'lain', 'web', 'x', 'received')",
        f"{ANOTHER} (9, 'r9', 'k1', 'p', 'lain', 'web', 'x', 'received')",
        "UPDATE OR REPLACE submission SET id = 1 WHERE id = 2",
        "UPDATE submission SET text = 'lain'",
    ],
)
def test_sqlite_keeps_submissions_as_they_were_sent(store: Store, statement: str) -> None:
    with store.write() as session:
        for number in (1, 2):
            make_submission(session, id=number, receipt_hash=f"r{number}", idempotency_hash=f"k{number}")
        before = session.execute(text("SELECT * FROM submission")).all()
    _refuses(store, statement, "stay as they were sent")
    with store.read() as session:
        assert session.execute(text("SELECT * FROM submission")).all() == before


@pytest.mark.embedded
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


def _verify(config: Config) -> tuple[int, str]:
    result = CliRunner().invoke(
        command, ["verify"], env={"PENJAGA_DATA": str(config.data)}, catch_exceptions=False
    )
    return result.exit_code, result.output


def test_two_prints_of_the_log_can_be_compared(store: Store, config: Config) -> None:
    assert _verify(config) == (0, f"chain ok: 0 events, newest {events.GENESIS}\n")
    _three(store)
    with store.read() as session:
        newest = session.get_one(Event, 3).hash
    assert _verify(config) == (0, f"chain ok: 3 events, newest {newest}\n")
    guard = "event_no_delete" if store.is_sqlite else "event_final ON event"
    with store.write() as session:
        session.execute(text(f"DROP TRIGGER {guard}"))
        session.execute(text("DELETE FROM event WHERE seq = 3"))
    assert _verify(config)[1].startswith("chain ok: 2 events, ")
    with store.write() as session:
        session.execute(text("DELETE FROM event WHERE seq = 1"))
    assert _verify(config) == (1, "chain broken at event 1\n")
