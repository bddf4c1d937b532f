"""What the store itself refuses: to change or remove an event, and to change what a reporter sent.

The first migration made guards of its own; these are its guards and what was found missing in them. They
are put back after every migration, because SQLite loses a table's triggers when it builds the table anew.
A guard that changes gets a new name, and the old one is dropped by a migration.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

_FINAL = "events are never changed or removed"
_AS_SENT = "submissions stay as they were sent"
# Receipt and browser are known by keyed hashes, which are made anew when the secret changes.
_CONTENT = "idempotency_hash, payload_hash, text, url, channel, village, created_at"
# name -> what is refused, and the message. INSERT OR REPLACE (and UPDATE OR REPLACE of a key) deletes the row
# in its way without firing delete triggers.
_SQLITE = {
    "event_no_update": ("UPDATE ON event", _FINAL),
    "event_no_delete": ("DELETE ON event", _FINAL),
    "event_no_replace": (
        "INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)",
        _FINAL,
    ),
    "submission_content": (f"UPDATE OF {_CONTENT} ON submission WHEN NEW.state <> 'erased'", _AS_SENT),
    "submission_no_replace": (
        "INSERT ON submission WHEN EXISTS (SELECT 1 FROM submission WHERE id = NEW.id "
        "OR receipt_hash = NEW.receipt_hash OR idempotency_hash = NEW.idempotency_hash)",
        _AS_SENT,
    ),
    "submission_no_renumber": ("UPDATE OF id ON submission", _AS_SENT),
}
# name -> what is refused, and the function that refuses it
_POSTGRESQL = {
    "event_final": ("UPDATE OR DELETE OR TRUNCATE ON event FOR EACH STATEMENT", "event_is_final"),
    "submission_content": (
        f"UPDATE OF {_CONTENT} ON submission FOR EACH ROW WHEN (NEW.state <> 'erased')",
        "submission_content_is_final",
    ),
}
_FUNCTIONS = {"event_is_final": _FINAL, "submission_content_is_final": _AS_SENT}


def restore(connection: Connection) -> None:
    """Put back the guards that are missing; the tables must be there."""
    there = present(connection)
    if connection.dialect.name == "sqlite":
        for name, (refused, message) in _SQLITE.items():
            if name not in there:
                body = f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
                connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {refused} {body}")
        return
    for name, (refused, function) in _POSTGRESQL.items():
        if name not in there:
            body = f"$$ BEGIN RAISE EXCEPTION '{_FUNCTIONS[function]}'; END $$"
            connection.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {body}"
            )
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE {refused} EXECUTE FUNCTION {function}()"
            )


def present(connection: Connection) -> frozenset[str]:
    """Name the triggers that the store has."""
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
    )
    return frozenset(connection.scalars(text(listing)))
