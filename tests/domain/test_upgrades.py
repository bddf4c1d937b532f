"""A store of any earlier release, with rows in every table, upgrades with nothing lost and works."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from tests import releases
from triage import accounting, asking, events, keys, receipts, schema
from triage.app import create_app
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.tables import AuthSession, LocalSource, Submission
from triage.web import security

_SCRIPTS = ScriptDirectory("triage/migrations")
REVISIONS = sorted(str(script.revision) for script in _SCRIPTS.walk_revisions())
RECEIPT = "0123-4567-89AB-CDEF"
PAGES = (
    "/kim", "/kim?view=answered", "/kim/kelompok/1", "/kim/kelompok/2", "/kim/sumber", "/kim/sumber/1",
    "/kim/saya", "/", "/fakta", "/tentang-data", f"/status/{RECEIPT}", f"/status/{RECEIPT}/data",
    f"/api/v1/submissions/{RECEIPT}", f"/api/v1/submissions/{RECEIPT}/data",
)  # fmt: skip


def _instant(value: Any) -> Any:
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


def _stored(connection: Connection, filled: dict[str, list[dict[str, Any]]]) -> dict[str, list[Any]]:
    """Read back the columns that were filled, of every row of every table that was."""
    tables = releases.tables(connection)
    return {
        name: [
            {column: _instant(value) for column, value in row.items() if column in rows[0]}
            for row in connection.execute(
                select(tables[name]).order_by(*tables[name].primary_key.columns)
            ).mappings()
        ]
        for name, rows in filled.items()
    }


def _fill(store: Store, revision: str) -> dict[str, list[dict[str, Any]]]:
    schema.downgrade(store, "base")
    schema.upgrade(store, revision)
    with store.write() as session:
        connection = session.connection()
        filled = releases.fill(connection)
        before = _stored(connection, filled)
    assert all(before.values()), "a row in every table"
    assert before == {name: [_known(row) for row in rows] for name, rows in filled.items()}
    return filled


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {column: _instant(value) for column, value in row.items()}


# What migrations take away on purpose.
TAKEN = {"calibration_version": {"encoder", "before"}}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_upgrades_with_all_its_rows(any_store: Store, revision: str) -> None:
    filled = _fill(any_store, revision)
    schema.upgrade(any_store)
    assert schema.is_current(any_store)
    kept = {
        name: [{k: v for k, v in row.items() if k not in TAKEN.get(name, ())} for row in rows]
        for name, rows in filled.items()
    }
    with any_store.read() as session:
        assert _stored(session.connection(), kept) == {
            name: [_known(row) for row in rows] for name, rows in kept.items()
        }
        assert events.first_break(session) is None
        sums = accounting.balance(session)
        assert (sums.accepted, sums.answered, sums.erased) == (2, 1, 1)
        assert sums.adds_up


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_works_after_the_upgrade(any_store: Store, config: Config, revision: str) -> None:
    _fill(any_store, revision)
    schema.upgrade(any_store)
    url = any_store.engine.url.render_as_string(hide_password=False)
    config = replace(config, database_url=url)
    keys.note(any_store, config)
    asking.seal_contacts(any_store, config)
    with any_store.write() as session:
        if not session.scalars(select(LocalSource)).all():
            siti = LocalSource(kind="desa", name="Desa", contact="x", active=True, created_by=1)
            siti.created_at = now()
            session.add(siti)
        held = AuthSession(token_hash=hashlib.sha256(b"t").hexdigest(), account_id=1)
        held.created_at, held.last_seen, held.expires_at = now(), now(), now() + timedelta(days=1)
        session.add(held)
        hashed = receipts.keyed_hash(config.secret, "receipt", RECEIPT)
        session.execute(update(Submission).where(Submission.id == 1).values(receipt_hash=hashed))
        session.execute(update(AuthSession).where(AuthSession.account_id == 1).values(account_id=1))
        session.connection().exec_driver_sql("UPDATE account SET must_change_password = false WHERE id = 1")
    app = create_app(config)
    client = app.test_client()
    client.set_cookie(security.SESSION, "t")
    found = {path: client.get(path).status_code for path in PAGES}
    assert found == dict.fromkeys(PAGES, 200)
    app.extensions["penjaga"].store.close()
    app.extensions["penjaga"].waker.close()


def test_there_is_a_row_for_every_table_of_today(store: Store) -> None:
    with store.read() as session:
        for table in releases.tables(session.connection()).values():
            assert releases.rows_for(table), table.name
