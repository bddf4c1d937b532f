"""The outbox: claimed by one, given back after a failure, parked after enough, replayed by a person."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from tests.factories import make_account, make_submission
from triage import outbox
from triage.columns import now
from triage.db import Store
from triage.errors import Forbidden, NotFound
from triage.outbox import MAX_ATTEMPTS, Job
from triage.tables import Event, Outbox, Submission


def _owe(store: Store, count: int = 1) -> list[int]:
    with store.write() as session:
        numbers = [make_submission(session).id for _ in range(count)]
        for number in numbers:
            outbox.add(session, "assess", number)
    return numbers


def _make_due(store: Store) -> None:
    with store.write() as session:
        session.execute(update(Outbox).values(due_at=now() - timedelta(seconds=1)))


def _settle(store: Store, job: Job) -> bool:
    with store.write() as session:
        return outbox.settle(session, job)


def test_due_rows_are_claimed_oldest_first_and_only_once(any_store: Store) -> None:
    numbers = _owe(any_store, 5)
    assert [job.ref for job in outbox.claim(any_store, "assess", 3)] == numbers[:3]
    assert [job.ref for job in outbox.claim(any_store, "assess", 3)] == numbers[3:]
    assert outbox.claim(any_store, "assess", 3) == []


def test_two_workers_never_get_the_same_row(any_store: Store) -> None:
    _owe(any_store, 60)
    with ThreadPoolExecutor(6) as pool:
        claimed = [
            job.id
            for jobs in pool.map(lambda _: outbox.claim(any_store, "assess", 5), range(24))
            for job in jobs
        ]
    assert len(claimed) == 60
    assert len(set(claimed)) == 60


def test_other_tasks_are_left_alone(store: Store) -> None:
    _owe(store)
    assert outbox.claim(store, "answer", 5) == []
    assert outbox.due_tasks(store) == ["assess"]


def test_settling_succeeds_once(any_store: Store) -> None:
    _owe(any_store)
    (job,) = outbox.claim(any_store, "assess", 1)
    assert _settle(any_store, job)
    assert not _settle(any_store, job)
    assert outbox.due_tasks(any_store) == []


def test_a_claim_whose_worker_died_comes_back(store: Store) -> None:
    (number,) = _owe(store)
    outbox.claim(store, "assess", 1)
    assert outbox.due_tasks(store) == []
    _make_due(store)
    assert [job.ref for job in outbox.claim(store, "assess", 1)] == [number]


def test_what_a_clock_that_was_ahead_put_off_is_brought_forward(any_store: Store) -> None:
    (claimed,) = _owe(any_store)
    with time_machine.travel(now() + timedelta(hours=1)):
        outbox.claim(any_store, "assess", 1)
        _owe(any_store, 2)
    _owe(any_store)
    with any_store.write() as session:
        outbox.add(session, "answer", 1, after=timedelta(seconds=outbox.BACKOFF_CAP_S))
    assert outbox.bring_forward(any_store) == 3
    assert outbox.bring_forward(any_store) == 0
    assert outbox.due_tasks(any_store) == ["assess"]
    assert claimed in {job.ref for _ in range(4) for job in outbox.claim(any_store, "assess", 9)}


def test_a_failed_batch_is_tried_again_one_by_one_after_a_wait(store: Store) -> None:
    _owe(store, 3)
    jobs = outbox.claim(store, "assess", 3)
    outbox.fail(store, jobs, "EncoderError")
    assert outbox.claim(store, "assess", 3) == []
    _make_due(store)
    assert len(outbox.claim(store, "assess", 3)) == 1


def test_backoff_grows_is_spread_and_is_bounded() -> None:
    for attempts in range(1, 30):
        waits = {outbox.backoff(attempts).total_seconds() for _ in range(200)}
        ceiling = min(outbox.BACKOFF_CAP_S, outbox.BACKOFF_BASE_S * 2**attempts)
        assert min(waits) >= ceiling / 2
        assert max(waits) <= ceiling
        assert len(waits) > 100


def _fail_until_parked(store: Store) -> int:
    (number,) = _owe(store)
    for _ in range(MAX_ATTEMPTS):
        _make_due(store)
        outbox.fail(store, outbox.claim(store, "assess", 1), "EncoderError")
    return number


def test_what_fails_often_enough_is_parked_with_its_reason(any_store: Store) -> None:
    number = _fail_until_parked(any_store)
    _make_due(any_store)
    assert outbox.claim(any_store, "assess", 1) == []
    assert outbox.due_tasks(any_store) == []
    with any_store.read() as session:
        (row,) = outbox.parked(session)
        assert (row.ref, row.last_error) == (number, "EncoderError")
        assert session.get_one(Submission, number).state == "parked"


def test_what_kills_its_worker_each_time_is_parked_too(store: Store) -> None:
    (number,) = _owe(store)
    for _ in range(MAX_ATTEMPTS + 1):
        _make_due(store)
        outbox.claim(store, "assess", 1)
    with store.read() as session:
        (row,) = outbox.parked(session)
        assert row.last_error == outbox.STOPPED_AT_WORK
        assert session.get_one(Submission, number).state == "parked"


def test_a_person_with_the_right_replays_a_parked_item(store: Store) -> None:
    number = _fail_until_parked(store)
    with store.write() as session:
        admin, verifier = make_account(session, "admin"), make_account(session, "verifikator")
        row_id = outbox.parked(session)[0].id
    with pytest.raises(Forbidden):
        outbox.replay(store, row_id, verifier)
    assert outbox.replay(store, row_id, admin) == "assess"
    with pytest.raises(NotFound):
        outbox.replay(store, row_id, admin)
    assert [job.ref for job in outbox.claim(store, "assess", 1)] == [number]
    with store.read() as session:
        assert session.get_one(Submission, number).state == "received"
        names = [event.name for event in session.query(Event).order_by(Event.seq)]
    assert names == ["park", "unpark"]


def test_everything_that_is_parked_is_replayed_at_once_in_chunks(
    any_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "REPLAY_CHUNK", 2)
    numbers = [_fail_until_parked(any_store) for _ in range(4)]
    with any_store.write() as session:
        admin, verifier = make_account(session, "admin"), make_account(session, "verifikator")
        for ref in (1, 2):
            outbox.add(session, "embed", ref)
        session.flush()
        session.execute(update(Outbox).where(Outbox.task == "embed").values(parked_at=now()))
    with pytest.raises(Forbidden):
        outbox.replay_all(any_store, verifier)
    assert outbox.replay_all(any_store, admin, "embed") == {"embed": 2}
    assert outbox.due_tasks(any_store) == ["embed"]
    assert outbox.replay_all(any_store, admin) == {"assess": 4}
    assert outbox.replay_all(any_store, admin) == {}
    assert [job.ref for job in outbox.claim(any_store, "assess", 9)] == numbers
    with any_store.read() as session:
        names = Counter(event.name for event in session.query(Event))
    assert names == {"park": 4, "unpark": 4, "replay": 2}


def test_settling_a_parked_row_is_refused(store: Store) -> None:
    _owe(store)
    (job,) = outbox.claim(store, "assess", 1)
    for _ in range(MAX_ATTEMPTS):
        outbox.fail(store, [job], "EncoderError")
        _make_due(store)
        outbox.claim(store, "assess", 1)
    assert not _settle(store, job)


def test_several_rows_are_settled_at_once_but_none_twice_and_no_parked_one(any_store: Store) -> None:
    with any_store.write() as session:
        for ref in range(1, 5):
            outbox.add(session, "assess", ref)
    jobs = outbox.claim(any_store, "assess", 4)
    with any_store.write() as session:
        session.get_one(Outbox, jobs[3].id).parked_at = now()
        outbox.settle(session, jobs[0])
        session.flush()
        assert outbox.settle_all(session, jobs) == {jobs[1].id, jobs[2].id}
        assert outbox.settle_all(session, jobs) == frozenset()


def test_a_number_that_was_given_away_again_is_not_taken_for_the_row_that_had_it(any_store: Store) -> None:
    _owe(any_store)
    [job] = outbox.claim(any_store, "assess", 1)
    assert _settle(any_store, job)
    with any_store.write() as session:
        other = Outbox(id=job.id, task="answer", ref=7, created_at=now(), due_at=now(), attempts=0)
        session.add(other)
    due = other.due_at
    outbox.renew(any_store, [job])
    outbox.fail(any_store, [job], "late")
    assert not _settle(any_store, job)
    with any_store.read() as session:
        row = session.get_one(Outbox, job.id)
        assert (row.task, row.due_at, row.last_error, row.attempts) == ("answer", due, "", 0)
