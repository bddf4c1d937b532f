"""Texts as people left them: who, for which version, and what of it the public reads."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories import make_account, make_fact_check
from triage import library, materials
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.db import Store
from triage.errors import Forbidden, MaterialRefused, NotFound
from triage.materials import Text
from triage.permissions import Actor, Role
from triage.tables import Event, FactCheck, Material

OFFICE, SITE = "KIM dan Diskominfo Kabupaten Lumajang", "https://penjaga.example"


def _actor(store: Store, role: Role = "verifikator") -> Actor:
    with store.write() as session:
        return make_account(session, role)


def _own(store: Store, **fields: object) -> int:
    with store.write() as session:
        return make_fact_check(session, "Semeru meletus malam ini", origin="own", **fields).id


def _texts(store: Store, number: int, *, public: bool = False) -> dict[str, Text]:
    read = materials.public_texts if public else materials.texts
    with store.read() as session:
        entry = library.fact(session, number)
        return {one.kind: one for one in read(session, entry, OFFICE, f"{SITE}/fakta/{number}")}


def _message(number: int, more: str = "") -> str:
    return f"✕ *HOAKS*: isinipun mboten leres{more}\n\nIngkang leres...\n{SITE}/fakta/{number}"


def _save(store: Store, actor: Actor, number: int, kind: str, text: str, version: int = 1) -> None:
    materials.save(store, actor, number, kind, version, text, f"/fakta/{number}")


def test_javanese_is_for_the_public_only_when_a_person_has_read_it(any_store: Store) -> None:
    number, siti = _own(any_store), _actor(any_store)
    assert set(_texts(any_store, number)) == set(materials.KINDS)
    assert set(_texts(any_store, number, public=True)) == {"whatsapp", "naskah"}
    _save(any_store, siti, number, "whatsapp-jv", _message(number))
    found = _texts(any_store, number, public=True)
    assert set(found) == {"whatsapp", "naskah", "whatsapp-jv"}
    assert found["whatsapp-jv"].text == _message(number)
    assert (found["whatsapp-jv"].by, found["whatsapp-jv"].checked) == (siti.display_name, True)
    assert not found["naskah"].checked


def test_a_correction_of_the_fact_check_makes_what_was_read_stale(any_store: Store) -> None:
    number, siti = _own(any_store), _actor(any_store)
    for kind in ("whatsapp", "whatsapp-jv"):
        _save(any_store, siti, number, kind, _message(number, " (lama)"))
    with any_store.write() as session:
        key = session.get_one(FactCheck, number).source_key
        upsert(session, [ArchiveRow(key, "Judul baru", verdict="hoaks", explanation="Baru.")], origin="own")
    staff, public = _texts(any_store, number), _texts(any_store, number, public=True)
    assert staff["whatsapp-jv"].stale
    assert "(lama)" in staff["whatsapp-jv"].text
    assert "whatsapp-jv" not in public
    assert "(lama)" not in public["whatsapp"].text
    assert "Baru." in public["whatsapp"].text
    with pytest.raises(MaterialRefused) as refused:
        _save(any_store, siti, number, "whatsapp-jv", _message(number))
    assert refused.value.field == "version"
    _save(any_store, siti, number, "whatsapp-jv", _message(number, " (anyar)"), version=2)
    assert "(anyar)" in _texts(any_store, number, public=True)["whatsapp-jv"].text


def test_nothing_that_was_kept_is_ever_lost_and_the_newest_holds(any_store: Store) -> None:
    number, siti, dewi = _own(any_store), _actor(any_store), _actor(any_store, "penyetuju")
    _save(any_store, siti, number, "naskah", "Satu.")
    _save(any_store, dewi, number, "naskah", " Dua.\r\nTiga\u202e.\x00 ")
    with any_store.read() as session:
        kept = session.execute(select(Material.text, Material.author_id).order_by(Material.id)).all()
        told = session.scalars(select(Event).where(Event.name == "write_material").order_by(Event.seq)).all()
    assert [tuple(row) for row in kept] == [("Satu.", siti.account_id), ("Dua.\nTiga.", dewi.account_id)]
    assert _texts(any_store, number)["naskah"].text == "Dua.\nTiga."
    assert [(event.actor, event.subject, event.subject_id, event.data) for event in told] == [
        (actor.label, "fact_check", number, {"kind": "naskah", "version": 1}) for actor in (siti, dewi)
    ]


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        ("naskah", " \u200b\n", "empty"),
        ("naskah", "a" * 1_501, "long"),
        ("whatsapp", "hoaks /fakta/1" + " a" * 500, "long"),
        ("whatsapp", "Semeru meletus\nHoaks\n/fakta/{}", "verdict"),
        ("whatsapp-jv", "✕ *HOAKS*: mboten leres", "address"),
        ("whatsapp", "Hoaks: {0} /fakta/{0}9", "address"),
    ],
)
def test_what_cannot_be_passed_on_is_not_kept(store: Store, kind: str, text: str, field: str) -> None:
    number, siti = _own(store), _actor(store)
    with pytest.raises(MaterialRefused) as refused:
        _save(store, siti, number, kind, text.format(number))
    assert refused.value.field == field
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Material)) == 0


def test_who_may_not_write_or_what_is_not_public_is_refused(store: Store) -> None:
    number, siti = _own(store), _actor(store)
    with pytest.raises(Forbidden):
        _save(store, _actor(store, "analis"), number, "naskah", "Satu.")
    with pytest.raises(NotFound):
        _save(store, siti, number, "lagu", "Satu.")
    with store.write() as session:
        hidden = make_fact_check(session, "Salam", origin="own", searchable=False, verdict="bukan-klaim").id
    with pytest.raises(NotFound):
        _save(store, siti, hidden, "naskah", "Satu.")
    with pytest.raises(NotFound):
        _save(store, siti, 999, "naskah", "Satu.")


def test_the_newest_of_ours_are_listed_with_what_was_read(store: Store) -> None:
    first, second = _own(store), _own(store)
    with store.write() as session:
        make_fact_check(session, "Milik penerbit lain")
        make_fact_check(session, "Arsip awal", origin="starter")
    _save(store, _actor(store), first, "naskah-jv", "Sampun.")
    with store.read() as session:
        rows = materials.newest(session)
    assert [(row.entry.id, row.checked) for row in rows] == [
        (second, frozenset()), (first, frozenset({"naskah-jv"})),
    ]  # fmt: skip
