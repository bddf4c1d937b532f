"""Verification: leases, one tap, four eyes, and one decision that answers everyone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import event as sqlalchemy_event

from models.types import Band
from tests.factories import make_account, make_fact_check, make_group, suggest
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import answers, events, outbox, publish, receipt_view, review
from triage.archive.store import upsert
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import DecisionRefused, EntryNotOurs, Forbidden, IllegalTransition, LeaseLost, NotFound
from triage.permissions import Actor
from triage.review import Draft
from triage.review.leases import LEASE
from triage.review.queue import View
from triage.review.undoing import GRACE
from triage.tables import (
    Answer,
    ClaimGroup,
    Decision,
    Event,
    FactCheck,
    FactCheckVersion,
    Outbox,
    Submission,
    SuggestedMatch,
)

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
SAME = "Ada yang bilang bantuan uang bisa diambil dengan mendaftar di sebuah tautan, batasnya malam ini"
DRAFT = Draft(
    verdict="hoaks",
    claim=HOAX,
    headline="Pendaftaran bantuan tunai lewat tautan pesan berantai",
    explanation="Pendaftaran bantuan hanya lewat kantor desa.",
    what_to_do="Jangan membuka tautannya.",
    evidence=({"label": "Kantor desa", "url": "https://contoh.example/bukti"},),
    harm="fraud",
)


@dataclass(frozen=True)
class Desk:
    store: Store
    config: Config
    matching: ScriptedMatching
    siti: Actor
    budi: Actor
    dewi: Actor

    def group_of(self, text: str) -> int:
        with self.store.read() as session:
            return session.query(Submission.group_id).filter(Submission.text == text).limit(1).scalar()

    def run_outbox(self) -> None:
        tell(self.store, self.config.wilayah)


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    with any_store.write() as session:
        siti, budi = make_account(session, "verifikator"), make_account(session, "verifikator")
        dewi = make_account(session, "penyetuju")
    return Desk(any_store, config, ScriptedMatching(), siti, budi, dewi)


def _suggested(desk: Desk, texts: tuple[str, ...] = (HOAX,)) -> tuple[int, int]:
    with desk.store.write() as session:
        fact_check = make_fact_check(session).id
    for text in texts:
        desk.matching.expect(text, "review", (fact_check, 0.6))
        send(desk.store, desk.config, text)
    drain(desk.store, desk.matching)
    with desk.store.read() as session:
        group = desk.group_of(texts[0])
        return group, session.query(SuggestedMatch.id).filter(SuggestedMatch.group_id == group).scalar()


def test_a_lease_belongs_to_one_person_until_it_is_given_back(desk: Desk) -> None:
    group, _ = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    review.lease(desk.store, desk.siti, group)
    with pytest.raises(LeaseLost):
        review.lease(desk.store, desk.budi, group)
    with pytest.raises(LeaseLost):
        review.release(desk.store, desk.budi, group)
    review.release(desk.store, desk.siti, group)
    review.lease(desk.store, desk.budi, group)


def test_a_lease_returns_by_itself_and_whoever_takes_it_next_is_not_disturbed(desk: Desk) -> None:
    group, match = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        with pytest.raises(LeaseLost):
            review.release(desk.store, desk.siti, group)
        review.expire_leases(desk.store)
        with desk.store.read() as session:
            assert session.get_one(ClaimGroup, group).state == "queued"
        review.lease(desk.store, desk.budi, group)
        with pytest.raises(LeaseLost):
            review.confirm(desk.store, desk.siti, group, match)


def test_an_expired_lease_can_be_taken_before_the_upkeep_comes(desk: Desk) -> None:
    group, _ = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        review.lease(desk.store, desk.budi, group)
        with pytest.raises(LeaseLost):
            review.decide(desk.store, desk.siti, group, DRAFT)


def test_one_tap_confirms_and_answers_everyone_who_sent_it(desk: Desk) -> None:
    receipts = [send(desk.store, desk.config, HOAX, device=f"d{n}") for n in range(5)]
    group, match = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    review.confirm(desk.store, desk.siti, group, match)
    desk.run_outbox()
    views = [receipt_view.find(desk.store, desk.config, receipt) for receipt in receipts]
    assert {view.status for view in views} == {"answered"}
    assert views[0].answer is not None
    assert views[0].answer.headline == "Kabar lama yang sudah diperiksa"
    late = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    assert receipt_view.find(desk.store, desk.config, late).status == "answered"
    assert desk.matching.asked == [HOAX]


def test_answering_a_group_twice_tells_nobody_twice(desk: Desk) -> None:
    group, match = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    review.confirm(desk.store, desk.siti, group, match)
    with time_machine.travel(now() + GRACE):
        jobs = outbox.claim(desk.store, "answer", 5)
    answers.answer_groups(desk.store, jobs)
    answers.answer_groups(desk.store, jobs)
    with desk.store.read() as session:
        assert session.query(Answer).count() == 1


def test_a_claim_that_very_many_sent_is_answered_in_steps(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "CHUNK", 3)
    receipts = [send(desk.store, desk.config, HOAX) for _ in range(7)]
    group, match = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    review.confirm(desk.store, desk.siti, group, match)
    desk.run_outbox()
    assert {receipt_view.find(desk.store, desk.config, receipt).status for receipt in receipts} == {
        "answered"
    }
    with desk.store.read() as session:
        assert session.query(Answer).count() == 8


def test_a_rejected_suggestion_is_kept_and_the_item_goes_on_waiting(desk: Desk) -> None:
    group, match = _suggested(desk)
    review.lease(desk.store, desk.siti, group)
    review.reject(desk.store, desk.siti, group, match)
    with pytest.raises(IllegalTransition):
        review.confirm(desk.store, desk.siti, group, match)
    with desk.store.read() as session:
        page = review.group_page(session, desk.siti, group)
        assert page.matches[0].state == "rejected"
        assert page.item.best_title is None
        assert page.item.state == "leased"


def test_a_new_fact_check_needs_a_second_person_and_then_answers_everyone(desk: Desk) -> None:
    receipts = [send(desk.store, desk.config, HOAX, device=f"d{n}") for n in range(3)]
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    review.lease(desk.store, desk.siti, group)
    decision = review.decide(desk.store, desk.siti, group, DRAFT)
    desk.run_outbox()
    assert {receipt_view.find(desk.store, desk.config, receipt).status for receipt in receipts} == {
        "in_review"
    }
    with pytest.raises(Forbidden):
        review.approve(desk.store, desk.budi, decision)
    review.approve(desk.store, desk.dewi, decision)
    with pytest.raises(IllegalTransition):
        review.approve(desk.store, desk.dewi, decision)
    desk.run_outbox()
    for receipt in receipts:
        view = receipt_view.find(desk.store, desk.config, receipt)
        assert view.status == "answered"
        assert view.answer is not None
        assert view.answer.headline == DRAFT.headline
        assert view.answer.checked_by == "KIM dan Diskominfo Kabupaten Lumajang"
    late = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    assert receipt_view.find(desk.store, desk.config, late).status == "answered"
    with desk.store.read() as session:
        assert events.first_break(session) is None
        own = session.query(FactCheck).filter(FactCheck.origin == "own").one()
        assert own.searchable
        names = [
            row.name for row in session.query(Event).filter(Event.subject == "group").order_by(Event.seq)
        ]
    assert names == ["queue", "lease", "decide", "approve", "publish", "answer"]


@pytest.mark.parametrize(
    ("region", "name", "day"),
    [
        ("35.08", "Kabupaten Lumajang", 4),
        ("51.71", "Kota Denpasar", 5),
        ("91.71", "Kota Jayapura", 5),
    ],
)
def test_a_fact_check_names_its_regency_and_the_day_there(
    store: Store, region: str, name: str, day: int
) -> None:
    with store.write() as session:
        siti, dewi, group = make_account(session), make_account(session, "penyetuju"), make_group(session).id
    review.approve(store, dewi, review.decide(store, siti, group, DRAFT))
    # 23.30 on the fourth in the west, past midnight further east.
    with time_machine.travel(datetime(2027, 11, 4, 16, 30, tzinfo=UTC), tick=False):
        publish.publish(store, region, outbox.claim(store, "publish", 1))
    with store.read() as session:
        version = session.query(FactCheckVersion).one()
    assert version.publisher == f"KIM dan Diskominfo {name}"
    assert version.checked_on == date(2027, 11, day)


@pytest.mark.parametrize("same_content", [False, True])
def test_a_foreign_entry_under_our_own_id_is_never_told_as_ours(desk: Desk, same_content: bool) -> None:
    receipt = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    review.lease(desk.store, desk.siti, group)
    decision = review.decide(desk.store, desk.siti, group, DRAFT)
    review.approve(desk.store, desk.dewi, decision)
    with desk.store.write() as session:
        row = publish._row("35.08", session.get_one(Decision, decision))
        upsert(session, [row if same_content else replace(row, title="Judul dari luar")], origin="imported")
    with pytest.raises(EntryNotOurs, match=f"decision {decision} was not published"):
        desk.run_outbox()
    assert receipt_view.find(desk.store, desk.config, receipt).status == "in_review"
    with desk.store.read() as session:
        assert session.get_one(ClaimGroup, group).state == "approved"
        assert session.get_one(Decision, decision).fact_check_id is None
        assert session.query(Outbox).filter(Outbox.task == "publish").count() == 1


def test_nobody_approves_their_own_decision(desk: Desk) -> None:
    send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    review.lease(desk.store, desk.dewi, group)
    decision = review.decide(desk.store, desk.dewi, group, DRAFT)
    for act in (review.approve, lambda *given: review.send_back(*given, "perbaiki")):
        with pytest.raises(Forbidden) as refused:
            act(desk.store, desk.dewi, decision)
        assert refused.value.code == "own-decision"
    with desk.store.read() as session:
        assert session.get_one(Decision, decision).state == "proposed"


def test_a_decision_sent_back_waits_again_with_the_remark(desk: Desk) -> None:
    send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    review.lease(desk.store, desk.siti, group)
    decision = review.decide(desk.store, desk.siti, group, DRAFT)
    for unfit in ("  ", "p" * 5_001):
        with pytest.raises(DecisionRefused) as refused:
            review.send_back(desk.store, desk.dewi, decision, unfit)
        assert refused.value.field == "remark"
    review.send_back(desk.store, desk.dewi, decision, "Tambahkan bukti dari kantor desa.")
    with desk.store.read() as session:
        page = review.group_page(session, desk.budi, group)
    assert page.item.state == "queued"
    assert page.item.decision is not None
    assert (page.item.decision.state, page.item.decision.remark) == (
        "returned",
        "Tambahkan bukti dari kantor desa.",
    )


def test_what_is_no_claim_answers_its_senders_but_matches_nobody_else(desk: Desk) -> None:
    receipt = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    review.lease(desk.store, desk.siti, group)
    decision = review.decide(desk.store, desk.siti, group, replace(DRAFT, verdict="bukan-klaim"))
    review.approve(desk.store, desk.dewi, decision)
    desk.run_outbox()
    assert receipt_view.find(desk.store, desk.config, receipt).status == "answered"
    with desk.store.read() as session:
        assert not session.query(FactCheck).filter(FactCheck.origin == "own").one().searchable
    assert "answer" not in outbox.due_tasks(desk.store)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "bohong"}, "verdict"),
        ({"headline": " "}, "headline"),
        ({"headline": "j" * 301}, "headline"),
        ({"explanation": ""}, "explanation"),
        ({"claim": "\u200b"}, "claim"),
        ({"harm": "lain"}, "harm"),
        ({"evidence": ({"label": "x", "url": "javascript:alert(1)"},)}, "evidence"),
        ({"evidence": ({"label": "", "url": ""},)}, "evidence"),
        ({"evidence": ({"label": "x", "url": ""},) * 21}, "evidence"),
        ({"evidence": ({"label": "x" * 301, "url": ""},)}, "evidence"),
        ({"what_to_do": "a" * 5_001}, "what_to_do"),
    ],
)
def test_an_incomplete_decision_names_the_field_and_changes_nothing(
    store: Store, change: dict[str, object], field: str
) -> None:
    with store.write() as session:
        actor, group = make_account(session), make_group(session).id
    review.lease(store, actor, group)
    with pytest.raises(DecisionRefused) as refused:
        review.decide(store, actor, group, replace(DRAFT, **change))
    assert refused.value.field == field
    with store.read() as session:
        assert session.query(Decision).count() == 0
        assert session.get_one(ClaimGroup, group).state == "leased"


def test_a_decision_of_full_length_is_kept_whole(store: Store) -> None:
    with store.write() as session:
        siti, dewi, group = make_account(session), make_account(session, "penyetuju"), make_group(session).id
    evidence = tuple(
        {"label": f"{number} " + "s" * 290, "url": "https://desa.example/"} for number in range(20)
    )
    full = replace(DRAFT, claim="k" * 5_000, explanation="p" * 5_000, headline="j" * 300, evidence=evidence)
    decision = review.decide(store, siti, group, full)
    review.send_back(store, dewi, decision, "c" * 5_000)
    with store.read() as session:
        kept = session.get_one(Decision, decision)
    assert (kept.claim, kept.explanation, kept.headline) == (full.claim, full.explanation, full.headline)
    assert kept.evidence == list(evidence)
    assert kept.remark == "c" * 5_000


def test_merged_groups_are_answered_together_and_later_copies_follow(desk: Desk) -> None:
    group, match = _suggested(desk, (HOAX, SAME))
    other = desk.group_of(SAME)
    with desk.store.read() as session:
        assert [item.group_id for item in review.group_page(session, desk.siti, group).similar] == [other]
    review.lease(desk.store, desk.siti, group)
    review.merge(desk.store, desk.siti, other, group)
    with pytest.raises(DecisionRefused):
        review.merge(desk.store, desk.siti, group, group)
    review.confirm(desk.store, desk.siti, group, match)
    desk.run_outbox()
    late = send(desk.store, desk.config, SAME)
    drain(desk.store, desk.matching)
    assert receipt_view.find(desk.store, desk.config, late).status == "answered"
    with desk.store.read() as session:
        assert session.get_one(ClaimGroup, other).state == "merged"
        assert session.get_one(ClaimGroup, group).submissions == 3


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, group, match: review.lease(desk.store, desk.admin, group),
        lambda desk, group, match: review.confirm(desk.store, desk.admin, group, match),
        lambda desk, group, match: review.reject(desk.store, desk.admin, group, match),
        lambda desk, group, match: review.decide(desk.store, desk.admin, group, DRAFT),
        lambda desk, group, match: review.merge(desk.store, desk.admin, group, group + 1),
        lambda desk, group, match: review.approve(desk.store, desk.admin, 1),
    ],
)
def test_roles_without_the_right_change_nothing(store: Store, act: Callable[..., None]) -> None:
    with store.write() as session:
        admin, group = make_account(session, "admin"), make_group(session)
        match = suggest(session, group, make_fact_check(session))
        before = session.query(Event).count()

    @dataclass
    class Given:
        store: Store
        admin: Actor

    with pytest.raises(Forbidden):
        act(Given(store, admin), group.id, match.id)
    with store.read() as session:
        assert session.query(Event).count() == before


@pytest.mark.parametrize(
    ("act", "numbers"),
    [
        (review.lease, (999,)),
        (review.release, (999,)),
        (review.confirm, (1, 999)),
        (review.reject, (999, 1)),
        (review.approve, (999,)),
        (review.decide, (999, DRAFT)),
        (review.merge, (1, 999)),
        (review.merge, (999, 1)),
    ],
)
def test_numbers_that_do_not_exist_are_not_found(
    store: Store, act: Callable[..., None], numbers: tuple[object, ...]
) -> None:
    with store.write() as session:
        actor = make_account(session, "penyetuju")
        suggest(session, make_group(session), make_fact_check(session))
    with pytest.raises(NotFound):
        act(store, actor, *numbers)
    with store.read() as session:
        assert session.query(Event).filter(Event.subject == "group").count() == 0


def test_the_queue_is_ordered_by_urgency_counts_every_view_and_pages(store: Store) -> None:
    with store.write() as session:
        actor = make_account(session)
        for number in range(60):
            make_group(session, urgency=float(number))
        make_group(session, state="answered")
    review.lease(store, actor, 30)
    with store.read() as session:
        first = review.queue(session, actor)
        last = review.queue(session, actor, page=99)
        mine = review.queue(session, actor, "mine")
    assert [item.urgency for item in first.items[:3]] == [59.0, 58.0, 57.0]
    assert {view: first.counts[view] for view in ("waiting", "mine", "approval", "answered")} == {
        "waiting": 60, "mine": 1, "approval": 0, "answered": 1,
    }  # fmt: skip
    assert (first.pages, last.page, len(last.items)) == (3, 3, 10)
    assert mine.items[0].lease_holder == actor.display_name


@pytest.mark.parametrize(
    ("view", "states"), [("waiting", ("queued", "leased")), ("answered", ("approved", "answered"))]
)
def test_a_view_of_several_states_is_one_list_over_all_its_pages(
    any_store: Store, view: View, states: tuple[str, str]
) -> None:
    moment = now()
    with any_store.write() as session:
        actor = make_account(session)
        for number in range(60):
            # Runs of one state, and equal urgency now and then.
            made = {"urgency": float(number // 3), "last_seen": moment + timedelta(seconds=number // 3)}
            make_group(session, state=states[number // 20 % 2], **made)
    with any_store.read() as session:
        pages = [review.queue(session, actor, view, page) for page in (1, 2, 3)]
        groups = session.query(ClaimGroup).all()
    listed = [item.group_id for page in pages for item in page.items]
    if view == "waiting":
        groups.sort(key=lambda group: (-group.urgency, group.id))
    else:
        groups.sort(key=lambda group: (group.last_seen, group.id), reverse=True)
    assert listed == [group.id for group in groups]


@pytest.mark.parametrize("size", [5, 500])
def test_pages_cost_the_same_number_of_queries_however_long_the_queue(store: Store, size: int) -> None:
    with store.write() as session:
        actor, fact_check = make_account(session), make_fact_check(session)
        for number in range(size):
            suggest(session, make_group(session, urgency=float(number)), fact_check)
    statements: list[str] = []
    sqlalchemy_event.listen(
        store.engine, "before_cursor_execute", lambda *given: statements.append(str(given[2]))
    )
    with store.read() as session:
        review.queue(session, actor)
        queue_cost = len(statements)
        review.group_page(session, actor, 3)
    assert queue_cost <= 11
    assert len(statements) - queue_cost <= 20


def _faint(desk: Desk, band: Band = "new", probability: float = 0.02) -> tuple[str, int, int]:
    with desk.store.write() as session:
        fact_check = make_fact_check(session).id
    desk.matching.expect(HOAX, band, (fact_check, probability))
    receipt = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)
    with desk.store.read() as session:
        return receipt, group, session.query(SuggestedMatch.id).filter_by(group_id=group).scalar()


@pytest.mark.parametrize(("band", "probability"), [("new", 0.02), ("new", 0.6), ("review", 0.02)])
def test_what_is_hardly_alike_answers_nobody_before_a_second_person_agrees(
    desk: Desk, band: Band, probability: float
) -> None:
    receipt, group, match = _faint(desk, band, probability)
    decision = review.confirm(desk.store, desk.siti, group, match)
    assert decision is not None
    desk.run_outbox()
    assert receipt_view.find(desk.store, desk.config, receipt).status == "in_review"
    with desk.store.read() as session:
        page = review.group_page(session, desk.dewi, group)
    assert page.item.proposed is not None
    assert (page.item.proposed.kind, page.item.proposed.id) == ("confirm", decision)
    assert page.matches[0].state == "suggested"
    with pytest.raises(Forbidden):
        review.approve(desk.store, desk.siti, decision)
    review.approve(desk.store, desk.dewi, decision)
    with desk.store.read() as session:
        assert sorted(row.task for row in session.query(Outbox)) == ["answer", "embed"]
    desk.run_outbox()
    view = receipt_view.find(desk.store, desk.config, receipt)
    assert view.answer is not None
    assert view.answer.headline == "Kabar lama yang sudah diperiksa"
    with desk.store.read() as session:
        assert session.query(FactCheck).count() == 1, "nothing new is published"
        assert session.get_one(SuggestedMatch, match).state == "confirmed"
        assert session.get_one(ClaimGroup, group).state == "answered"
        names = [row.name for row in session.query(Event).filter_by(subject="group").order_by(Event.seq)]
        assert events.first_break(session) is None
    assert names == ["queue", "lease", "propose", "approve", "answer"]


def test_a_faint_match_sent_back_can_be_judged_again(desk: Desk) -> None:
    _, group, match = _faint(desk)
    decision = review.confirm(desk.store, desk.siti, group, match)
    assert decision is not None
    review.send_back(desk.store, desk.dewi, decision, "Kabarnya lain.")
    review.reject(desk.store, desk.siti, group, match)
    with desk.store.read() as session:
        page = review.group_page(session, desk.siti, group)
        assert session.query(Outbox).count() == 0
    assert page.matches[0].state == "rejected"
    assert page.item.returned is not None
    assert (page.item.returned.remark, page.item.returned.reviewer) == (
        "Kabarnya lain.",
        desk.dewi.display_name,
    )


def test_groups_that_share_only_a_faint_suggestion_are_not_called_similar(desk: Desk) -> None:
    with desk.store.write() as session:
        fact_check = make_fact_check(session)
        alike, other, faint = (make_group(session, band=band) for band in ("review", "answer", "new"))
        for group in (alike, other, faint):
            suggest(session, group, fact_check)
    with desk.store.read() as session:
        pages = [review.group_page(session, desk.siti, group.id) for group in (alike, faint)]
    assert [[item.group_id for item in page.similar] for page in pages] == [[other.id], []]


def test_messages_in_much_the_same_words_are_called_similar_although_nothing_is_known_of_them(
    desk: Desk,
) -> None:
    said = "Uang bantuan {} ribu dibagikan Senin pagi di balai desa, bawa fotokopi KTP dan kartu keluarga"
    texts = [said.format(600), said.format(900), "Air sumur di dusun kami berubah warna sejak kemarin sore"]
    for text in texts:
        send(desk.store, desk.config, text)
    drain(desk.store, desk.matching)
    groups = [desk.group_of(text) for text in texts]
    assert len(set(groups)) == 3, "another amount is another message"
    with desk.store.read() as session:
        pages = [review.group_page(session, desk.siti, group) for group in groups]
    found = [[item.group_id for item in page.similar] for page in pages]
    assert found == [[groups[1]], [groups[0]], []]


def test_merging_is_told_on_both_sides(desk: Desk) -> None:
    with desk.store.write() as session:
        kept, gone = make_group(session).id, make_group(session).id
    review.merge(desk.store, desk.siti, gone, kept)
    with desk.store.read() as session:
        pages = [review.group_page(session, desk.siti, number) for number in (kept, gone)]
    newest = [(page.history[0].name, page.history[0].data) for page in pages]
    assert newest == [("absorb", {"group": gone}), ("merge", {"into": kept})]
    assert [page.item.merged_into for page in pages] == [None, kept]


def test_a_receipt_says_whether_somebody_works_on_it_just_now(desk: Desk) -> None:
    receipt = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    group = desk.group_of(HOAX)

    def in_hand() -> bool:
        return receipt_view.find(desk.store, desk.config, receipt).in_hand

    assert not in_hand()
    review.lease(desk.store, desk.siti, group)
    assert in_hand()
    with time_machine.travel(now() + LEASE + timedelta(seconds=1)):
        assert not in_hand()
    review.decide(desk.store, desk.siti, group, DRAFT)
    assert in_hand()


def test_the_starter_archive_claims_no_checker_and_no_day(desk: Desk) -> None:
    with desk.store.write() as session:
        fact_check = make_fact_check(session, origin="starter").id
    desk.matching.expect(HOAX, "answer", (fact_check, 0.99))
    receipt = send(desk.store, desk.config, HOAX)
    drain(desk.store, desk.matching)
    answer = receipt_view.find(desk.store, desk.config, receipt).answer
    assert answer is not None
    assert (answer.checked_by, answer.checked_at, answer.from_starter) == ("", None, True)
