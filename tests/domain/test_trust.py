"""How far another office is trusted decides who answers; offices that disagree are shown, never averaged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send, tell
from triage import disagreement, outbox, publication, receipt_view, review
from triage.archive import retractions
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.config import Config
from triage.db import Store
from triage.matcher import LiveMatcher
from triage.peers import register
from triage.peers.trust import Trust
from triage.permissions import Actor, Role
from triage.tables import (
    Answer,
    ClaimGroup,
    Decision,
    Event,
    FactCheck,
    Peer,
    SuggestedMatch,
)
from triage.verdicts import verdicts
from triage.without_encoder import WordsMatcher

HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
NEAR = "AWAS!! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang ya"
SURE = 0.99
OTHERS = (
    "Air minum di Pronojiwo tercemar belerang",
    "Gempa besar akan datang tepat tengah malam",
    "Uang kertas lama tidak berlaku mulai besok pagi",
    "Anak sekolah diculik dengan mobil putih",
)


class Desk:
    """A store with people, an office and what matching says."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config = store, config
        self.matching = ScriptedMatching()
        self.analyst, self.verifier = self.person("analis"), self.person("verifikator")

    def person(self, role: Role) -> Actor:
        with self.store.write() as session:
            return make_account(session, role)

    def office(self, name: str = "Diskominfo Jember", trust: Trust = "suggests") -> int:
        address = f"{name.rsplit(maxsplit=1)[-1].lower()}.example"
        number = register.add(self.store, self.config, self.analyst, address, name)
        register.change_trust(self.store, self.config, self.analyst, number, trust)
        return number

    def entry(self, peer_id: int | None, verdict: str = "hoaks", **fields: Any) -> FactCheck:
        with self.store.write() as session:
            if peer_id is not None:
                fields |= {"publisher": session.get_one(Peer, peer_id).name}
            made = make_fact_check(session, verdict=verdict, **fields)
            made.peer_id = peer_id
            return made

    def receive(self, *candidates: tuple[int, float], text: str = HOAX) -> str:
        self.matching.expect(text, "answer", *candidates)
        receipt = send(self.store, self.config, text)
        drain(self.store, self.matching)
        return receipt

    def read(self, receipt: str) -> receipt_view.SubmissionView:
        return receipt_view.find(self.store, self.config, receipt)

    def group(self) -> ClaimGroup:
        with self.store.read() as session:
            return session.scalars(select(ClaimGroup).order_by(ClaimGroup.id.desc())).first()  # type: ignore[return-value]

    def confirm(self, entry: FactCheck) -> None:
        group = self.group()
        with self.store.read() as session:
            match = session.scalars(
                select(SuggestedMatch).where(
                    SuggestedMatch.group_id == group.id, SuggestedMatch.fact_check_id == entry.id
                )
            ).one()
        review.confirm(self.store, self.verifier, group.id, match.id)
        tell(self.store)


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    return Desk(any_store, config)


@pytest.fixture
def light(store: Store, config: Config) -> Desk:
    return Desk(store, config)


@pytest.mark.parametrize("trust", ["answers", "suggests", "none"])
def test_only_an_office_that_may_answers_without_a_person(desk: Desk, trust: Trust) -> None:
    entry = desk.entry(desk.office(trust=trust))
    view = desk.read(desk.receive((entry.id, SURE)))
    group = desk.group()
    if trust == "answers":
        assert view.answer is not None
        assert (view.answer.checked_by, group.band, group.state) == (
            "Diskominfo Jember",
            "answer",
            "answered",
        )
        assert view.answer.sources[0]["url"] == "https://contoh.example/1"
    else:
        assert (view.status, group.band, group.state) == ("in_review", "review", "queued")
        assert group.fact_check_id is None


def test_what_was_imported_without_an_office_stays_as_it_was(light: Desk) -> None:
    entry = light.entry(None)
    assert light.read(light.receive((entry.id, SURE))).status == "answered"


def test_what_an_office_only_suggests_answers_with_a_persons_word(light: Desk) -> None:
    entry = light.entry(light.office())
    receipt = light.receive((entry.id, SURE))
    light.confirm(entry)
    answer = light.read(receipt).answer
    assert answer is not None
    assert answer.checked_by == "Diskominfo Jember"
    # From then on the same message is answered at once: a person gave their word.
    again = send(light.store, light.config, NEAR)
    drain(light.store, light.matching)
    assert light.read(again).status == "answered"


