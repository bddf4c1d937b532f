"""An answer that was not meant: that one message goes to a person, once, and nobody else's answer changes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import accounting, events, objections, receipt_view, review
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound
from triage.review import Draft
from triage.tables import Answer, ClaimGroup, Event, Sighting, Submission, SuggestedMatch

TEXT = "Katanya pasar Klakah tutup sebulan karena ada razia besar"
VILLAGE = "35.08.01.2001"


def _answered(store: Store, config: Config, senders: int = 2) -> list[str]:
    """Send a message that a fact-check answers at once, by so many people; returns their receipts."""
    with store.write() as session:
        number = make_fact_check(session).id
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipts = [send(store, config, TEXT, device=f"d{one}", village=VILLAGE) for one in range(senders)]
    drain(store, matching)
    return receipts


def test_one_message_leaves_and_the_others_keep_their_answer(any_store: Store, config: Config) -> None:
    mine, other = _answered(any_store, config)
    objections.object_to(any_store, config, mine)
    view = receipt_view.find(any_store, config, mine)
    assert (view.status, view.answer, view.objected, view.may_object) == ("in_review", None, True, False)
    assert receipt_view.find(any_store, config, other).answer is not None
    with any_store.read() as session:
        before, after = session.scalars(select(ClaimGroup).order_by(ClaimGroup.id)).all()
        assert (before.state, before.submissions, before.reporters, before.villages) == ("answered", 1, 1, 1)
        assert (after.state, after.submissions, after.reporters, after.villages) == ("queued", 1, 1, 1)
        assert after.representative_id == 1
        assert before.representative_id == 2
        assert [row.group_id for row in session.scalars(select(Sighting).order_by(Sighting.group_id))] == [
            1,
            2,
        ]
        copied = session.scalars(select(SuggestedMatch).where(SuggestedMatch.group_id == 2)).one()
        assert (copied.state, copied.probability) == ("suggested", 0.99)
        assert accounting.balance(session).adds_up
        assert events.first_break(session) is None
        names = session.execute(
            select(Event.name, Event.actor).where(Event.subject == "group", Event.subject_id == 2)
        )
        assert [tuple(row) for row in names] == [("object", "reporter"), ("queue", "system")]


def test_saying_it_twice_changes_nothing(store: Store, config: Config) -> None:
    mine, _ = _answered(store, config)
    objections.object_to(store, config, mine)
    with store.read() as session:
        number = events.head(session).seq
    objections.object_to(store, config, mine.lower())
    with store.read() as session:
        assert events.head(session).seq == number
        assert session.scalar(select(func.count()).select_from(ClaimGroup)) == 2


def test_what_is_not_answered_or_was_only_asked_back_stays(store: Store, config: Config) -> None:
    waiting, thin = send(store, config, TEXT), send(store, config, "gmn ini")
    drain(store, ScriptedMatching())
    fresh = send(store, config, f"{TEXT} lagi")
    for receipt in (waiting, thin, fresh):
        before = receipt_view.find(store, config, receipt)
        objections.object_to(store, config, receipt)
        assert receipt_view.find(store, config, receipt) == before
    with pytest.raises(NotFound):
        objections.object_to(store, config, "0000-0000-0000-0000")


def test_a_person_who_says_it_was_right_answers_it_again_and_that_holds(store: Store, config: Config) -> None:
    mine, _ = _answered(store, config)
    objections.object_to(store, config, mine)
    with store.write() as session:
        siti = make_account(session)
        match = session.scalars(select(SuggestedMatch.id).where(SuggestedMatch.group_id == 2)).one()
    review.confirm(store, siti, 2, match)
    tell(store)
    view = receipt_view.find(store, config, mine)
    assert view.answer is not None
    assert not view.may_object
    objections.object_to(store, config, mine)
    assert receipt_view.find(store, config, mine).status == "answered"
    with store.read() as session:
        told = session.scalars(select(Answer).where(Answer.submission_id == 1)).all()
        assert [one.withdrawn_at for one in told] == [None]


def test_a_person_may_write_another_answer_which_the_others_do_not_get(store: Store, config: Config) -> None:
    mine, other = _answered(store, config)
    objections.object_to(store, config, mine)
    with store.write() as session:
        verifier, approver = make_account(session), make_account(session, "penyetuju")
    draft = Draft("bukan-klaim", TEXT, "Bukan kabar", "Hanya pertanyaan.", "", (), "other")
    review.approve(store, approver, review.decide(store, verifier, 2, draft))
    with store.read() as session:
        assert session.get_one(ClaimGroup, 2).state == "approved"
        assert session.get_one(ClaimGroup, 1).state == "answered"
    assert receipt_view.find(store, config, other).answer is not None


def test_the_same_words_from_others_are_answered_as_before(store: Store, config: Config) -> None:
    mine, _ = _answered(store, config)
    objections.object_to(store, config, mine)
    later = send(store, config, TEXT, device="d9")
    drain(store, ScriptedMatching())
    assert receipt_view.find(store, config, later).status == "answered"
    with store.read() as session:
        assert session.scalars(select(Submission.group_id).order_by(Submission.id)).all() == [2, 1, 1]
