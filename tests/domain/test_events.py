"""The event log: chained, append-only in the store itself, and a changed byte is found."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
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


NAMES = tuple(column.name for column in Event.__table__.columns)
FOUND = {
    "seq": "event 2 is missing",
    "previous": "event 2 does not follow event 1: its field previous was changed",
    "hash": "event 2 does not fit its hash: its hash was changed, its content was not",
}


def _past_the_guards(store: Store, *statements: str) -> str:
    """Do what only somebody with the database in hand can, and say what `first_break` finds."""
    with store.write() as session:
        triggers = ("event_no_update", "event_no_delete", "event_no_replace")
        for trigger in triggers if store.is_sqlite else ("event_final",):
            session.execute(text(f"DROP TRIGGER {trigger}" + ("" if store.is_sqlite else " ON event")))
        for statement in statements:
            session.execute(text(statement))
    with store.read() as session:
        return str(events.first_break(session) or "whole")


def _one_byte_else(store: Store, column: str, seq: int) -> str:
    """An update that changes the last byte of what stands in a column to another that may stand there."""
    with store.read() as session:
        kind = "CAST(data AS TEXT)" if column == "data" else column
        value = session.scalar(text(f"SELECT {kind} FROM event WHERE seq = {seq}"))
    if column in ("seq", "subject_id"):
        return f"UPDATE event SET {column} = {value + 7} WHERE seq = {seq}"
    if column == "at" and not store.is_sqlite:
        # Of a 9, the next would change two of its characters.
        step = "CASE CAST(extract(microseconds FROM at) AS bigint) % 10 WHEN 9 THEN -1 ELSE 1 END"
        return f"UPDATE event SET at = at + {step} * interval '1 microsecond' WHERE seq = {seq}"
    place = -2 if column == "data" else -1
    other = "8" if value[place] != "8" else "7"
    changed = value[:place] + other + (value[place + 1 :] if place < -1 else "")
    return f"UPDATE event SET {column} = '{changed}' WHERE seq = {seq}"


@pytest.mark.parametrize("column", NAMES)
def test_one_changed_byte_is_found_with_its_event_and_field(any_store: Store, column: str) -> None:
    with any_store.write() as session:
        for number in range(1, 4):
            events.append(
                session, actor="account:1", subject="group", subject_id=number, name="lease",
                from_state="queued", to_state="leased", data={"n": number},
            )  # fmt: skip
    found = _past_the_guards(any_store, _one_byte_else(any_store, column, 2))
    expected = FOUND.get(
        column, f"event 2 does not fit its hash: one character of its field {column} was changed"
    )
    assert found.startswith(expected)


@pytest.mark.parametrize("column", ["hash", "actor", "previous", "seq"])
@pytest.mark.parametrize("seq", [1, 3])
def test_it_is_found_at_both_ends(any_store: Store, column: str, seq: int) -> None:
    _three(any_store)
    found = _past_the_guards(any_store, _one_byte_else(any_store, column, seq))
    assert found.startswith(f"event {seq} ")


@pytest.mark.embedded
@pytest.mark.parametrize("column", sorted(set(NAMES) - {"seq", "subject_id"}))
def test_a_byte_that_is_no_letter_is_found_too(store: Store, column: str) -> None:
    _three(store)
    found = _past_the_guards(store, f"UPDATE event SET {column} = CAST(x'FF' AS TEXT) WHERE seq = 2")
    assert found.startswith("event 2 does not f")


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        (["DELETE FROM event WHERE seq = 2"], "event 2 is missing; the next one there is event 3"),
        (["DELETE FROM event WHERE seq = 1"], "event 1 is missing; the next one there is event 2"),
        (
            [
                "UPDATE event SET seq = 9 WHERE seq = 2",
                "UPDATE event SET seq = 2 WHERE seq = 3",
                "UPDATE event SET seq = 3 WHERE seq = 9",
            ],
            "event 2 does not fit its hash, nor does it follow event 1",
        ),
        ([f"INSERT INTO {INSERTED} FROM event WHERE seq = 0"], "whole"),
        (
            [f"INSERT INTO {INSERTED.replace('seq,', '4,', 1)} FROM event WHERE seq = 2"],
            "event 4 does not fit its hash, nor does it follow event 3",
        ),
        (
            [f"INSERT INTO {INSERTED.replace('seq,', '0,', 1)} FROM event WHERE seq = 2"],
            "event 0 stands where no event was written",
        ),
    ],
)
def test_deleted_reordered_and_inserted_events_are_found(
    any_store: Store, tampering: list[str], found: str
) -> None:
    _three(any_store)
    assert _past_the_guards(any_store, *tampering).startswith(found)


def test_an_event_written_anew_with_a_hash_of_its_own_is_found_by_the_next(any_store: Store) -> None:
    _three(any_store)
    with any_store.read() as session:
        forged = session.get_one(Event, 2)
        forged.actor = "account:9"
        hash_ = events.digest(forged)
    found = _past_the_guards(
        any_store, f"UPDATE event SET actor = 'account:9', hash = '{hash_}' WHERE seq = 2"
    )
    assert found.startswith("event 3 does not follow event 2")


def test_a_cut_off_end_is_found_by_an_earlier_print(any_store: Store) -> None:
    _three(any_store)
    with any_store.read() as session:
        earlier = events.head(session)
        assert events.same_as_before(session, earlier) == ""
    assert _past_the_guards(any_store, "DELETE FROM event WHERE seq > 1") == "whole"
    with any_store.read() as session:
        assert events.same_as_before(session, earlier) == "events 2 to 3 are missing at the end"
    for _ in range(2):
        with any_store.write() as session:
            events.append(session, actor="system", subject="group", subject_id=7, name="queue")
    with any_store.read() as session:
        assert events.first_break(session) is None
        assert events.same_as_before(session, earlier).startswith("event 3 is not the one")
    _three(any_store)
    with any_store.read() as session:
        assert events.same_as_before(session, earlier).startswith("event 3 is not the one")


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


def _verify(config: Config, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        command, ["verify", *options], env={"PENJAGA_DATA": str(config.data)}, catch_exceptions=False
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
    earlier = ("--expect", f"3:{newest}")
    assert _verify(config, *earlier) == (1, "chain broken: events 3 to 3 are missing at the end\n")
    assert _verify(config, "--expect", "3")[0] == 2
    with store.write() as session:
        session.execute(text("DELETE FROM event WHERE seq = 1"))
    assert _verify(config) == (1, "chain broken: event 1 is missing; the next one there is event 2\n")


def test_events_added_together_are_one_chain_with_those_before_and_after(any_store: Store) -> None:
    def step(number: int) -> None:
        events.append(session, actor=events.SYSTEM, subject="group", subject_id=number, name="queue")

    with any_store.write() as session:
        step(1)
        with events.together(session):
            step(2)
            step(3)
        step(4)
    with any_store.read() as session:
        assert events.first_break(session) is None
        assert session.scalars(select(Event.subject_id).order_by(Event.seq)).all() == [1, 2, 3, 4]


def test_of_events_that_were_to_be_added_together_a_failure_leaves_none(any_store: Store) -> None:
    def begin_and_fail() -> None:
        with any_store.write() as session, events.together(session):
            events.append(session, actor=events.SYSTEM, subject="group", subject_id=1, name="queue")
            raise LookupError

    with pytest.raises(LookupError):
        begin_and_fail()
    with any_store.read() as session:
        assert session.scalars(select(Event.seq)).all() == []


@pytest.mark.parametrize("column", [name for name in NAMES if name != "seq"])
def test_the_newest_event_fits_until_any_of_its_fields_is_changed(any_store: Store, column: str) -> None:
    with any_store.read() as session:
        assert events.newest_fits(session)
    for number in range(1, 3):
        with any_store.write() as session:
            events.append(
                session, actor="account:1", subject="group", subject_id=number, name="lease",
                from_state="queued", to_state="leased", data={"n": number},
            )  # fmt: skip
        with any_store.read() as session:
            assert events.newest_fits(session)
    _past_the_guards(any_store, _one_byte_else(any_store, column, 2))
    with any_store.read() as session:
        assert not events.newest_fits(session)


@pytest.mark.embedded
def test_a_newest_event_that_cannot_be_read_does_not_fit(store: Store) -> None:
    with store.write() as session:
        events.append(session, actor="account:1", subject="group", subject_id=1, name="lease", data={"n": 1})
    _past_the_guards(store, "UPDATE event SET data = '{\"n\": 1', at = 'yesterday' WHERE seq = 1")
    with store.read() as session:
        assert not events.newest_fits(session)
