"""The store: readers see one state and change nothing, writers take turns and do not wait for ever."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.factories import make_submission
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.tables import Submission

SHORT_MS = 300
COUNT = select(func.count()).select_from(Submission)


def _add(store: Store) -> None:
    with store.write() as session:
        make_submission(session)


def _write_twice(store: Store, between: Store) -> None:
    with store.write() as session:
        make_submission(session)
        _add(between)
        session.scalar(COUNT)


def test_a_reader_sees_one_state_although_a_writer_commits_meanwhile(any_store: Store) -> None:
    _add(any_store)
    with any_store.read() as session:
        before = session.scalar(COUNT)
        _add(any_store)
        assert session.scalar(COUNT) == before == 1
    with any_store.read() as session:
        assert session.scalar(COUNT) == 2


def test_a_reader_changes_nothing(any_store: Store) -> None:
    _add(any_store)
    with pytest.raises((DBAPIError, StoreUnavailable)), any_store.read() as session:
        session.execute(text("DELETE FROM submission"))
    with any_store.read() as session:
        assert session.scalar(COUNT) == 1


def test_a_writer_sees_what_was_committed_just_before_its_turn(any_store: Store) -> None:
    with any_store.read() as session:
        session.scalar(COUNT)
    _add(any_store)
    with any_store.write() as session:
        assert session.scalar(COUNT) == 1


def test_a_writer_gives_up_behind_one_that_does_not_end(any_store: Store) -> None:
    url = any_store.engine.url.render_as_string(hide_password=False)
    hasty = Store(url, busy_timeout_ms=SHORT_MS)
    with any_store.write() as session:
        make_submission(session)
        with pytest.raises(StoreUnavailable):
            _add(hasty)
    _add(hasty)
    hasty.close()
    with any_store.read() as session:
        assert session.scalar(COUNT) == 2


def test_postgresql_ends_a_writer_that_stands_still(postgres_store: Store) -> None:
    url = postgres_store.engine.url.render_as_string(hide_password=False)
    stalling = Store(url, busy_timeout_ms=SHORT_MS)
    with pytest.raises(StoreUnavailable):
        _write_twice(stalling, between=postgres_store)
    stalling.close()
    with postgres_store.read() as session:
        assert session.scalar(COUNT) == 1