def test_an_office_that_says_the_same_keeps_nobody_from_answering(light: Desk) -> None:
    theirs, ours = light.entry(light.office()), light.entry(None, origin="own", publisher="Kita")
    answer = light.read(light.receive((theirs.id, 0.995), (ours.id, SURE))).answer
    assert answer is not None
    assert answer.checked_by == "Kita"


def test_a_match_that_is_only_likely_does_not_step_in(light: Desk) -> None:
    theirs, ours = light.entry(light.office()), light.entry(None, origin="own")
    assert light.read(light.receive((theirs.id, 0.995), (ours.id, 0.8))).status == "in_review"


def test_less_trust_holds_for_what_comes_next_and_what_was_told_stays_told(desk: Desk) -> None:
    number = desk.office(trust="answers")
    entry = desk.entry(number)
    first = desk.receive((entry.id, SURE))
    register.change_trust(desk.store, desk.config, desk.analyst, number, "suggests")
    second = send(desk.store, desk.config, NEAR)
    drain(desk.store, desk.matching)
    assert desk.read(first).answer is not None
    assert desk.read(first).status == "answered"
    assert desk.read(second).status == "in_review"
    group = desk.group()
    assert (group.state, group.fact_check_id, group.submissions) == ("queued", None, 2)
    with desk.store.read() as session:
        event = session.scalars(select(Event).where(Event.name == "reopen", Event.subject == "group")).one()
        assert (event.actor, event.data) == ("system", {"fact_check": entry.id, "why": "trust"})
    # Confirmed by a person, the second is told, and the first once only.
    desk.confirm(entry)
    assert desk.read(second).status == "answered"
    with desk.store.read() as session:
        assert len(session.scalars(select(Answer).where(Answer.withdrawn_at.is_(None))).all()) == 2


def test_a_persons_word_outlasts_a_change_of_trust(light: Desk) -> None:
    number = light.office()
    entry = light.entry(number)
    light.receive((entry.id, SURE))
    light.confirm(entry)
    register.change_trust(light.store, light.config, light.analyst, number, "none")
    again = send(light.store, light.config, NEAR)
    drain(light.store, light.matching)
    assert light.read(again).status == "answered"


def test_offices_that_are_not_used_are_not_searched_and_come_back(desk: Desk) -> None:
    number = desk.office()
    entry = desk.entry(number, title="Air sumur di Candipuro beracun setelah hujan abu")
    kept = desk.entry(None, title="Gula merah dicampur semen di pasar Senduro")
    live, words = LiveMatcher(desk.store, desk.config), WordsMatcher(desk.store, desk.config)
    _embed(desk.store, live)

    def found(text: str) -> list[set[str]]:
        return [
            {match.target_id for match in each.match([text])[0].matches} & {str(entry.id), str(kept.id)}
            for each in (live, words)
        ]

    said = "air sumur di candipuro beracun"
    assert all(str(entry.id) in each for each in found(said))
    register.change_trust(desk.store, desk.config, desk.analyst, number, "none")
    assert found(said) == [{str(kept.id)}, {str(kept.id)}]
    # A worker that starts now knows it from the start.
    assert str(entry.id) not in {
        match.target_id for match in LiveMatcher(desk.store, desk.config).match([said])[0].matches
    }
    register.change_trust(desk.store, desk.config, desk.analyst, number, "suggests")
    assert all(str(entry.id) in each for each in found(said))


def _embed(store: Store, matcher: LiveMatcher) -> None:
    with store.write() as session:
        outbox.add(session, "embed", 1_000_000)
    matcher.embed(outbox.claim(store, "embed", 10))


# What its own office takes back.


def _retract(desk: Desk, entry: FactCheck, peer_id: int) -> None:
    with desk.store.write() as session:
        key = session.get_one(FactCheck, entry.id).source_key
        assert retractions.retract(session, [key], actor="system", peer_id=peer_id) == 1
    tell(desk.store)


