"""Wordings of an earlier normal form are read anew: nothing kept goes, no group joins another."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from models.fingerprint import fingerprint
from models.text import normal_form
from tests.factories import groups_of, make_group, make_submission
from triage import reading_anew
from triage.db import Store
from triage.tables import Fingerprint, FingerprintBand, Submission

_SENT = (
    "V4ks1n itu b3rb4h4y4",
    "Vaksin itu berbahaya",
    "V.a.k.s.i.n itu berbahaya, kata orang di dekat balai desa",
)


@pytest.fixture
def kept(any_store: Store) -> list[int]:
    """Keep each message in a group of its own, as an earlier release read it; return the groups."""
    groups = []
    with any_store.write() as session:
        for number, message in enumerate(_SENT):
            group = make_group(session)
            session.execute(update(Submission).where(Submission.group_id == group.id).values(group_id=None))
            make_submission(session, text=message, state="assessed", group_id=group.id)
            digest = f"{number:064d}"
            session.add(Fingerprint(digest=digest, text=f"dahulu {number}", form="", group_id=group.id))
            groups.append(group.id)
    return groups


def _found(store: Store) -> list[int | None]:
    with store.read() as session:
        found = [groups_of(session, message) for message in _SENT]
    return [groups[0].id if groups else None for groups in found]


@pytest.mark.parametrize("chunk", [1, 200])
def test_messages_are_known_again(
    any_store: Store, kept: list[int], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_anew, "CHUNK", chunk)
    assert _found(any_store) == [None, None, None]
    with any_store.read() as session:
        assert reading_anew.in_earlier_form(session) == 3
    assert reading_anew.read_anew(any_store) == 3
    # The second says the same as the first from now on; the group that it was put into stays as it was.
    assert _found(any_store) == [kept[0], kept[0], kept[2]]
    with any_store.read() as session:
        assert {f"{number:064d}" for number in range(3)} < set(session.scalars(select(Fingerprint.digest)))
        assert reading_anew.in_earlier_form(session) == 0
        longest = fingerprint(_SENT[2])
        keys = set(session.scalars(select(FingerprintBand.key)))
    assert longest.bands
    assert set(longest.bands) <= keys


def test_reading_anew_twice_changes_nothing(any_store: Store, kept: list[int]) -> None:
    reading_anew.read_anew(any_store)
    with any_store.read() as session:
        before = session.scalars(select(Fingerprint.digest).order_by(Fingerprint.id)).all()
    assert reading_anew.read_anew(any_store) == 0
    with any_store.write() as session:
        session.execute(update(Fingerprint).values(form="other"))
    assert reading_anew.read_anew(any_store) == len(before)
    with any_store.read() as session:
        assert session.scalars(select(Fingerprint.digest).order_by(Fingerprint.id)).all() == before
        assert set(session.scalars(select(Fingerprint.form))) == {normal_form()}


def test_of_an_erased_message_its_wording_is_read(store: Store) -> None:
    with store.write() as session:
        group = make_group(session)
        session.add(Fingerprint(digest="0" * 64, text="bncana di smru", form="", group_id=group.id))
    reading_anew.read_anew(store)
    with store.read() as session:
        (found,) = groups_of(session, "Bencana di Semeru")
    assert found.id == group.id
