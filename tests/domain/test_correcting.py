"""What was published is corrected or retracted: everybody is told, once, and all adds up at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine

from tests.domain.test_review import DRAFT
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import accounting, answers, events, objections, outbox, publication, publish, receipt_view, review
from triage.archive import entries
from triage.columns import now
from triage.condition import Condition
from triage.config import Config
from triage.db import Store
from triage.errors import DecisionRefused, Forbidden, IllegalTransition, NotFound, UndoTooLate
from triage.permissions import Actor
from triage.publication import notices
from triage.review.undoing import GRACE
from triage.tables import (
    Answer,
    ClaimGroup,
    ClaimText,
    Decision,
    Event,
    FactCheck,
    FactCheckVersion,
    Notice,
    Submission,
    SuggestedMatch,
)

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
OTHER = "Info resmi dari grup RW: bantuan uang dibagi lewat link, daftar sebelum tengah malam ya bapak ibu"
REASON = "Tanggal pengumuman dinas kami perbaiki."
CORRECTED = replace(DRAFT, explanation="Menurut pengumuman 6 November, tidak ada pembagian lewat tautan.")


@dataclass
class Desk:
    """Three people sent the claim, one of them in other words; Siti wrote what was published on it."""

    store: Store
    config: Config
    siti: Actor
    budi: Actor
    dewi: Actor
    receipts: list[str]
    home: int
    matched: int
    fact_check: int
    matching: ScriptedMatching

    def state(self, number: int = 0) -> str:
        with self.store.read() as session:
            return session.get_one(ClaimGroup, number or self.home).state

    def told(self) -> list[tuple[int, int]]:
        """Submission and version of each answer that holds, in the order in which they were given."""
        with self.store.read() as session:
            rows = session.query(Answer).filter(Answer.withdrawn_at.is_(None)).order_by(Answer.id)
            return [(row.submission_id, row.version) for row in rows]

    def statuses(self) -> list[str]:
        return [receipt_view.find(self.store, self.config, one).status for one in self.receipts]

    def text(self) -> str:
        """What the first sender reads."""
        answer = receipt_view.find(self.store, self.config, self.receipts[0]).answer
        assert answer is not None
        return answer.explanation

    def entry(self) -> entries.CurrentFactCheck:
        with self.store.read() as session:
            return entries.current(session, self.fact_check)

    def adds_up(self) -> bool:
        with self.store.read() as session:
            balance = accounting.balance(session)
            assert events.first_break(session) is None
            return balance.adds_up

    def arrive(self, text: str = HOAX) -> None:
        self.receipts.append(send(self.store, self.config, text, device=f"hp-{len(self.receipts)}"))
        drain(self.store, self.matching)

    def propose(self, reason: str = REASON) -> int:
        return review.correct(self.store, self.siti, self.home, CORRECTED, reason)


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    with any_store.write() as session:
        siti, budi = make_account(session), make_account(session)
        dewi = make_account(session, "penyetuju")
    found = Desk(any_store, config, siti, budi, dewi, [], 0, 0, 0, ScriptedMatching())
    found.arrive()
    found.arrive()
    with any_store.read() as session:
        found.home = session.query(ClaimGroup).one().id
    review.approve(any_store, dewi, review.decide(any_store, siti, found.home, DRAFT))
    tell(any_store)
    with any_store.read() as session:
        found.fact_check = session.query(FactCheck).one().id
    found.matching.expect(OTHER, "review", (found.fact_check, 0.9))
    found.arrive(OTHER)
    with any_store.read() as session:
        match = session.query(SuggestedMatch).one()
        found.matched = match.group_id
    review.confirm(any_store, budi, found.matched, match.id)
    tell(any_store)
    assert found.statuses() == ["answered"] * 3
    assert found.adds_up()
    return found


def test_a_correction_waits_for_a_second_person_and_then_everybody_is_told_once(desk: Desk) -> None:
    decision = desk.propose()
    assert (desk.state(), desk.text(), desk.adds_up()) == ("decided", DRAFT.explanation, True)
    assert desk.statuses() == ["answered"] * 3
    with pytest.raises(Forbidden):
        review.approve(desk.store, desk.siti, decision)
    review.approve(desk.store, desk.dewi, decision)
    assert (desk.state(), desk.text(), desk.adds_up()) == ("approved", DRAFT.explanation, True)
    before = desk.told()
    with time_machine.travel(now() + GRACE):
        publish.publish(desk.store, "35.08", outbox.claim(desk.store, "publish", 5))
    assert (desk.state(), desk.adds_up()) == ("published", True)
    tell(desk.store)
    assert (desk.state(), desk.state(desk.matched)) == ("answered", "answered")
    assert (desk.text(), desk.adds_up()) == (CORRECTED.explanation, True)
    # Both groups that it answers, and nobody twice.
    assert sorted(desk.told()) == sorted([*before, (1, 2), (2, 2), (3, 2)])
    for number in (desk.home, desk.matched):
        with desk.store.write() as session:
            outbox.add(session, "answer", number)
    tell(desk.store)
    assert len(desk.told()) == 6


def test_a_correction_is_a_version_at_the_same_address_with_a_notice_and_events(desk: Desk) -> None:
    before = desk.entry()
    review.approve(desk.store, desk.dewi, desk.propose())
    tell(desk.store)
    after = desk.entry()
    assert (after.id, after.version, after.explanation) == (before.id, 2, CORRECTED.explanation)
    assert after.created_at == before.created_at
    assert after.updated_at > before.updated_at
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
        (one,) = page.told
        assert (one.notice.kind, one.notice.version, one.notice.reason) == ("corrected", 2, REASON)
        assert one.before is not None
        assert one.after is not None
        assert (one.before.explanation, one.after.explanation) == (DRAFT.explanation, CORRECTED.explanation)
        assert session.query(Notice).one().author_id == desk.siti.account_id
        version = session.query(FactCheckVersion).filter_by(number=2).one()
        assert session.get_one(Decision, version.decision_id).reason == REASON
        group = [row.name for row in session.query(Event).filter_by(subject="group", subject_id=desk.home)]
        assert group[-4:] == ["revise", "approve", "publish", "answer"]
        own = session.query(Event).filter_by(subject="fact_check", name="correct").one()
        assert own.data["version"] == 2
        everything = repr([row.data for row in session.query(Event)])
        assert REASON not in everything
        assert review.own_work(session, desk.siti).written[-1].outcome == "corrected"
    view = receipt_view.find(desk.store, desk.config, desk.receipts[0])
    assert view.answer is not None
    assert view.answer.correction == REASON


@pytest.mark.parametrize("step", ["proposed", "approved", "published"])
def test_whoever_sends_the_claim_meanwhile_is_told_what_holds(desk: Desk, step: str) -> None:
    decision = desk.propose()
    if step == "proposed":
        desk.arrive()
        assert desk.statuses()[-1] == "answered", "what was published holds until then"
        assert desk.told()[-1] == (4, 1)
        assert desk.adds_up()
    review.approve(desk.store, desk.dewi, decision)
    if step == "approved":
        desk.arrive()
        assert desk.adds_up()
    if step == "published":
        with time_machine.travel(now() + GRACE):
            publish.publish(desk.store, "35.08", outbox.claim(desk.store, "publish", 5))
        desk.arrive()
        assert desk.told()[-1] == (4, 2)
        assert desk.adds_up()
    tell(desk.store)
    tell(desk.store)
    newest = [one for one in desk.told() if one[1] == 2]
    assert sorted(newest) == [(1, 2), (2, 2), (3, 2), (4, 2)]
    view = receipt_view.find(desk.store, desk.config, desk.receipts[-1])
    assert view.answer is not None
    assert view.answer.correction == (REASON if step == "proposed" else ""), "told anew, or told first"
    assert desk.adds_up()


def test_an_approved_correction_is_taken_back_within_seconds_and_nobody_waits_for_it(desk: Desk) -> None:
    before = desk.told()
    decision = desk.propose()
    review.approve(desk.store, desk.dewi, decision)
    desk.arrive()
    review.undo(desk.store, desk.dewi, desk.home, "approve", decision)
    assert (desk.state(), desk.adds_up()) == ("decided", True)
    tell(desk.store)
    assert desk.told() == [*before, (4, 1)]
    assert (desk.entry().version, desk.adds_up()) == (1, True)
    review.approve(desk.store, desk.dewi, decision)
    with time_machine.travel(now() + GRACE):
        publish.publish(desk.store, "35.08", outbox.claim(desk.store, "publish", 5))
        with pytest.raises(UndoTooLate):
            review.undo(desk.store, desk.dewi, desk.home, "approve", decision)
    tell(desk.store)
    assert desk.entry().version == 2
    assert desk.adds_up()


def test_a_correction_sent_back_leaves_what_was_published_and_can_be_mended(desk: Desk) -> None:
    review.send_back(desk.store, desk.dewi, desk.propose(), "Sebutkan sumbernya.")
    assert (desk.state(), desk.text(), desk.adds_up()) == ("answered", DRAFT.explanation, True)
    with desk.store.read() as session:
        item = review.queue_item(session, desk.siti, desk.home)
        assert item.returned is not None
        assert (item.returned.remark, item.returned.reason) == ("Sebutkan sumbernya.", REASON)
        assert review.queue(session, desk.siti, "waiting").counts["waiting"] == 0
    review.approve(desk.store, desk.dewi, desk.propose("Sumbernya kami sebutkan."))
    tell(desk.store)
    assert desk.entry().version == 2
    with desk.store.read() as session:
        assert [row.reason for row in session.query(Notice)] == ["Sumbernya kami sebutkan."]


def test_one_correction_after_another_each_tells_everybody(desk: Desk) -> None:
    for number in (2, 3):
        draft = replace(CORRECTED, headline=f"Judul ke-{number}")
        review.approve(
            desk.store, desk.dewi, review.correct(desk.store, desk.budi, desk.home, draft, f"Ke-{number}")
        )
        tell(desk.store)
        assert desk.adds_up()
    assert [one[1] for one in desk.told()] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
    assert [one.notice.reason for one in page.told] == ["Ke-3", "Ke-2"]
    assert [one.after.title for one in page.told if one.after] == ["Judul ke-3", "Judul ke-2"]


@pytest.mark.parametrize(
    ("draft", "reason", "field"),
    [
        (CORRECTED, "  ", "reason"),
        (CORRECTED, "x" * 501, "reason"),
        (DRAFT, REASON, "same"),
        (replace(DRAFT, verdict="bukan-klaim"), REASON, "retract"),
        (replace(DRAFT, headline=""), REASON, "headline"),
    ],
)
def test_a_correction_that_says_nothing_is_refused(
    desk: Desk, draft: review.Draft, reason: str, field: str
) -> None:
    with pytest.raises(DecisionRefused) as refused:
        review.correct(desk.store, desk.siti, desk.home, draft, reason)
    assert refused.value.field == field
    assert (desk.state(), desk.adds_up()) == ("answered", True)


def test_only_what_was_decided_on_the_very_group_is_corrected_or_retracted_there(desk: Desk) -> None:
    for number in (desk.matched,):
        with pytest.raises(IllegalTransition):
            review.correct(desk.store, desk.siti, number, CORRECTED, REASON)
        with pytest.raises(IllegalTransition):
            review.retract(desk.store, desk.dewi, number, REASON)
    with desk.store.read() as session:
        assert review.group_page(session, desk.siti, desk.matched).home == desk.home
    with pytest.raises(NotFound):
        review.correct(desk.store, desk.siti, 4711, CORRECTED, REASON)
    desk.propose()
    with pytest.raises(IllegalTransition):
        review.correct(desk.store, desk.budi, desk.home, CORRECTED, REASON)


def test_roles_without_the_right_change_nothing(desk: Desk) -> None:
    with desk.store.write() as session:
        analyst = make_account(session, "analis")
        elsewhere = replace(make_account(session, "penyetuju"), area="35.08.02")
    with pytest.raises(Forbidden):
        review.correct(desk.store, analyst, desk.home, CORRECTED, REASON)
    for actor in (analyst, desk.siti, elsewhere):
        with pytest.raises(Forbidden):
            review.retract(desk.store, actor, desk.home, REASON)
    assert desk.entry().retracted_at is None


def _proposed(desk: Desk) -> None:
    desk.propose()


def _approved(desk: Desk) -> None:
    review.approve(desk.store, desk.dewi, desk.propose())


def _published(desk: Desk) -> None:
    _approved(desk)
    with time_machine.travel(now() + GRACE):
        publish.publish(desk.store, "35.08", outbox.claim(desk.store, "publish", 5))


def _nothing(desk: Desk) -> None:
    assert desk.state() == "answered"


@pytest.mark.parametrize("meanwhile", [_nothing, _proposed, _approved, _published])
def test_what_is_retracted_is_taken_back_everywhere_and_its_claims_wait_again(
    desk: Desk, meanwhile: Callable[[Desk], None]
) -> None:
    meanwhile(desk)
    review.retract(desk.store, desk.dewi, desk.home, REASON)
    assert (desk.state(), desk.state(desk.matched), desk.adds_up()) == ("queued", "queued", True)
    # Nobody reads it as an answer any more, even before the workers come.
    assert desk.statuses() == ["in_review"] * 3
    views = [receipt_view.find(desk.store, desk.config, one) for one in desk.receipts]
    assert [(view.retracted, view.answer) for view in views] == [(REASON, None)] * 3
    tell(desk.store)
    tell(desk.store)
    assert (desk.told(), desk.adds_up()) == ([], True)
    assert desk.statuses() == ["in_review"] * 3
    assert receipt_view.find(desk.store, desk.config, desk.receipts[2]).retracted == REASON
    with desk.store.read() as session:
        assert session.query(Submission).filter_by(state="assessed").count() == 3
        entry = session.get_one(FactCheck, desk.fact_check)
        assert (entry.searchable, entry.retracted_at is None) == (False, False)
        assert session.query(ClaimText).filter(ClaimText.submission_id.is_not(None)).count() == 0
        assert session.query(SuggestedMatch).count() == 0
        page = publication.public_page(session, desk.fact_check)
        assert (page.retracted, page.notices[0].reason) == (True, REASON)
        names = [row.name for row in session.query(Event).filter_by(subject="group", subject_id=desk.matched)]
        assert names[-1] == "retract"
        assert session.query(Event).filter_by(subject="fact_check", name="retract").count() == 1
        outcomes = {one.outcome for one in review.own_work(session, desk.siti).written}
        assert outcomes == {"retracted"}
    # Whoever sends it now waits like the others.
    desk.arrive()
    assert desk.statuses()[-1] == "in_review"
    assert desk.adds_up()


def test_what_was_retracted_can_be_decided_anew_even_in_the_same_words(desk: Desk) -> None:
    review.retract(desk.store, desk.dewi, desk.home, REASON)
    tell(desk.store)
    review.approve(desk.store, desk.dewi, review.decide(desk.store, desk.budi, desk.home, DRAFT))
    tell(desk.store)
    entry = desk.entry()
    assert (entry.id, entry.version, entry.retracted_at, entry.searchable) == (desk.fact_check, 2, None, True)
    assert desk.told() == [(1, 2), (2, 2)], "who was answered in other words waits for their own answer"
    assert (desk.state(desk.matched), desk.adds_up()) == ("queued", True)
    view = receipt_view.find(desk.store, desk.config, desk.receipts[0])
    assert view.answer is not None
    assert view.retracted == ""


def test_what_was_retracted_is_nothing_to_answer_with(desk: Desk) -> None:
    desk.matching.expect("Bantuan uang lewat link itu katanya sudah cair", "new", (desk.fact_check, 0.02))
    desk.arrive("Bantuan uang lewat link itu katanya sudah cair")
    desk.matching.expect("Ada yang bilang bantuan cair lewat tautan", "review", (desk.fact_check, 0.6))
    desk.arrive("Ada yang bilang bantuan cair lewat tautan")
    with desk.store.read() as session:
        faint, likely = session.query(SuggestedMatch).order_by(SuggestedMatch.id).all()[-2:]
        late = SuggestedMatch(
            group_id=likely.group_id, fact_check_id=likely.fact_check_id, rank=1, probability=0.6,
            reasons=[], model_version="late", state="suggested", created_at=now(), likely=True,
        )  # fmt: skip
        group, match = faint.group_id, faint.id
    proposed = review.confirm(desk.store, desk.siti, group, match)
    assert proposed is not None
    review.retract(desk.store, desk.dewi, desk.home, REASON)
    with pytest.raises(IllegalTransition):
        review.approve(desk.store, desk.dewi, proposed)
    # Found by a worker whose index was a moment behind.
    with desk.store.write() as session:
        session.add(late)
        session.flush()
        number, of_group = late.id, late.group_id
    with pytest.raises(IllegalTransition):
        review.confirm(desk.store, desk.siti, of_group, number)
    with desk.store.read() as session:
        assert review.group_page(session, desk.siti, of_group).matches == ()
    review.send_back(desk.store, desk.dewi, proposed, "Pemeriksaannya dicabut.")
    assert desk.adds_up()


def test_a_message_that_its_sender_took_out_before_is_not_told_of_a_retraction(desk: Desk) -> None:
    objections.object_to(desk.store, desk.config, desk.receipts[0])
    review.retract(desk.store, desk.dewi, desk.home, REASON)
    tell(desk.store)
    view = receipt_view.find(desk.store, desk.config, desk.receipts[0])
    assert (view.objected, view.retracted) == (True, "")
    assert desk.adds_up()


def test_a_waiting_correction_is_no_claim_that_nobody_answered(desk: Desk, config: Config) -> None:
    with desk.store.write() as session:
        session.get_one(ClaimGroup, desk.home).first_seen = now() - timedelta(days=90)
    desk.propose()
    figures = {metric.name: metric for metric in Condition(config, desk.store).collect()}
    assert figures["penjaga_unanswered_oldest_seconds"].samples[0].value == 0
    assert all(sample.value == 0 for sample in figures["penjaga_open_groups"].samples)


def test_work_that_is_done_twice_tells_nobody_twice(desk: Desk) -> None:
    review.approve(desk.store, desk.dewi, desk.propose())
    with time_machine.travel(now() + GRACE):
        jobs = outbox.claim(desk.store, "publish", 5)
        publish.publish(desk.store, "35.08", jobs)
        publish.publish(desk.store, "35.08", jobs)
        telling = outbox.claim(desk.store, "answer", 5)
        answers.answer_groups(desk.store, telling)
        answers.answer_groups(desk.store, telling)
    assert desk.entry().version == 2
    assert [one[1] for one in desk.told()] == [1, 1, 1, 2, 2, 2]
    with desk.store.read() as session:
        assert session.query(Notice).count() == 1
    assert desk.adds_up()


PRIVATE = replace(DRAFT, verdict="bukan-klaim", claim="Bu Sri, uangnya sudah saya transfer ke rekening")


def _decide(desk: Desk, draft: review.Draft) -> None:
    review.approve(desk.store, desk.dewi, review.decide(desk.store, desk.budi, desk.home, draft))
    tell(desk.store)


def test_what_was_retracted_and_then_turned_out_to_be_no_claim_stays_retracted_to_readers(desk: Desk) -> None:
    review.retract(desk.store, desk.dewi, desk.home, REASON)
    tell(desk.store)
    before = desk.entry().retracted_at
    _decide(desk, PRIVATE)
    assert desk.statuses()[0] == "answered", "its senders are answered"
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
        ((change,), _more) = publication.changed(session)
    assert (page.retracted, [one.reason for one in page.notices]) == (True, [REASON])
    assert (change.retracted, change.reason, change.entry.retracted_at) == (True, REASON, before)
    # Were that retracted, too, its reason would be for its senders alone.
    review.retract(desk.store, desk.dewi, desk.home, "Bu Sri menelepon.")
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
    assert [one.reason for one in page.notices] == [REASON]
    _decide(desk, DRAFT)
    assert (desk.entry().retracted_at, desk.entry().public, desk.adds_up()) == (None, True, True)


def test_what_was_for_its_senders_alone_is_no_earlier_version_for_everybody(desk: Desk) -> None:
    desk.arrive("Selamat pagi bapak ibu, besok ada pemadaman listrik di seluruh kecamatan")
    with desk.store.read() as session:
        desk.home = session.query(ClaimGroup).order_by(ClaimGroup.id.desc()).limit(1).one().id
    _decide(desk, PRIVATE)
    with desk.store.read() as session:
        desk.fact_check = session.get_one(ClaimGroup, desk.home).fact_check_id or 0
        with pytest.raises(NotFound):
            publication.public_page(session, desk.fact_check)
    review.approve(desk.store, desk.dewi, desk.propose("Ternyata ada klaimnya."))
    tell(desk.store)
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
    assert [(one.notice.kind, one.before) for one in page.told] == [("corrected", None)]
    assert "Bu Sri" not in repr(page)


def test_the_texts_of_what_was_retracted_are_not_shown_again_once_it_is_decided_anew(desk: Desk) -> None:
    review.approve(desk.store, desk.dewi, desk.propose())
    tell(desk.store)
    review.retract(desk.store, desk.dewi, desk.home, "Keduanya keliru.")
    tell(desk.store)
    _decide(desk, replace(DRAFT, explanation="Inilah yang benar."))
    with desk.store.read() as session:
        page = publication.public_page(session, desk.fact_check)
    assert [one.notice.kind for one in page.told] == ["retracted", "corrected"]
    assert [(one.before, one.after) for one in page.told] == [(None, None)] * 2


def test_many_notices_of_one_fact_check_leave_room_for_those_of_others(desk: Desk) -> None:
    with desk.store.write() as session:
        other = make_fact_check(session, origin="own").id
        values = {"version": 1, "author_id": desk.siti.account_id, "created_at": now()}
        session.add(Notice(fact_check_id=other, kind="retracted", reason="Keliru.", **values))
        session.flush()
        for number in range(notices.MOST + 1):
            notice = Notice(fact_check_id=desk.fact_check, kind="corrected", reason=f"Ke-{number}", **values)
            session.add(notice)
            session.flush()
    with desk.store.read() as session:
        found = notices.notices_of(session, [desk.fact_check, other])
    assert [one.reason for one in found[other]] == ["Keliru."]
    assert len(found[desk.fact_check]) == notices.MOST
    assert found[desk.fact_check][0].reason == f"Ke-{notices.MOST}"
