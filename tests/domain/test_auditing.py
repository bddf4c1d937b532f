"""Automatic answers drawn for people to judge: which, by whom, and what follows from it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event as sql
from sqlalchemy import select, update

from tests.factories import make_account, make_fact_check, make_submission
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import accounts, erasure, events, objections, retention, review
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import Forbidden, IllegalTransition, NotFound
from triage.permissions import Actor
from triage.quality import auditing, drawing
from triage.quality.error_rate import Audited, audited
from triage.quality.intervals import exact
from triage.tables import (
    AccountDevice,
    Answer,
    AuditedAnswer,
    ClaimGroup,
    Decision,
    Event,
    Submission,
    SuggestedMatch,
)

HOAX = "Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang juga"
OTHER = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam kata bidan desa sebelah"
EVER = timedelta(days=400)


@pytest.fixture
def whole(config: Config) -> Config:
    """An installation in which every automatic answer is drawn."""
    return replace(config, audit_share=1.0)


class Office:
    """A store to which messages come that the program answers by itself, and people who work there."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config, self.matching = store, config, ScriptedMatching()
        with store.write() as session:
            self.check = make_fact_check(session, "Bantuan tunai tidak dibagikan lewat tautan").id
            self.siti, self.dewi = make_account(session), make_account(session, "penyetuju")
        self.matching.expect(HOAX, "answer", (self.check, 0.99))
        self.draw()

    def draw(self) -> None:
        drawing.draw(self.store, self.config)

    def send(self, text: str = HOAX, sender: str = "a") -> str:
        receipt = send(self.store, self.config, text, sender)
        drain(self.store, self.matching)
        return receipt

    def drawn(self) -> list[tuple[str, str]]:
        """How each drawn answer was given, and what was said of it."""
        with self.store.read() as session:
            rows = session.execute(
                select(Answer.via, AuditedAnswer.outcome)
                .join(Answer, Answer.id == AuditedAnswer.answer_id)
                .order_by(AuditedAnswer.id)
            )
            return [(row.via, row.outcome) for row in rows]

    def found(self) -> Audited:
        with self.store.read() as session:
            return audited(session, now() - EVER, now() + EVER)

    def next(self, actor: Actor) -> auditing.Audit | None:
        with self.store.read() as session:
            return auditing.next_one(session, actor)

    def judge(self, *outcomes: auditing.Outcome) -> None:
        for outcome in outcomes:
            waiting = self.next(self.siti)
            assert waiting is not None
            auditing.judge(self.store, self.siti, waiting.id, outcome)


@pytest.fixture
def office(store: Store, whole: Config) -> Office:
    return Office(store, whole)


def test_what_the_program_answered_is_drawn_and_nothing_else(any_store: Store, whole: Config) -> None:
    office = Office(any_store, whole)
    office.matching.expect(OTHER, "review", (office.check, 0.7))
    office.send(sender="a")
    office.send(sender="b")
    office.send("gmn ini", "c")
    office.send(OTHER, "d")
    with any_store.read() as session:
        waiting = session.scalars(select(ClaimGroup.id).where(ClaimGroup.state == "queued")).one()
        match = session.scalars(select(SuggestedMatch.id).where(SuggestedMatch.group_id == waiting)).one()
    review.confirm(any_store, office.siti, waiting, match)
    tell(any_store)
    # Who sends it now gets at once what a person had said.
    office.send(OTHER, "e")
    office.draw()
    assert office.drawn() == [("band", ""), ("known", "")]


def test_what_a_person_had_withdrawn_and_then_said_again_is_theirs(office: Office) -> None:
    office.send()
    with office.store.read() as session:
        group = session.scalars(select(ClaimGroup.id)).one()
        match = session.scalars(select(SuggestedMatch.id)).one()
    review.withdraw(office.store, office.siti, group)
    tell(office.store)
    with office.store.write() as session:
        session.get_one(SuggestedMatch, match).state = "suggested"
    review.confirm(office.store, office.siti, group, match)
    tell(office.store)
    office.send(sender="b")
    office.draw()
    assert office.drawn() == []


def test_a_wrong_answer_that_was_taken_back_before_the_drawing_counts_all_the_same(office: Office) -> None:
    objections.object_to(office.store, office.config, office.send())
    office.draw()
    assert office.drawn() == [("band", "")]


def test_each_answer_is_drawn_once_and_none_of_before_the_first_drawing(store: Store, whole: Config) -> None:
    office = Office(store, whole)
    office.send(sender="a")
    office.draw()
    office.draw()
    assert len(office.drawn()) == 1
    with store.write() as session:
        session.execute(update(AuditedAnswer).values(outcome="right"))
    office.draw()
    assert office.drawn() == [("band", "right")]


