"""For oneself: what came of one's decisions, and training that touches nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.domain.test_review import DRAFT
from tests.factories import make_fact_check, make_group, suggest
from tests.scripted import tell
from tests.web.pages import Browser, Page
from triage import review
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.db import Store
from triage.permissions import Actor, Role
from triage.tables import Account, Base, Decision, FactCheck
from triage.training import EXERCISES
from triage.verdicts import verdicts
from triage.web import labels


def _actor(store: Store, number: int) -> Actor:
    with store.read() as session:
        account = session.get_one(Account, number)
        return Actor(account.id, account.username, account.display_name, account.role)


def test_each_sees_what_came_of_their_own_decisions_and_of_nobody_elses(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    browsers = [signed_in("verifikator"), signed_in("verifikator"), signed_in("penyetuju")]
    siti, budi, dewi = (_actor(store, number) for number in (1, 2, 3))
    with store.write() as session:
        made = [make_group(session, band="review") for _ in range(4)]
        confirmed = suggest(session, made[3], make_fact_check(session)).id
        groups = [group.id for group in made]
    for group, headline in zip(groups[:3], ("Disetujui", "Kembali", "Menunggu"), strict=True):
        decision = review.decide(store, siti, group, replace(DRAFT, headline=f"Judul {headline}"))
        if headline == "Disetujui":
            review.approve(store, dewi, decision)
        elif headline == "Kembali":
            review.send_back(store, dewi, decision, "Sebutkan sumbernya.")
    review.confirm(store, siti, groups[3], confirmed)
    tell(store)
    review.withdraw(store, budi, groups[3])
    page = browsers[0].get("/kim/saya").text
    for said in (
        "“Judul Disetujui” disetujui dan disampaikan", "“Judul Kembali” dikembalikan untuk diperbaiki",
        "Sebutkan sumbernya.", "“Judul Menunggu” menunggu persetujuan", "kemudian ditarik",
    ):  # fmt: skip
        assert said.replace("“", "").replace("”", "") in page
    with store.write() as session:
        key = session.scalars(select(FactCheck.source_key).where(FactCheck.origin == "own")).one()
        upsert(session, [ArchiveRow(key, "Judul yang dibetulkan")], origin="own")
    assert "Judul Disetujui kemudian dikoreksi" in browsers[0].get("/kim/saya").text
    assert "Judul" not in browsers[1].get("/kim/saya").text
    approver = browsers[2].get("/kim/saya").text
    assert "Judul Disetujui" in approver
    assert "Judul Menunggu" not in approver


def test_every_outcome_has_its_words(store: Store) -> None:
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0
    assert set(labels.OUTCOMES) == {
        "proposed",
        "approved",
        "returned",
        "withdrawn",
        "undone",
        "corrected",
        "retracted",
    }


def _rows(store: Store) -> dict[str, int | None]:
    with store.read() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
        }


@pytest.mark.parametrize("number", range(1, len(EXERCISES) + 1))
def test_training_says_what_was_right_and_why_and_writes_nothing(
    store: Store, signed_in: Callable[[Role], Browser], number: int
) -> None:
    siti, one = signed_in("verifikator"), EXERCISES[number - 1]
    assert one.right in ("sama", "beda") if one.claim else one.right in verdicts()
    before = _rows(store)
    form = siti.get(f"/kim/latihan/{number}").form(f"/latihan/{number}")
    right = Page(siti.submit(form, answer=one.right))
    wrong = Page(siti.submit(form, answer="satire"))
    for page, said in ((right, "✓ Tepat."), (wrong, "✕ Belum tepat.")):
        assert said in page.text
        assert one.why in page.text
        assert "tidak ada warga yang menerima jawaban Anda" in page.text
        assert ("Soal berikutnya" in page.text) is (number < len(EXERCISES))
    assert _rows(store) == before


def test_training_begins_and_ends(signed_in: Callable[[Role], Browser]) -> None:
    siti = signed_in("verifikator")
    assert "/kim/latihan/1" in [link["href"] for link in siti.get("/kim/latihan").all("a")]
    assert siti.get("/kim/latihan/0").status == siti.get("/kim/latihan/99").status == 404
