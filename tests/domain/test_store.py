"""The store: readers see one state and change nothing, writers take turns and do not wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories import make_submission
from triage.db import Store
from triage.errors import NotFound, StoreUnavailable
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


class Commits:
    """Counts the commits of a store."""

    def __init__(self, store: Store) -> None:
        self.number = 0
        event.listen(store.engine, "commit", self._count)

    def _count(self, _connection: object) -> None:
        self.number += 1


def _at_once(store: Store, works: list[Callable[[Session], int]]) -> list[Future[int]]:
    """Do the first piece of work, and give the others while it is being done."""
    begun, others_wait = threading.Event(), threading.Event()

    def first(session: Session) -> int:
        begun.set()
        assert others_wait.wait(20)
        return works[0](session)

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(store.write_together, first)]
        assert begun.wait(20)
        futures += [pool.submit(store.write_together, work) for work in works[1:]]
        while len(store._waiting) < len(works) - 1:
            pass
        others_wait.set()
    return futures


def _made(session: Session) -> int:
    return make_submission(session).id


def _not_found(session: Session) -> int:
    make_submission(session)
    raise NotFound("This is not there.")


def _twice_the_same(session: Session) -> int:
    number = make_submission(session).id
    session.execute(
        text("INSERT INTO submission_note VALUES (:number, '', ''), (:number, '', '')"), {"number": number}
    )
    return number


def test_who_comes_meanwhile_shares_one_commit(any_store: Store) -> None:
    commits = Commits(any_store)
    futures = _at_once(any_store, [_made] * 6)
    assert len({future.result() for future in futures}) == 6
    assert commits.number == 2
    with any_store.read() as session:
        assert session.scalar(COUNT) == 6


@pytest.mark.parametrize(("wrong", "error"), [(_not_found, NotFound), (_twice_the_same, DBAPIError)])
def test_a_failure_is_told_to_its_own_and_the_others_are_done_once(
    any_store: Store, wrong: Callable[[Session], int], error: type[Exception]
) -> None:
    futures = _at_once(any_store, [_made, _made, wrong, _made])
    with pytest.raises(error):
        futures[2].result()
    assert len({futures[number].result() for number in (0, 1, 3)}) == 3
    with any_store.read() as session:
        assert session.scalar(COUNT) == 3


def test_where_the_store_does_not_answer_all_are_told(any_store: Store) -> None:
    url = any_store.engine.url.render_as_string(hide_password=False)
    hasty = Store(url, busy_timeout_ms=SHORT_MS)
    with any_store.write() as session, ThreadPoolExecutor(4) as pool:
        make_submission(session)
        futures = [pool.submit(hasty.write_together, _made) for _ in range(4)]
        for future in futures:
            with pytest.raises(StoreUnavailable):
                future.result()
    assert hasty.write_together(_made)
    hasty.close()
