"""Taking an item and working on it are one step: whole, logged, and never over somebody else's work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine

from tests.factories import make_account, make_fact_check, make_group, suggest
from triage import events, review
from triage.columns import now
from triage.db import Store
from triage.errors import DecisionRefused, IllegalTransition, LeaseLost, NotFound, PenjagaError
from triage.permissions import Actor, Role
from triage.review import Draft
from triage.review.leases import LEASE
from triage.tables import ClaimGroup, Decision, Event, Outbox, SuggestedMatch

DRAFT = Draft("hoaks", "Klaimnya", "Judulnya", "Penjelasannya", "", (), "fraud")
Act = Callable[[Store, Actor, int, int], object]


def _confirm(store: Store, actor: Actor, group: int, match: int) -> None:
    review.confirm(store, actor, group, match)


def _reject(store: Store, actor: Actor, group: int, match: int) -> None:
    review.reject(store, actor, group, match)


def _decide(store: Store, actor: Actor, group: int, _match: int) -> None:
    review.decide(store, actor, group, DRAFT)


def _person(store: Store, role: Role = "verifikator") -> Actor:
    with store.write() as session:
        return make_account(session, role)


def _item(store: Store) -> tuple[int, int]:
    """A waiting group with a suggestion."""
    with store.write() as session:
        group = make_group(session, band="review")
        return group.id, suggest(session, group, make_fact_check(session)).id


def _as_it_stands(store: Store, group: int) -> tuple[object, ...]:
    with store.read() as session:
        row = session.get_one(ClaimGroup, group)
        judged = session.query(SuggestedMatch.state).filter(SuggestedMatch.group_id == group).all()
        decided = session.query(Decision).filter(Decision.group_id == group).count()
        logged = session.query(Event).count()
        return row.state, row.lease_account, row.lease_until, row.submissions, judged, decided, logged


def _history(store: Store, group: int) -> list[tuple[str, str]]:
    with store.read() as session:
        assert events.first_break(session) is None
        rows = session.query(Event).filter(Event.subject == "group", Event.subject_id == group)
        return [(row.name, row.actor) for row in rows.order_by(Event.seq)]


@pytest.mark.parametrize(("act", "last"), [(_confirm, "confirm"), (_reject, "reject"), (_decide, "decide")])
def test_work_on_a_free_item_takes_it_and_says_so(any_store: Store, act: Act, last: str) -> None:
    siti, (group, match) = _person(any_store), _item(any_store)
    act(any_store, siti, group, match)
    assert _history(any_store, group) == [("lease", siti.label), (last, siti.label)]


def test_a_lease_that_ran_out_is_taken_over_in_the_same_step(any_store: Store) -> None:
    siti, budi, (group, match) = _person(any_store), _person(any_store), _item(any_store)
    review.lease(any_store, siti, group)
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        _decide(any_store, budi, group, match)
        with pytest.raises(IllegalTransition):
            _decide(any_store, siti, group, match)
    assert _history(any_store, group) == [
        ("lease", siti.label), ("expire", events.SYSTEM), ("lease", budi.label), ("decide", budi.label),
    ]  # fmt: skip


def test_ones_own_lease_that_ran_out_is_renewed(store: Store) -> None:
    siti, (group, match) = _person(store), _item(store)
    review.lease(store, siti, group)
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        _decide(store, siti, group, match)
    assert _history(store, group) == [("lease", siti.label), ("decide", siti.label)]


@pytest.mark.parametrize("holding", [False, True], ids=["free", "held by the actor"])
def test_what_is_refused_leaves_the_item_as_it_was(any_store: Store, holding: bool) -> None:
    siti, (group, match) = _person(any_store), _item(any_store)
    other, of_other = _item(any_store)
    _confirm(any_store, _person(any_store), other, of_other)
    if holding:
        review.lease(any_store, siti, group)
    before = _as_it_stands(any_store, group)
    incomplete = Draft("hoaks", "", "Judulnya", "Penjelasannya", "", (), "fraud")
    refused: list[tuple[type[PenjagaError], Callable[[], object]]] = [
        (DecisionRefused, lambda: review.decide(any_store, siti, group, incomplete)),
        (IllegalTransition, lambda: review.merge(any_store, siti, other, group)),
        (NotFound, lambda: review.merge(any_store, siti, 999, group)),
        (NotFound, lambda: review.confirm(any_store, siti, group, of_other)),
    ]
    for error, act in refused:
        with pytest.raises(error):
            act()
        assert _as_it_stands(any_store, group) == before
    with any_store.write() as session:
        session.get_one(SuggestedMatch, match).state = "rejected"
    before = _as_it_stands(any_store, group)
    for again in (_confirm, _reject):
        with pytest.raises(IllegalTransition):
            again(any_store, siti, group, match)
        assert _as_it_stands(any_store, group) == before


@pytest.mark.parametrize("act", [_confirm, _reject])
def test_a_suggestion_is_judged_only_with_its_own_item(store: Store, act: Act) -> None:
    siti, (mine, _), (other, of_other) = _person(store), _item(store), _item(store)
    review.lease(store, siti, mine)
    review.lease(store, siti, other)
    before = _as_it_stands(store, mine), _as_it_stands(store, other)
    with pytest.raises(NotFound):
        act(store, siti, mine, of_other)
    assert (_as_it_stands(store, mine), _as_it_stands(store, other)) == before


def test_a_decision_is_reviewed_only_with_its_own_item(store: Store) -> None:
    siti, dewi = _person(store), _person(store, "penyetuju")
    (mine, _), (other, _) = _item(store), _item(store)
    decision = review.decide(store, siti, mine, DRAFT)
    before = _as_it_stands(store, mine)
    with pytest.raises(NotFound):
        review.approve(store, dewi, decision, of_group=other)
    with pytest.raises(NotFound):
        review.send_back(store, dewi, decision, "Perbaiki.", of_group=other)
    assert _as_it_stands(store, mine) == before
    review.approve(store, dewi, decision, of_group=mine)


@pytest.mark.parametrize("acts", [(_decide, _decide), (_confirm, _decide), (_reject, _decide)])
def test_of_two_people_at_once_one_works_and_the_other_is_told(
    any_store: Store, acts: tuple[Act, Act]
) -> None:
    people = _person(any_store), _person(any_store)
    for _ in range(5):
        group, match = _item(any_store)
        told = _at_once(
            [partial(act, any_store, who, group, match) for act, who in zip(acts, people, strict=True)]
        )
        assert sorted(error is None for error in told) == [False, True]
        assert isinstance(next(error for error in told if error), LeaseLost | IllegalTransition)
        winner = people[told.index(None)].label
        history = _history(any_store, group)
        assert [actor for _, actor in history] == [winner, winner]
        assert history[0][0] == "lease"
        with any_store.read() as session:
            decisions = session.query(Decision).filter(Decision.group_id == group).all()
            owed = session.query(Outbox).filter(Outbox.task == "answer", Outbox.ref == group).count()
        assert [row.author_id for row in decisions] == (
            [] if history[1][0] == "reject" else [people[told.index(None)].account_id]
        )
        assert owed == (history[1][0] == "confirm")


def test_of_many_who_take_an_item_at_once_one_has_it(any_store: Store) -> None:
    people = [_person(any_store) for _ in range(6)]
    group, _ = _item(any_store)
    told = _at_once([partial(review.lease, any_store, who, group) for who in people])
    assert [type(error) for error in told if error] == [LeaseLost] * 5
    with any_store.read() as session:
        assert session.get_one(ClaimGroup, group).lease_account == people[told.index(None)].account_id
    assert len(_history(any_store, group)) == 1


def _at_once(acts: list[Callable[[], object]]) -> list[PenjagaError | None]:
    """Do all in threads that start together; returns what each was told, None where it went through."""
    start = threading.Barrier(len(acts))
    told: list[PenjagaError | None] = [None] * len(acts)

    def run(number: int) -> None:
        start.wait()
        try:
            acts[number]()
        except PenjagaError as error:
            told[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