@pytest.mark.parametrize("trust", ["answers", "suggests"])
def test_what_its_office_took_back_is_told_as_gone_and_waits_for_people(desk: Desk, trust: Trust) -> None:
    number = desk.office(trust=trust)
    entry = desk.entry(number)
    receipt = desk.receive((entry.id, SURE))
    if trust == "suggests":
        desk.confirm(entry)
    assert desk.read(receipt).answer is not None
    _retract(desk, entry, number)
    view = desk.read(receipt)
    assert (view.status, view.answer, view.taken_back_by) == ("in_review", None, "Diskominfo Jember")
    assert (desk.group().state, desk.group().fact_check_id) == ("queued", None)
    with desk.store.read() as session:
        assert session.scalars(select(SuggestedMatch)).all() == []
        assert {row.state for row in session.scalars(select(Decision))} <= {"retracted"}
        assert publication.public_page(session, entry.id).retracted
    # The next one in the same words finds no answer either.
    again = send(desk.store, desk.config, NEAR)
    drain(desk.store, desk.matching)
    assert desk.read(again).status == "in_review"


def test_a_taken_back_one_is_gone_from_the_receipt_before_workers_come_to_it(light: Desk) -> None:
    number = light.office(trust="answers")
    entry = light.entry(number)
    receipt = light.receive((entry.id, SURE))
    with light.store.write() as session:
        key = session.get_one(FactCheck, entry.id).source_key
        retractions.retract(session, [key], actor="system", peer_id=number)
    assert (light.read(receipt).status, light.read(receipt).answer) == ("in_review", None)


@pytest.mark.parametrize(("trust", "state"), [("suggests", "queued"), ("answers", "answered")])
def test_a_word_given_on_one_verdict_does_not_hold_for_its_contrary(
    light: Desk, trust: Trust, state: str
) -> None:
    number = light.office()
    entry = light.entry(number)
    receipt = light.receive((entry.id, SURE))
    light.confirm(entry)
    register.change_trust(light.store, light.config, light.analyst, number, trust)
    _new_verdict(light, entry, number, "menyesatkan")
    assert light.group().state == "answered"
    _new_verdict(light, entry, number, "benar")
    tell(light.store)
    assert light.group().state == state
    assert light.read(receipt).status == ("in_review" if state == "queued" else "answered")


def _new_verdict(desk: Desk, entry: FactCheck, peer_id: int, verdict: str) -> None:
    with desk.store.write() as session:
        key = session.get_one(FactCheck, entry.id).source_key
        rows = [ArchiveRow(key, "Judul", verdict=verdict, publisher="Diskominfo Jember")]
        before = retractions.verdicts_before(session, rows, peer_id)
        assert upsert(session, rows, peer_id=peer_id).updated == 1
        retractions.reconsider(session, rows, before)


# Disagreement.


def test_the_table_knows_every_verdict_that_says_something_of_a_claim() -> None:
    publishable = {code for code, verdict in verdicts().items() if verdict.publishable}
    assert set(disagreement.SAYS) == publishable


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("hoaks", "benar", True),
        ("menyesatkan", "benar", True),
        ("hoaks", "belum-terbukti", True),
        ("benar", "belum-terbukti", True),
        ("hoaks", "menyesatkan", False),
        ("konteks-salah", "tiruan", False),
        ("hoaks", "", False),
        ("benar", "bukan-klaim", False),
        ("benar", "tidak-dapat-diperiksa", False),
    ],
)
def test_which_verdicts_contradict_each_other(one: str, other: str, *, against: bool) -> None:
    assert disagreement.contradict(one, other) is against
    assert disagreement.contradict(other, one) is against


@pytest.mark.parametrize(
    ("verdict", "probability", "state"),
    [
        ("benar", SURE, "queued"),
        ("benar", 0.7, "queued"),
        ("belum-terbukti", 0.7, "queued"),
        # What is hardly alike is another claim; and two warnings agree.
        ("benar", 0.2, "answered"),
        ("menyesatkan", SURE, "answered"),
    ],
)
def test_nobody_is_answered_by_itself_while_offices_disagree(
    desk: Desk, verdict: str, probability: float, state: str
) -> None:
    ours = desk.entry(None, origin="own", publisher="Kita")
    theirs = desk.entry(desk.office(trust="answers"), verdict)
    desk.receive((ours.id, 0.995), (theirs.id, probability))
    assert desk.group().state == state