def test_answers_of_before_the_first_drawing_are_left_alone(store: Store, whole: Config) -> None:
    matching = ScriptedMatching()
    with store.write() as session:
        matching.expect(HOAX, "answer", (make_fact_check(session).id, 0.99))
    send(store, whole, HOAX, "a")
    drain(store, matching)
    drawing.draw(store, whole)
    send(store, whole, HOAX, "b")
    drain(store, matching)
    drawing.draw(store, whole)
    with store.read() as session:
        assert session.scalars(select(AuditedAnswer.answer_id)).all() == [2]


def test_no_erased_message_is_drawn(office: Office) -> None:
    erasure.erase(office.store, office.config, office.send())
    office.draw()
    assert office.drawn() == []


def test_nothing_is_drawn_where_nobody_wants_it(store: Store, config: Config) -> None:
    office = Office(store, replace(config, audit_share=0.0))
    for sender in "abcdefgh":
        office.send(sender=sender)
    office.draw()
    assert office.drawn() == []


def test_many_steps_find_every_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "STEP", 2)
    for sender in "abcdefg":
        office.send(sender=sender)
    office.draw()
    assert len(office.drawn()) == 7


def test_several_workers_draw_each_answer_once(any_store: Store, whole: Config) -> None:
    office = Office(any_store, whole)
    for sender in "abcdefghijkl":
        office.send(sender=sender)
    begin, failed = threading.Barrier(6), []

    def work() -> None:
        begin.wait()
        try:
            office.draw()
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    office.draw()
    assert failed == []
    assert len(office.drawn()) == 12


# ---- Judging.


def test_one_at_a_time_is_judged_and_leaves_an_event_without_the_message(office: Office) -> None:
    office.send()
    office.draw()
    shown = office.next(office.siti)
    assert shown is not None
    assert (shown.text, shown.fact_check_id, shown.judged) == (HOAX, office.check, None)
    auditing.judge(office.store, office.siti, shown.id, "wrong")
    assert office.next(office.siti) is None
    with office.store.read() as session:
        event = session.scalars(select(Event).order_by(Event.seq.desc())).first()
        judged = auditing.one(session, office.dewi, shown.id).judged
        assert events.first_break(session) is None
    assert event is not None
    assert (event.name, event.subject, event.actor) == ("audit", "group", office.siti.label)
    assert event.data == {"answer": 1, "outcome": "wrong"}
    assert judged is not None
    assert (judged.outcome, judged.probability, judged.mine, judged.answered) == ("wrong", 0.99, False, True)


def test_judging_again_changes_nothing_for_others_and_only_for_a_while_for_oneself(office: Office) -> None:
    office.send()
    office.draw()
    auditing.judge(office.store, office.siti, 1, "wrong")
    auditing.judge(office.store, office.siti, 1, "wrong")
    with pytest.raises(IllegalTransition):
        auditing.judge(office.store, office.dewi, 1, "right")
    auditing.judge(office.store, office.siti, 1, "right")
    with (
        time_machine.travel(now() + auditing.CHANGE + timedelta(seconds=1)),
        pytest.raises(IllegalTransition),
    ):
        auditing.judge(office.store, office.siti, 1, "unclear")
    assert office.drawn() == [("band", "right")]
    with office.store.read() as session:
        names = session.scalars(select(Event.data).where(Event.name == "audit").order_by(Event.seq)).all()
    assert [data["outcome"] for data in names] == ["wrong", "right"]


def test_nobody_judges_what_came_from_their_own_browser(office: Office) -> None:
    office.send(sender="a")
    office.draw()
    with office.store.write() as session:
        own = session.scalars(select(Submission.reporter_hash)).one()
        assert own is not None
        session.add(AccountDevice(account_id=office.siti.account_id, reporter_hash=own))
    with office.store.read() as session:
        group = session.scalars(select(ClaimGroup.id)).one()
        assert accounts.has_reported(session, office.siti, group)
        assert auditing.waiting(session, office.siti) == 0
        assert auditing.waiting(session, office.dewi) == 1
    assert office.next(office.siti) is None
    assert office.next(office.dewi) is not None
    with pytest.raises(Forbidden):
        auditing.judge(office.store, office.siti, 1, "right")


@pytest.mark.embedded
def test_whose_own_it_is_is_asked_by_their_browsers_and_not_of_every_sender(office: Office) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, given: Any, *_rest: object) -> None:
        if "sighting" in statement:
            sent.append((statement, given))

    sql.listen(office.store.engine, "before_cursor_execute", keep)
    with office.store.read() as session:
        auditing.waiting(session, office.siti)
        accounts.has_reported(session, office.siti, 1)
    sql.remove(office.store.engine, "before_cursor_execute", keep)
    with office.store.read() as session:
        plans = [
            [
                str(row.detail)
                for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
                if "sighting" in row.detail
            ]
            for statement, given in sent
        ]
    assert len(plans) == 2
    for plan in plans:
        assert len(plan) == 1
        assert "(group_id=? AND reporter_hash=?)" in plan[0]


