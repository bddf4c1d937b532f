"""The archive learns the words of confirmed messages, shows them to nobody, and can unlearn them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from models.fingerprint import fingerprint
from models.near_copies import nearness
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import answers, events, library, outbox, receipt_view, review
from triage.archive import wordings
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.assess import assess
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import IllegalTransition
from triage.matcher import LiveMatcher
from triage.permissions import Actor
from triage.publication import claim_review
from triage.review import Draft
from triage.tables import (
    ClaimGroup,
    ClaimText,
    ClaimVector,
    Decision,
    Event,
    FactCheck,
    Submission,
    SuggestedMatch,
)

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"
VILLAGE = (
    "Mbah dukun bilang kalau anak kena DBD minumkan saja godhong kates digodhog sampai kental, isuk wis mari "
    "ora usah nang puskesmas"
)
AGAIN = "Anake tonggo kena DBD, jarene godhong kates digodhog kenthel terus diombekno, isuk wis mari"
UNKNOWN = "Gempa besar akan mengguncang pantai selatan pada hari Jumat pukul tiga sore"
DRAFT = Draft("hoaks", VILLAGE, "Daun pepaya bukan obat DBD", "Bawa ke puskesmas.", "", (), "health")


@dataclass(frozen=True)
class Desk:
    store: Store
    config: Config
    matching: ScriptedMatching
    siti: Actor
    dewi: Actor
    fact_check: int

    def arrive(self, text: str, probability: float = 0.6) -> int:
        """Let a message come in for which the fact-check is suggested; returns its group."""
        self.matching.expect(text, "review", (self.fact_check, probability))
        send(self.store, self.config, text)
        drain(self.store, self.matching)
        with self.store.read() as session:
            return session.query(Submission.group_id).filter(Submission.text == text).limit(1).scalar()

    def confirm(self, group: int) -> int | None:
        with self.store.read() as session:
            match = (
                session.query(SuggestedMatch).filter_by(group_id=group, fact_check_id=self.fact_check).one()
            )
        return review.confirm(self.store, self.siti, group, match.id)

    def learned(self) -> list[str]:
        with self.store.read() as session:
            rows = session.query(ClaimText).filter(ClaimText.submission_id.is_not(None))
            return [row.text for row in rows.order_by(ClaimText.position)]

    def happened(self, name: str) -> list[dict[str, object]]:
        with self.store.read() as session:
            return [row.data for row in session.query(Event).filter_by(name=name).order_by(Event.seq)]


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    return _desk(any_store, config)


@pytest.fixture
def light(store: Store, config: Config) -> Desk:
    return _desk(store, config)


def _desk(store: Store, config: Config) -> Desk:
    with store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        fact_check = make_fact_check(session, HEADING).id
    return Desk(store, config, ScriptedMatching(), siti, dewi, fact_check)


def test_a_confirmed_message_becomes_a_wording(desk: Desk) -> None:
    group = desk.arrive(VILLAGE)
    assert desk.learned() == []
    desk.confirm(group)
    assert desk.learned() == [VILLAGE]
    (said,) = desk.happened("learn")
    assert said["group"] == group
    assert set(said) == {"group", "submission", "wording"}
    with desk.store.read() as session:
        assert outbox.owed(session, "embed", session.get_one(FactCheck, desk.fact_check).seq)
        assert events.first_break(session) is None


def test_a_faint_match_is_learned_when_the_second_person_agrees(desk: Desk) -> None:
    decision = desk.confirm(desk.arrive(VILLAGE, probability=0.02))
    assert decision is not None
    assert desk.learned() == []
    review.approve(desk.store, desk.dewi, decision)
    assert desk.learned() == [VILLAGE]


def _publish(desk: Desk, draft: Draft) -> int:
    group = desk.arrive(VILLAGE)
    review.approve(desk.store, desk.dewi, review.decide(desk.store, desk.siti, group, draft))
    tell(desk.store, desk.config.wilayah)
    return group


def test_a_fact_check_of_our_own_is_found_by_the_message_too(desk: Desk) -> None:
    _publish(desk, replace(DRAFT, claim="Daun pepaya dapat menyembuhkan demam berdarah"))
    assert desk.learned() == [VILLAGE]


def test_what_the_verifier_copied_is_not_learned_once_more(light: Desk) -> None:
    _publish(light, DRAFT)
    assert light.learned() == []


def test_what_is_no_claim_teaches_nothing(light: Desk) -> None:
    _publish(light, replace(DRAFT, verdict="bukan-klaim", claim="Ucapan"))
    assert light.learned() == []


def test_only_what_people_confirmed_is_learned(light: Desk) -> None:
    light.matching.expect(VILLAGE, "answer", (light.fact_check, 0.99))
    send(light.store, light.config, VILLAGE)
    drain(light.store, light.matching)
    review_group = light.arrive(AGAIN)
    with light.store.read() as session:
        match = session.query(SuggestedMatch).filter_by(group_id=review_group).one().id
    review.reject(light.store, light.siti, review_group, match)
    assert light.learned() == []


@pytest.mark.parametrize(
    "text",
    [
        f"Tidak benar: {VILLAGE}",
        f"{VILLAGE}. Itu hoaks kata bidan desa",
        "Air rebusan daun pepaya tidak menyembuhkan demam berdarah dalam semalam, kata petugas",
        "daun pepaya DBD",
    ],
)
def test_denials_opposites_and_a_few_words_are_not_learned(light: Desk, text: str) -> None:
    group = light.arrive(text)
    light.confirm(group)
    assert light.learned() == []
    tell(light.store)
    with light.store.read() as session:
        assert session.get_one(ClaimGroup, group).state == "answered", "it is answered all the same"
        assert not outbox.owed(session, "embed", 0)


def test_numbers_and_addresses_of_people_are_not_kept(light: Desk) -> None:
    text = f"{VILLAGE}. Hubungi 0812-3456-7890, https://wa.me/6281234567890 atau siti.aminah@surat.id"
    light.confirm(light.arrive(text))
    (kept,) = light.learned()
    assert kept == f"{VILLAGE}. Hubungi <nomor>, <nomor> atau <surel>"


def test_near_copies_of_what_is_known_add_nothing(light: Desk) -> None:
    light.confirm(light.arrive(VILLAGE))
    with light.store.write() as session:
        # Another group with the same words, as two workers may once have made one.
        group = session.query(ClaimGroup).one()
        wordings.learn(session, group, light.fact_check, events.SYSTEM, by_two=False)
    light.confirm(light.arrive(HEADING.upper()))
    assert light.learned() == [VILLAGE]
    assert len(light.happened("learn")) == 1


def test_every_wording_of_a_group_is_learned_the_one_that_was_read_first(light: Desk) -> None:
    kept, other = light.arrive(VILLAGE), light.arrive(AGAIN)
    longer = (
        f"{VILLAGE}. Kata beliau sudah banyak yang sembuh di kampung sebelah, resepnya turun temurun dari "
        "kakek buyut, daunnya harus dipetik sebelum matahari terbit"
    )
    assert [light.arrive(text) for text in (VILLAGE.upper(), longer)] == [kept] * 2
    review.lease(light.store, light.siti, other)
    review.merge(light.store, light.siti, kept, other)
    light.confirm(other)
    # The copy adds nothing; what the longer one has more may be what the next message consists of.
    assert light.learned() == [AGAIN, VILLAGE, longer]


def test_the_oldest_goes_when_there_are_too_many(light: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordings, "MAX_LEARNED", 2)
    texts = [VILLAGE, AGAIN, "Obat DBD paling manjur itu daun pepaya direbus kata orang pintar di pasar"]
    for text in texts:
        light.confirm(light.arrive(text))
    assert light.learned() == texts[1:]
    learned, dropped = light.happened("learn"), light.happened("unlearn")
    assert [said["wording"] for said in dropped] == [learned[0]["wording"]]


def test_learned_wordings_outlive_a_new_version(desk: Desk) -> None:
    with desk.store.write() as session:
        upsert(session, [ArchiveRow("a", HEADING)])
        entry = session.query(FactCheck).filter_by(source_key="a").one().id
    other = replace(desk, fact_check=entry)
    other.confirm(other.arrive(VILLAGE))
    with desk.store.write() as session:
        upsert(session, [ArchiveRow("a", "Judul yang diperbaiki", claim="Daun pepaya obat DBD")])
    with desk.store.read() as session:
        rows = session.query(ClaimText).filter_by(fact_check_id=entry).order_by(ClaimText.position)
        assert [row.text for row in rows] == ["Judul yang diperbaiki", "Daun pepaya obat DBD", VILLAGE]


def test_no_page_and_no_claim_review_shows_one(light: Desk) -> None:
    _publish(light, replace(DRAFT, claim="Daun pepaya dapat menyembuhkan demam berdarah"))
    assert light.learned() == [VILLAGE]
    with light.store.read() as session:
        page = library.published(session)
        review_ = claim_review(page.items[0], "https://contoh.example/fakta/1")
        assert library.published(session, "kates").total == 0
    shown = f"{page} {review_}"
    assert "Daun pepaya dapat" in shown
    assert "kates" not in shown
    said = light.happened("learn")
    assert "kates" not in str(said)


def test_a_withdrawn_answer_takes_its_words_along(desk: Desk) -> None:
    group, other = desk.arrive(VILLAGE), desk.arrive(AGAIN)
    desk.confirm(group)
    desk.confirm(other)
    review.withdraw(desk.store, desk.siti, group)
    assert desk.learned() == [AGAIN]
    (said,) = desk.happened("unlearn")
    assert said["group"] == group


# From here on with the real encoder.


@dataclass(frozen=True)
class Live:
    desk: Desk
    matcher: LiveMatcher

    def embed(self) -> None:
        while jobs := outbox.claim(self.desk.store, "embed", 4):
            self.matcher.embed(jobs)

    def first(self, text: str) -> tuple[str, float]:
        best = self.matcher.match([text])[0].matches[0]
        return best.target_id, best.probability


@pytest.fixture
def live(any_store: Store, tmp_path: Path) -> Live:
    config = load_config({"PENJAGA_DATA": str(tmp_path / "live"), "PENJAGA_ENCODERS": str(ENCODERS)})
    titles = (
        HEADING,
        "Undian berhadiah motor mengatasnamakan toko daring untuk pelanggan lama",
        "Anak yang sakit panas jangan dibawa ke puskesmas karena vaksinnya kedaluwarsa",
        "Daun kelor membuat anak cepat tinggi dalam satu bulan",
        "Sarapan godhong singkong menurunkan kolesterol",
    )
    with any_store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        upsert(session, [ArchiveRow(f"t{number}", title) for number, title in enumerate(titles)])
        entry = session.query(FactCheck).filter_by(source_key="t0").one().id
    live = Live(
        Desk(any_store, config, ScriptedMatching(), siti, dewi, entry), LiveMatcher(any_store, config)
    )
    live.embed()
    return live


@pytest.mark.parametrize("by_two", [True, False])
def test_the_village_says_it_again_in_other_words_and_is_answered_if_two_agreed(
    live: Live, by_two: bool
) -> None:
    desk = live.desk
    assert nearness(fingerprint(VILLAGE), fingerprint(AGAIN)) == 0, "no fingerprint finds it"
    before = live.first(AGAIN)
    decision = desk.confirm(desk.arrive(VILLAGE, probability=0.02 if by_two else 0.6))
    if decision is not None:
        review.approve(desk.store, desk.dewi, decision)
    assert (decision is not None) == by_two
    live.embed()
    number, probability = live.first(AGAIN)
    assert number == str(desk.fact_check)
    assert probability > before[1] or before[0] != number
    variation = VILLAGE.replace("isuk wis mari", "besok pagi langsung sembuh total")
    assert nearness(fingerprint(VILLAGE), fingerprint(variation)) == 0
    receipt = send(desk.store, desk.config, variation)
    assess(desk.store, live.matcher, outbox.claim(desk.store, "assess", 5))
    assert receipt_view.find(desk.store, desk.config, receipt).status == (
        "answered" if by_two else "in_review"
    )
    with desk.store.read() as session:
        best = session.query(SuggestedMatch).order_by(SuggestedMatch.group_id.desc(), SuggestedMatch.rank)
        first = best.first()
        assert first is not None
        assert (first.fact_check_id, first.likely) == (desk.fact_check, True), "one tap answers it"
    assert desk.learned() == [VILLAGE], "nobody has confirmed this one"


def test_indexes_that_are_loaded_forget_what_was_unlearned(live: Live) -> None:
    desk = live.desk
    before = live.first(AGAIN)
    group = desk.arrive(VILLAGE)
    desk.confirm(group)
    live.embed()
    learned = live.first(AGAIN)
    assert learned != before
    review.withdraw(desk.store, desk.siti, group)
    assert live.first(AGAIN) == (before[0], pytest.approx(before[1], abs=1e-6))
    fresh = Live(desk, LiveMatcher(desk.store, desk.config)).first(AGAIN)
    assert fresh == (before[0], pytest.approx(before[1], abs=1e-6))
    with desk.store.read() as session:
        assert session.query(ClaimVector).count() == session.query(ClaimText).count()


def test_an_entry_stays_found_while_a_new_wording_waits_for_its_vector(live: Live) -> None:
    desk = live.desk
    desk.confirm(desk.arrive(VILLAGE))
    fresh = LiveMatcher(desk.store, desk.config)
    assert fresh.match([HEADING])[0].matches[0].target_id == str(desk.fact_check)


# Withdrawal, as senders and verifiers see it.


def _run(desk: Desk) -> None:
    tell(desk.store)


def test_senders_learn_that_an_answer_was_withdrawn_and_are_answered_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "CHUNK", 2)
    receipts = [send(desk.store, desk.config, VILLAGE) for _ in range(5)]
    group = desk.arrive(VILLAGE)
    with desk.store.write() as session:
        right = make_fact_check(session, "Pemeriksaan yang benar").id
        session.add(_suggestion(group, right))
    desk.confirm(group)
    _run(desk)
    review.withdraw(desk.store, desk.siti, group)
    _run(desk)
    views = [receipt_view.find(desk.store, desk.config, receipt) for receipt in receipts]
    assert {(view.status, view.answer, view.withdrawn) for view in views} == {("in_review", None, True)}
    with desk.store.read() as session:
        kept = session.get_one(ClaimGroup, group)
        assert (kept.state, kept.fact_check_id) == ("queued", None)
        assert session.query(Decision.state).scalar() == "withdrawn"
        page = review.group_page(session, desk.siti, group)
        assert {match.fact_check_id: match.state for match in page.matches} == {
            desk.fact_check: "rejected",
            right: "suggested",
        }
    replace(desk, fact_check=right).confirm(group)
    _run(desk)
    told = [receipt_view.find(desk.store, desk.config, receipt) for receipt in receipts]
    assert {view.status for view in told} == {"answered"}
    assert {view.answer.headline for view in told if view.answer} == {"Pemeriksaan yang benar"}
    with desk.store.read() as session:
        assert events.first_break(session) is None


def _suggestion(group: int, fact_check: int) -> SuggestedMatch:
    return SuggestedMatch(
        group_id=group, fact_check_id=fact_check, rank=2, probability=0.5, likely=True, reasons=[],
        model_version="test", state="suggested", created_at=now(),
    )  # fmt: skip


def test_an_answer_that_was_withdrawn_can_be_given_after_all(light: Desk) -> None:
    receipt = send(light.store, light.config, VILLAGE)
    group, other = light.arrive(VILLAGE), light.arrive(AGAIN)
    light.confirm(group)
    _run(light)
    review.withdraw(light.store, light.siti, group)
    _run(light)
    review.lease(light.store, light.siti, other)
    review.merge(light.store, light.siti, group, other)
    light.confirm(other)
    _run(light)
    view = receipt_view.find(light.store, light.config, receipt)
    assert (view.status, view.withdrawn) == ("answered", False)
    assert view.answer is not None
    assert view.answer.headline == HEADING


def test_an_answer_given_without_a_person_can_be_withdrawn(light: Desk) -> None:
    light.matching.expect(VILLAGE, "answer", (light.fact_check, 0.99))
    receipt = send(light.store, light.config, VILLAGE)
    drain(light.store, light.matching)
    with light.store.read() as session:
        group = session.query(ClaimGroup).one().id
    review.withdraw(light.store, light.siti, group)
    late = send(light.store, light.config, VILLAGE)
    drain(light.store, light.matching)
    _run(light)
    assert [receipt_view.find(light.store, light.config, each).status for each in (receipt, late)] == [
        "in_review"
    ] * 2
    with light.store.read() as session:
        page = review.queue(session, light.siti)
        assert [(item.group_id, item.band, item.submissions) for item in page.items] == [(group, "review", 2)]


def test_what_was_decided_on_the_message_itself_is_not_withdrawn(light: Desk) -> None:
    group = _publish(light, replace(DRAFT, claim="Daun pepaya dapat menyembuhkan demam berdarah"))
    _run(light)
    waiting = light.arrive(UNKNOWN)
    for number in (group, waiting):
        with pytest.raises(IllegalTransition):
            review.withdraw(light.store, light.siti, number)
    assert light.learned() == [VILLAGE]
