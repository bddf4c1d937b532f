"""Merging is taken back by splitting: each group has again what was its own, and stays apart."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.factories import make_account
from tests.scripted import ScriptedMatching, drain, send
from triage import events, review
from triage.config import Config
from triage.db import Store
from triage.errors import IllegalTransition, LeaseLost
from triage.permissions import Actor
from triage.tables import ClaimGroup, Sighting, Submission

FLOOD = "Air Kali Glidik naik cepat, warga di tepi sungai diminta segera pindah ke balai desa malam ini"
TAX = "Pajak kendaraan dihapus semua mulai bulan depan, cukup daftar lewat tautan yang dibagikan di grup"
WATER = "Katanya air minum dari sumur di pasar sudah diracun orang dan jangan ada yang memasak dengan air itu"
VILLAGE = "35.08.01.2001"


@dataclass(frozen=True)
class Desk:
    store: Store
    config: Config
    siti: Actor
    budi: Actor

    def send(self, text: str, device: str | None = None, village: str | None = None) -> int:
        send(self.store, self.config, text, device, village)
        drain(self.store, ScriptedMatching())
        with self.store.read() as session:
            return session.query(Submission.group_id).order_by(Submission.id.desc()).limit(1).scalar()

    def state(self, number: int) -> tuple[object, ...]:
        with self.store.read() as session:
            group = session.get_one(ClaimGroup, number)
            sightings = session.query(Sighting).filter_by(group_id=number).all()
            seen = sorted((row.reporter_hash[:4], row.village, row.times) for row in sightings)
            texts = sorted(row.text for row in session.query(Submission).filter_by(group_id=number))
        return (
            group.state, group.merged_into, group.submissions, group.reporters, group.villages,
            group.first_seen, group.last_seen, seen, texts,
        )  # fmt: skip


@pytest.fixture
def desk(any_store: Store, config: Config) -> Desk:
    with any_store.write() as session:
        siti, budi = make_account(session), make_account(session)
    return Desk(any_store, config, siti, budi)


def test_splitting_gives_back_what_merging_took(desk: Desk) -> None:
    kept, gone = desk.send(FLOOD, "a", VILLAGE), desk.send(TAX, "b")
    desk.send(TAX, "a", VILLAGE)
    desk.send(TAX)
    before = desk.state(kept), desk.state(gone)
    review.merge(desk.store, desk.siti, gone, kept)
    assert desk.state(kept)[2:5] == (4, 3, 1)
    review.split(desk.store, desk.siti, gone, kept)
    review.release(desk.store, desk.siti, kept)
    assert (desk.state(kept), desk.state(gone)) == before
    with desk.store.read() as session:
        assert events.first_break(session) is None
        newest = [review.group_page(session, desk.siti, number).history for number in (kept, gone)]
    assert [(row.name, row.data) for row in (newest[0][1], newest[1][0])] == [
        ("give_out", {"group": gone}),
        ("split", {"out_of": kept}),
    ]


def test_what_came_after_the_merging_goes_where_its_words_belong(desk: Desk) -> None:
    kept, gone = desk.send(FLOOD), desk.send(TAX)
    review.merge(desk.store, desk.siti, gone, kept)
    assert desk.send(TAX) == kept
    assert desk.send(FLOOD) == kept
    review.split(desk.store, desk.siti, gone, kept)
    assert (desk.state(kept)[8], desk.state(gone)[8]) == ([FLOOD, FLOOD], [TAX, TAX])
    assert (desk.send(TAX), desk.send(FLOOD)) == (gone, kept)


def test_a_group_that_had_taken_another_in_keeps_it(desk: Desk) -> None:
    first, second, third = desk.send(FLOOD), desk.send(TAX), desk.send(WATER)
    review.merge(desk.store, desk.siti, third, second)
    review.release(desk.store, desk.siti, second)
    review.merge(desk.store, desk.siti, second, first)
    review.split(desk.store, desk.siti, second, first)
    assert desk.state(second)[8] == sorted([TAX, WATER])
    assert desk.state(first)[8] == [FLOOD]
    review.split(desk.store, desk.siti, third, second)
    assert (desk.state(second)[8], desk.state(third)[8]) == ([TAX], [WATER])
    with pytest.raises(IllegalTransition):
        review.split(desk.store, desk.siti, third, second)


def test_nobody_splits_what_another_works_on(desk: Desk) -> None:
    kept, gone = desk.send(FLOOD), desk.send(TAX)
    review.merge(desk.store, desk.siti, gone, kept)
    for act in (review.split, review.merge):
        with pytest.raises(LeaseLost):
            act(desk.store, desk.budi, gone, kept)
    assert desk.state(gone)[0] == "merged"


def test_what_a_person_split_is_not_united_by_a_message(desk: Desk) -> None:
    kept, gone = desk.send(FLOOD), desk.send(TAX)
    review.merge(desk.store, desk.siti, gone, kept)
    review.split(desk.store, desk.siti, gone, kept)
    review.release(desk.store, desk.siti, kept)
    desk.send(f"{FLOOD} {TAX}")
    assert [desk.state(number)[0] for number in (kept, gone)] == ["queued", "queued"]