def test_it_makes_no_difference_which_of_the_two_comes_first(light: Desk) -> None:
    ours = light.entry(None, origin="own", publisher="Kita")
    theirs = light.entry(light.office(), "benar")
    light.receive((theirs.id, 0.995), (ours.id, SURE))
    assert (light.group().state, light.group().band) == ("queued", "review")


def test_an_office_does_not_disagree_with_itself_nor_one_that_is_not_used_or_took_it_back(
    light: Desk,
) -> None:
    ours = light.entry(None, publisher="Mafindo")
    for place, other in enumerate(
        (
            light.entry(None, "benar", publisher=" mafindo "),
            light.entry(light.office("Diskominfo Bondowoso", "none"), "benar"),
            light.entry(light.office(), "benar", searchable=False),
            light.entry(None, "benar", origin="starter", publisher="Penjaga"),
        )
    ):
        text = f"{OTHERS[place]} dan harus diteruskan ke semua grup"
        light.receive((ours.id, 0.995), (other.id, SURE), text=text)
        assert light.group().state == "answered", place


def test_the_verifier_sees_who_says_what(light: Desk) -> None:
    ours = light.entry(None, origin="own", publisher="Kita", checked_on=date(2026, 3, 4))
    theirs = light.entry(light.office(), "benar")
    same = light.entry(light.office("Diskominfo Bondowoso"), "tiruan")
    light.receive((ours.id, 0.995), (theirs.id, 0.9), (same.id, 0.8))
    with light.store.read() as session:
        page = review.group_page(session, light.verifier, light.group().id)
    assert [(entry.publisher, entry.verdict) for entry in page.differing] == [
        ("Kita", "hoaks"),
        ("Diskominfo Jember", "benar"),
        ("Diskominfo Bondowoso", "tiruan"),
    ]
    # Once one of them is called another claim, the others agree.
    match = next(match for match in page.matches if match.fact_check_id == theirs.id)
    review.reject(light.store, light.verifier, light.group().id, match.id)
    with light.store.read() as session:
        assert review.group_page(session, light.verifier, light.group().id).differing == ()


def test_reporter_and_public_read_both_whichever_page_they_are_on(desk: Desk) -> None:
    ours = desk.entry(None, origin="own", publisher="Kita")
    theirs = desk.entry(desk.office(), "benar", url="https://jember.example/fakta/7")
    receipt = desk.receive((ours.id, 0.995), (theirs.id, 0.9))
    desk.confirm(ours)
    answer = desk.read(receipt).answer
    assert answer is not None
    assert answer.verdict is not None
    # Neither is averaged: the answer is what was confirmed.
    assert answer.verdict.code == "hoaks"
    assert [(other.publisher, other.verdict, other.url) for other in answer.differing] == [
        ("Diskominfo Jember", "benar", "https://jember.example/fakta/7")
    ]
    with desk.store.read() as session:
        assert [one.id for one in publication.public_page(session, ours.id).differing] == [theirs.id]
        assert [one.id for one in publication.public_page(session, theirs.id).differing] == [ours.id]


def test_what_a_person_called_another_claim_is_no_disagreement(light: Desk) -> None:
    ours = light.entry(None, origin="own", publisher="Kita")
    theirs = light.entry(light.office(), "benar")
    receipt = light.receive((ours.id, 0.995), (theirs.id, 0.9))
    with light.store.read() as session:
        match = session.scalars(select(SuggestedMatch).where(SuggestedMatch.fact_check_id == theirs.id)).one()
    review.reject(light.store, light.verifier, light.group().id, match.id)
    light.confirm(ours)
    answer = light.read(receipt).answer
    assert answer is not None
    assert answer.differing == ()
    with light.store.read() as session:
        assert publication.public_page(session, ours.id).differing == ()
        assert publication.public_page(session, theirs.id).differing == ()


def test_a_stopped_office_is_not_quoted_against_others_any_more(light: Desk) -> None:
    ours = light.entry(None, origin="own", publisher="Kita")
    number = light.office()
    theirs = light.entry(number, "benar")
    receipt = light.receive((ours.id, 0.995), (theirs.id, 0.9))
    light.confirm(ours)
    register.change_trust(light.store, light.config, light.analyst, number, "none")
    answer = light.read(receipt).answer
    assert answer is not None
    assert answer.differing == ()
