"""Erasure: no word of the message and no trace of its sender is left in the store, and all adds up."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from tests.factories import make_account, make_fact_check, suggest
from tests.scripted import ScriptedMatching, drain, send
from triage import accounting, erasure, events, intake, objections, outbox, receipt_view, review
from triage.assess import assess
from triage.config import Config
from triage.db import Store
from triage.errors import IllegalTransition, NotFound
from triage.intake import NewSubmission
from triage.tables import Base, ClaimGroup, ClaimText, Event, Fingerprint, Outbox, Submission, SuggestedMatch

TEXT = "Zarafakuning bagikan bantuan tunai malam ini di balai desa Kebonsari"
CANARY = "zarafakuning"
HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"
LONG = (
    "Mbah Zarafakuning bilang kalau anak kena DBD minumkan saja godhong kates digodhog sampai kental, isuk "
    "wis mari ora usah nang puskesmas"
)
VILLAGE = "35.08.01.2001"


def _everything(store: Store) -> str:
    """Return every value of every table, as one string in lower case."""
    with store.read() as session:
        rows = [
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in session.execute(text(f"SELECT * FROM {table.name}"))
        ]
    return "\n".join(rows).lower()


def _add_up(store: Store) -> accounting.Accounts:
    with store.read() as session:
        assert events.first_break(session) is None
        sums = accounting.balance(session)
    assert sums.adds_up
    return sums


def _send(store: Store, config: Config, words: str = TEXT, device: str = "d1") -> str:
    return intake.accept(
        store,
        config,
        NewSubmission(words, "https://zarafakuning.example/x", VILLAGE, device=device, remark=words),
    )


def _waiting(store: Store, config: Config) -> str:
    receipt = _send(store, config)
    drain(store, ScriptedMatching())
    return receipt


def test_of_a_waiting_message_nothing_is_left(any_store: Store, config: Config) -> None:
    receipt = _waiting(any_store, config)
    before = _everything(any_store)
    assert CANARY in before
    with any_store.read() as session:
        reporter = session.scalars(select(Submission.reporter_hash)).one()
    erasure.erase(any_store, config, receipt)
    after = _everything(any_store)
    for gone in (CANARY, VILLAGE, str(reporter)):
        assert gone in before
        assert gone not in after
    sums = _add_up(any_store)
    assert (sums.accepted, sums.erased, sums.waiting) == (1, 1, 0)
    with any_store.read() as session:
        assert session.get_one(ClaimGroup, 1).state == "erased"
        assert session.scalars(select(Submission.erased_at)).one() is not None
        names = session.execute(
            select(Event.subject, Event.name, Event.actor).order_by(Event.seq.desc()).limit(2)
        )
        assert [tuple(row) for row in names] == [
            ("submission", "erase", "reporter"), ("group", "empty", "reporter"),
        ]  # fmt: skip
    assert receipt_view.find(any_store, config, receipt).status == "closed"


def test_a_second_time_nothing_happens(store: Store, config: Config) -> None:
    receipt = _waiting(store, config)
    erasure.erase(store, config, receipt)
    before = _everything(store)
    erasure.erase(store, config, receipt.lower())
    assert _everything(store) == before
    with pytest.raises(NotFound):
        erasure.erase(store, config, "0000-0000-0000-0000")


def test_a_message_not_yet_read_is_never_read(store: Store, config: Config) -> None:
    receipt = _send(store, config)
    claimed = outbox.claim(store, "assess", 5)
    erasure.erase(store, config, receipt)
    matching = ScriptedMatching()
    assess(store, matching, claimed)
    drain(store, matching)
    assert CANARY not in _everything(store)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Outbox)) == 0
        assert session.scalars(select(Submission.state)).one() == "erased"
    _add_up(store)


def test_what_others_sent_too_stays_theirs(any_store: Store, config: Config) -> None:
    mine, other = _send(any_store, config), _send(any_store, config, device="d2")
    drain(any_store, ScriptedMatching())
    erasure.erase(any_store, config, mine)
    with any_store.read() as session:
        group = session.get_one(ClaimGroup, 1)
        assert (group.state, group.submissions, group.reporters, group.representative_id) == (
            "queued",
            1,
            1,
            2,
        )
        assert session.scalar(select(func.count()).select_from(Fingerprint)) == 1
    assert receipt_view.find(any_store, config, other).text == TEXT
    later = _send(any_store, config, device="d3")
    drain(any_store, ScriptedMatching())
    with any_store.read() as session:
        assert session.scalars(select(Submission.group_id).order_by(Submission.id)).all() == [None, 1, 1]
    for receipt in (other, later):
        erasure.erase(any_store, config, receipt)
    assert CANARY not in _everything(any_store)
    assert _add_up(any_store).erased == 3


def test_a_wording_of_ones_own_goes_and_that_of_others_stays(store: Store, config: Config) -> None:
    theirs = TEXT.replace("Zarafakuning", "Pemerintah kabupaten")
    mine, other = send(store, config, TEXT), send(store, config, theirs)
    drain(store, ScriptedMatching())
    with store.read() as session:
        groups = session.scalars(select(Submission.group_id)).all()
    if len(set(groups)) == 2:
        with store.write() as session:
            siti = make_account(session)
        review.merge(store, siti, 1, 2)
    erasure.erase(store, config, mine)
    assert CANARY not in _everything(store)
    with store.read() as session:
        assert len(session.scalars(select(Fingerprint.text)).all()) == 1
    assert receipt_view.find(store, config, other).text == theirs


def test_learned_wordings_go_or_are_kept_as_anothers(store: Store, config: Config) -> None:
    with store.write() as session:
        number, siti = make_fact_check(session, HEADING).id, make_account(session)
    matching = ScriptedMatching()
    matching.expect(intake.whole(LONG, "https://zarafakuning.example/x"), "review", (number, 0.6))
    mine, other = _send(store, config, LONG), _send(store, config, LONG, device="d2")
    drain(store, matching)
    review.confirm(store, siti, 1, 1)
    learned = select(ClaimText.submission_id).where(ClaimText.submission_id.is_not(None))
    with store.read() as session:
        assert session.scalars(learned).all() == [1]
    erasure.erase(store, config, mine)
    with store.read() as session:
        assert session.scalars(learned).all() == [2]
    erasure.erase(store, config, other)
    # What the person confirmed is the fact-check's own words.
    assert CANARY not in _everything(store)
    _add_up(store)


def test_reasons_that_quote_the_message_go_with_it(store: Store, config: Config) -> None:
    receipt = _waiting(store, config)
    with store.write() as session:
        match = suggest(session, session.get_one(ClaimGroup, 1), make_fact_check(session))
        match.reasons = [{"code": "same_words", "values": {"words": CANARY}}]
    erasure.erase(store, config, receipt)
    with store.read() as session:
        assert session.scalars(select(SuggestedMatch.reasons)).all() == [[]]


def test_who_works_on_it_just_then_is_told_that_it_changed(store: Store, config: Config) -> None:
    receipt = _waiting(store, config)
    with store.write() as session:
        siti = make_account(session)
    review.lease(store, siti, 1)
    erasure.erase(store, config, receipt)
    with pytest.raises(IllegalTransition):
        review.lease(store, siti, 1)
    with store.read() as session:
        group = session.get_one(ClaimGroup, 1)
        assert (group.state, group.lease_account) == ("erased", None)


def test_an_answer_that_was_objected_to_is_erased_in_both_groups(store: Store, config: Config) -> None:
    with store.write() as session:
        number = make_fact_check(session).id
    matching = ScriptedMatching()
    matching.expect(TEXT, "answer", (number, 0.99))
    receipt = send(store, config, TEXT)
    drain(store, matching)
    objections.object_to(store, config, receipt)
    erasure.erase(store, config, receipt)
    assert CANARY not in _everything(store)
    _add_up(store)


def test_what_was_sent_again_after_it_was_erased_is_not_taken_anew(store: Store, config: Config) -> None:
    new = NewSubmission(TEXT, idempotency_key="k1")
    receipt = intake.accept(store, config, new)
    erasure.erase(store, config, receipt)
    assert intake.accept(store, config, new) == receipt
    assert CANARY not in _everything(store)
