"""The last step is taken back within seconds, or takes effect: never both, and nobody is told before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine

from tests.domain.test_review import DRAFT
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import answers, events, outbox, receipt_view, review
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound, UndoTooLate
from triage.permissions import Actor
from triage.review.undoing import GRACE, UNDO
from triage.tables import ClaimGroup, ClaimText, Decision, FactCheck, Outbox, Submission, SuggestedMatch

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"


@dataclass(frozen=True)
class Desk:
    store: Store
    config: Config
    siti: Actor
    dewi: Actor
    receipt: str
    group: int
    match: int

    def state(self) -> str:
        with self.store.read() as session:
            return session.get_one(ClaimGroup, self.group).state

    def status(self) -> str:
        return receipt_view.find(self.store, self.config, self.receipt).status

    def last(self, actor: Actor) -> review.LastStep | None:
        with self.store.read() as session:
            return review.last_step(session, actor)

    def owed(self) -> list[str]:
        with self.store.read() as session:
            return sorted(row.task for row in session.query(Outbox) if row.task != "embed")


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    matching = ScriptedMatching()
    with any_store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        matching.expect(HOAX, "review", (make_fact_check(session).id, 0.9))
    receipt = send(any_store, config, HOAX)
    drain(any_store, matching)
    with any_store.read() as session:
        match = session.query(SuggestedMatch).one()
    return Desk(any_store, config, siti, dewi, receipt, match.group_id, match.id)


def _undo(desk: Desk, actor: Actor) -> None:
    step = desk.last(actor)
    assert step is not None
    review.undo(desk.store, actor, step.group_id, step.kind, step.number)


def test_a_confirmed_match_tells_nobody_before_the_time_is_over(desk: Desk) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        review.confirm(desk.store, desk.siti, desk.group, desk.match)
        clock.shift(UNDO)
        assert outbox.claim(desk.store, "answer", 5) == []
        assert "answer" not in outbox.due_tasks(desk.store)
        send(desk.store, desk.config, HOAX)
        drain(desk.store, ScriptedMatching())
        with desk.store.read() as session:
            assert session.query(Submission).filter_by(state="answered").count() == 0
    tell(desk.store)
    assert (desk.state(), desk.status()) == ("answered", "answered")
    with desk.store.read() as session:
        assert session.query(Submission).filter_by(state="answered").count() == 2


def test_a_confirmed_match_taken_back_leaves_no_trace_but_in_the_log(desk: Desk) -> None:
    review.confirm(desk.store, desk.siti, desk.group, desk.match)
    _undo(desk, desk.siti)
    assert (desk.state(), desk.owed(), desk.last(desk.siti)) == ("leased", [], None)
    tell(desk.store)
    assert desk.status() == "in_review"
    with desk.store.read() as session:
        group, match = session.query(ClaimGroup).one(), session.query(SuggestedMatch).one()
        assert (group.lease_account, group.fact_check_id) == (desk.siti.account_id, None)
        assert (match.state, match.judged_by) == ("suggested", None)
        assert session.query(ClaimText).filter(ClaimText.submission_id.is_not(None)).count() == 0
        assert review.group_page(session, desk.siti, desk.group).history[0].name == "undo"
        assert events.first_break(session) is None
    review.confirm(desk.store, desk.siti, desk.group, desk.match)
    tell(desk.store)
    assert desk.status() == "answered"


def test_what_took_effect_is_not_taken_back(desk: Desk) -> None:
    review.confirm(desk.store, desk.siti, desk.group, desk.match)
    step = desk.last(desk.siti)
    assert step is not None
    with time_machine.travel(now() + GRACE + timedelta(seconds=1)):
        assert desk.last(desk.siti) is None
        # Begun, not done: a worker that died in between comes back to it.
        assert outbox.claim(desk.store, "answer", 5)
        with pytest.raises(UndoTooLate):
            review.undo(desk.store, desk.siti, desk.group, step.kind, step.number)
    with time_machine.travel(now() + GRACE * 2 + timedelta(seconds=outbox.CLAIM_SECONDS)):
        answers.answer_groups(desk.store, outbox.claim(desk.store, "answer", 5))
    assert desk.status() == "answered"


def test_a_step_is_only_taken_back_once_and_by_whoever_took_it(desk: Desk) -> None:
    review.confirm(desk.store, desk.siti, desk.group, desk.match)
    step = desk.last(desk.siti)
    assert step is not None
    assert desk.last(desk.dewi) is None
    with pytest.raises(NotFound):
        review.undo(desk.store, desk.dewi, desk.group, step.kind, step.number)
    with pytest.raises(NotFound):
        review.undo(desk.store, desk.siti, desk.group + 1, step.kind, step.number)
    _undo(desk, desk.siti)
    with pytest.raises(UndoTooLate):
        review.undo(desk.store, desk.siti, desk.group, step.kind, step.number)


def test_a_rejected_suggestion_comes_back(desk: Desk) -> None:
    review.reject(desk.store, desk.siti, desk.group, desk.match)
    with desk.store.read() as session:
        doubt = session.query(ClaimGroup.doubt).scalar()
    _undo(desk, desk.siti)
    with desk.store.read() as session:
        assert session.query(SuggestedMatch.state).scalar() == "suggested"
        assert session.query(ClaimGroup.doubt).scalar() < doubt
    review.reject(desk.store, desk.siti, desk.group, desk.match)
    with time_machine.travel(now() + GRACE), pytest.raises(UndoTooLate):
        review.undo(desk.store, desk.siti, desk.group, "reject", desk.match)


def test_an_approval_taken_back_publishes_nothing_and_waits_again(desk: Desk) -> None:
    decision = review.decide(desk.store, desk.siti, desk.group, replace(DRAFT))
    review.approve(desk.store, desk.dewi, decision)
    assert desk.last(desk.siti) is None
    _undo(desk, desk.dewi)
    assert (desk.state(), desk.owed()) == ("decided", [])
    tell(desk.store)
    with desk.store.read() as session:
        assert session.query(FactCheck).filter_by(origin="own").count() == 0
        kept = session.get_one(Decision, decision)
        assert (kept.state, kept.reviewer_id) == ("proposed", None)
    review.approve(desk.store, desk.dewi, decision)
    tell(desk.store)
    tell(desk.store)
    assert desk.status() == "answered"


def test_an_approved_faint_match_taken_back_is_a_proposal_again(desk: Desk) -> None:
    with desk.store.write() as session:
        session.query(SuggestedMatch).update({"likely": False})
    decision = review.confirm(desk.store, desk.siti, desk.group, desk.match)
    assert decision is not None
    review.approve(desk.store, desk.dewi, decision)
    _undo(desk, desk.dewi)
    assert (desk.state(), desk.owed()) == ("decided", [])
    with desk.store.read() as session:
        assert session.query(SuggestedMatch.state).scalar() == "suggested"
        assert session.query(ClaimGroup.fact_check_id).scalar() is None


def test_whoever_was_told_all_the_same_learns_that_it_no_longer_holds(desk: Desk) -> None:
    review.confirm(desk.store, desk.siti, desk.group, desk.match)
    with desk.store.write() as session:
        outbox.add(session, "answer", desk.group)
    answers.answer_groups(desk.store, outbox.claim(desk.store, "answer", 5)[:1])
    with desk.store.write() as session:
        # As if that had come from before the decision: the group itself was not moved on by it.
        session.get_one(ClaimGroup, desk.group).state = "approved"
    _undo(desk, desk.siti)
    tell(desk.store)
    view = receipt_view.find(desk.store, desk.config, desk.receipt)
    assert (view.status, view.withdrawn) == ("in_review", True)
