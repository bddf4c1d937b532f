"""A new secret: what an earlier one made goes on working while it is given, and nothing new is made by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import make_account
from tests.scripted import ScriptedMatching, drain, send
from triage import accounts, asking, devices, doctor, erasure, intake, keys, receipt_view, receipts
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import ConfigError, NotFound, SubmissionRefused
from triage.intake import NewSubmission
from triage.preparing import _note_secret
from triage.tables import AccountDevice, ClaimGroup, LocalSource, Sighting, Submission

TEXT = "Jembatan Perak di Pasirian ditutup mulai besok pagi karena retak, semua kendaraan lewat Tempeh"
NEW = "kunci-baru-0123456789-abcdefghijklm"


@pytest.fixture
def rotated(config: Config) -> Config:
    """The same installation with a new secret beside the earlier one."""
    return replace(config, secret=NEW, earlier_secrets=("entah-0123456789-abcdefghijklmnopq", config.secret))


@pytest.fixture
def forgotten(rotated: Config) -> Config:
    """The same without the earlier one."""
    return replace(rotated, earlier_secrets=())


def test_an_earlier_receipt_is_found_and_kept_under_the_new_secret(
    any_store: Store, config: Config, rotated: Config, forgotten: Config
) -> None:
    receipt, other = send(any_store, config, TEXT), send(any_store, config, f"{TEXT}!")
    with pytest.raises(NotFound):
        receipt_view.find(any_store, forgotten, receipt)
    assert receipt_view.find(any_store, rotated, receipt).text == TEXT
    # It was used, so the earlier secret is no longer needed for it.
    assert receipt_view.find(any_store, forgotten, receipt).text == TEXT
    with pytest.raises(NotFound):
        receipt_view.find(any_store, config, receipt)
    erasure.erase(any_store, rotated, other)
    assert receipt_view.find(any_store, rotated, other).status == "closed"


def test_what_is_sent_now_is_made_with_the_new_secret(
    store: Store, rotated: Config, forgotten: Config
) -> None:
    receipt = intake.accept(store, rotated, NewSubmission(TEXT, idempotency_key="k1", device="d1"))
    assert receipt_view.find(store, forgotten, receipt).text == TEXT
    assert intake.accept(store, forgotten, NewSubmission(TEXT, idempotency_key="k1")) == receipt
    with store.read() as session:
        assert session.scalars(select(Submission.reporter_hash)).one() == devices.reporter_hash(
            forgotten, "d1"
        )


def test_an_earlier_key_gets_its_receipt_again_and_no_second_message(
    any_store: Store, config: Config, rotated: Config, forgotten: Config
) -> None:
    new = NewSubmission(TEXT, idempotency_key="k1")
    receipt = intake.accept(any_store, config, new)
    assert intake.accept(any_store, rotated, new) == receipt
    receipt_view.find(any_store, rotated, receipt)
    assert intake.accept(any_store, rotated, new) == receipt, "also after the receipt was looked at"
    with pytest.raises(SubmissionRefused, match="with another message"):
        intake.accept(any_store, rotated, NewSubmission("Kabar yang lain", idempotency_key="k1"))
    assert intake.accept(any_store, forgotten, new) != receipt
    with any_store.read() as session:
        assert len(session.scalars(select(Submission.id)).all()) == 2


def test_a_browser_stays_one_person(any_store: Store, config: Config, rotated: Config) -> None:
    village = "35.08.01.2001"
    for device in ("d1", "d1", "d2"):
        send(any_store, config, TEXT, device, village)
    drain(any_store, ScriptedMatching())
    for device in ("d1", "d1", "d3"):
        send(any_store, rotated, TEXT, device, village)
    drain(any_store, ScriptedMatching())
    with any_store.read() as session:
        group = session.get_one(ClaimGroup, 1)
        assert (group.submissions, group.reporters) == (6, 3)
        hashes = {row.reporter_hash: row.times for row in session.scalars(select(Sighting))}
    assert hashes == {
        devices.reporter_hash(rotated, "d1"): 4,
        devices.reporter_hash(config, "d2"): 1,
        devices.reporter_hash(rotated, "d3"): 1,
    }


def test_a_conflict_of_interest_outlives_the_secret(store: Store, config: Config, rotated: Config) -> None:
    with store.write() as session:
        siti = make_account(session)
    send(store, config, TEXT, "d1")
    drain(store, ScriptedMatching())
    accounts.remember_device(store, siti, devices.reporter_hash(config, "d1"))
    with store.read() as session:
        assert accounts.has_reported(session, siti, 1)
    # Another message from there brings all that the browser sent under the new one.
    send(store, rotated, f"Kabar lain: {TEXT[::-1]}", "d1")
    with store.read() as session:
        assert accounts.has_reported(session, siti, 1)
        assert session.scalars(select(AccountDevice.reporter_hash)).all() == [
            devices.reporter_hash(rotated, "d1")
        ]


def test_contacts_are_sealed_and_sealed_anew(
    any_store: Store, config: Config, rotated: Config, forgotten: Config
) -> None:
    with any_store.write() as session:
        dewi = make_account(session, "penyetuju")
    asking.add_source(any_store, config, dewi, "bpbd", "BPBD", "0812-3456-7890")
    with any_store.write() as session:
        (stored,) = session.scalars(select(LocalSource.contact))
        assert "0812" not in stored
        clear = LocalSource(kind="desa", name="Desa", contact="Kantor, 0334-1", active=True)
        clear.created_by, clear.created_at = 1, session.get_one(LocalSource, 1).created_at
        session.add(clear)

    def read(given: Config) -> list[str | None]:
        with any_store.read() as session:
            return [one.contact for one in asking.sources(session, given, dewi)]

    assert read(config) == ["0812-3456-7890", "Kantor, 0334-1"]
    assert read(forgotten) == [None, "Kantor, 0334-1"]
    assert asking.seal_contacts(any_store, config) == 1
    assert read(forgotten) == [None, None]
    assert read(rotated) == ["0812-3456-7890", "Kantor, 0334-1"]
    assert asking.seal_contacts(any_store, rotated) == 2
    assert asking.seal_contacts(any_store, rotated) == 0
    assert read(forgotten) == ["0812-3456-7890", "Kantor, 0334-1"]
    assert asking.seal_contacts(any_store, config) == 0, "what an unknown secret sealed is left"


def test_the_store_knows_its_secret(
    any_store: Store, config: Config, rotated: Config, forgotten: Config
) -> None:
    def standing(given: Config) -> str:
        with any_store.read() as session:
            return keys.standing(session, given)

    assert [standing(config), keys.note(any_store, config), standing(config)] == ["unused", "unused", "known"]
    assert [standing(forgotten), keys.note(any_store, forgotten), standing(config)] == [
        "foreign", "foreign", "known",
    ]  # fmt: skip
    assert [keys.note(any_store, rotated), standing(rotated), standing(forgotten)] == [
        "rotated", "known", "known",
    ]  # fmt: skip
    assert standing(config) == "foreign", "the way back needs the new one beside it"
    back = replace(config, earlier_secrets=(NEW,))
    assert [keys.note(any_store, back), standing(config)] == ["rotated", "known"]


def test_doctor_and_start_tell_of_a_secret_that_was_changed(
    store: Store, config: Config, rotated: Config, forgotten: Config
) -> None:
    def told(given: Config) -> str:
        return next(str(line) for line in doctor.examine(given) if line.subject == "secret")

    assert told(config).startswith("ok: secret: not noted")
    said: list[str] = []
    _note_secret(store, config, said.append)
    assert said == []
    assert told(config) == "ok: secret: the one that the store is used with"
    _note_secret(store, forgotten, said.append)
    assert said.pop().startswith("warning: the secret is not the one that this store was used with")
    assert told(forgotten).startswith("problem: secret: the secret is not the one")
    assert "PENJAGA_SECRET_EARLIER" in told(forgotten)
    _note_secret(store, rotated, said.append)
    assert "goes on working" in said.pop()
    assert told(rotated).endswith("used with, beside 2 earlier")


def test_the_check_value_tells_nothing_of_the_secret(config: Config) -> None:
    assert keys.identity(config.secret) not in config.secret
    assert keys.identity(config.secret) != receipts.keyed_hash(config.secret, "receipt", "")[:16]
    assert len(keys.identity(config.secret)) == 16


def test_earlier_secrets_and_the_retention_are_settings(tmp_path: Path) -> None:
    given = {"PENJAGA_DATA": str(tmp_path), "PENJAGA_SECRET_EARLIER": f" {NEW} , {NEW[::-1]},"}
    config = load_config(given)
    assert config.earlier_secrets == (NEW, NEW[::-1])
    assert config.secrets == (config.secret, NEW, NEW[::-1])
    assert NEW not in repr(config)
    assert config.retention.days == 90
    with pytest.raises(ConfigError, match="PENJAGA_SECRET_EARLIER") as refused:
        load_config(given | {"PENJAGA_SECRET_EARLIER": "pendek"})
    assert "pendek" not in str(refused.value)
    for days in ("0", "-1", "x", "", "9999", "1.5", "٣"):
        with pytest.raises(ConfigError, match="PENJAGA_RETENTION_DAYS"):
            load_config(given | {"PENJAGA_RETENTION_DAYS": days})
    assert load_config(given | {"PENJAGA_RETENTION_DAYS": "30"}).retention.days == 30