def test_only_who_may_judges(office: Office) -> None:
    with office.store.write() as session:
        admin = make_account(session, "admin")
    office.send()
    office.draw()
    with pytest.raises(Forbidden):
        auditing.judge(office.store, admin, 1, "right")
    with pytest.raises(NotFound):
        auditing.judge(office.store, office.siti, 77, "right")


@pytest.mark.parametrize("emptied_by", ["sender", "clock"])
def test_what_was_emptied_can_no_longer_be_judged_and_is_counted_so(office: Office, emptied_by: str) -> None:
    receipt = office.send(sender="a")
    office.draw()
    later = now() + office.config.retention + timedelta(days=1)
    if emptied_by == "sender":
        erasure.erase(office.store, office.config, receipt)
    else:
        with time_machine.travel(later):
            retention.expire(office.store, office.config)
    assert office.next(office.siti) is None
    with pytest.raises(IllegalTransition):
        auditing.judge(office.store, office.siti, 1, "right")
    with office.store.read() as session, pytest.raises(NotFound):
        auditing.one(session, office.siti, 1)
    found = office.found()
    assert (found.drawn, found.dropped, found.waiting, found.wrong_share) == (1, 1, 0, None)


def test_a_judgement_stays_when_the_message_is_emptied(office: Office) -> None:
    receipt = office.send()
    office.draw()
    office.judge("wrong")
    erasure.erase(office.store, office.config, receipt)
    assert office.found().wrong == 1
    with office.store.read() as session, pytest.raises(NotFound):
        auditing.one(session, office.siti, 1)


# ---- What follows.


def test_the_error_rate_leaves_out_what_is_unclear_or_waits(any_store: Store, whole: Config) -> None:
    office = Office(any_store, whole)
    for sender in "abcdefg":
        office.send(sender=sender)
    office.draw()
    office.judge("right", "right", "right", "wrong", "unclear")
    found = office.found()
    assert (found.right, found.wrong, found.unclear, found.waiting, found.judged) == (3, 1, 1, 2, 5)
    assert found.wrong_share == exact(1, 4)


def test_the_share_that_was_drawn_with_is_kept_and_counted_with(office: Office) -> None:
    office.send(sender="a")
    office.draw()
    office.config = replace(office.config, audit_share=0.5)
    sent = 1
    while len(office.drawn()) < 2:
        office.send(sender=f"b{sent}")
        office.draw()
        sent += 1
        assert sent < 60
    with office.store.read() as session:
        assert session.scalars(select(AuditedAnswer.share).order_by(AuditedAnswer.id)).all() == [1.0, 0.5]
    with office.store.write() as session:
        session.execute(update(AuditedAnswer).where(AuditedAnswer.share == 1.0).values(outcome="wrong"))
        session.execute(update(AuditedAnswer).where(AuditedAnswer.share == 0.5).values(outcome="right"))
    share = office.found().wrong_share
    assert share is not None
    assert share.value == pytest.approx(1 / 3)


def test_a_backlog_of_judging_does_not_make_its_time_count_for_less(office: Office) -> None:
    """Of 200 answers one in twenty was drawn, none was wrong; then all of 200, half of those judged wrong."""
    groups = [(0.05, "right", 10), (1.0, "right", 10), (1.0, "wrong", 10), (1.0, "", 180)]
    with office.store.write() as session:
        for share, outcome, number in groups:
            for _ in range(number):
                message = make_submission(session, state="answered")
                answer = Answer(
                    submission_id=message.id, fact_check_id=office.check, version=1, via="band",
                    created_at=now(),
                )  # fmt: skip
                session.add(answer)
                session.flush()
                session.add(AuditedAnswer(answer_id=answer.id, drawn_at=now(), share=share, outcome=outcome))
    wrong = office.found().wrong_share
    assert wrong is not None
    assert wrong.value == pytest.approx(0.25)


def test_what_came_while_a_proposal_waited_for_approval_was_the_programs_own(office: Office) -> None:
    office.send(sender="a")
    with office.store.read() as session:
        group = session.scalars(select(ClaimGroup.id)).one()
    begun = now()
    with office.store.write() as session:
        answered = session.scalars(select(Answer)).one()
        decision = {"kind": "new", "verdict": "hoaks", "harm": "other", "evidence": []}
        decision |= dict.fromkeys(("claim", "headline", "explanation", "what_to_do"), "")
        session.add(
            Decision(
                group_id=group, state="approved", author_id=office.siti.account_id, created_at=begun,
                reviewer_id=office.dewi.account_id, reviewed_at=begun + timedelta(minutes=9), **decision,
            )
        )  # fmt: skip
        answered.via, answered.created_at = "known", begun + timedelta(minutes=5)
    office.draw()
    assert office.drawn() == [("known", "")]
