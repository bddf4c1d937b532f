"""Without an encoder: matching by words goes on, says so, answers nobody, and is done again after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import time_machine
from sqlalchemy import select

from models.encoders import Encoder, EncoderError, Role, load_encoder
from models.matching import by_words_alone
from tests.factories import make_account, make_fact_check
from tests.scripted import send, tell
from triage import doctor, outbox, receipt_view, review
from triage.assess import Matching, assess
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import EncoderAway
from triage.matcher import LiveMatcher
from triage.rematching import rematch
from triage.suggesting import LATER
from triage.tables import ClaimGroup, Event, FactCheck, SuggestedMatch
from triage.without_encoder import WordsMatcher
from workers.runtime import Runtime

HOAX = (
    "Bagi-bagi sepeda gratis dari kantor pos untuk seluruh murid sekolah dasar, daftar lewat tautan berantai"
)
SENT = f"Halo semuanya! {HOAX} sebelum tanggal 30"
OTHER = "Kabar lain sekali: jembatan gantung dusun sebelah ditutup karena talinya aus"


@pytest.fixture(scope="module")
def encoders() -> Path:
    """Folder of the built encoder."""
    folder = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    load_encoder("bundled", folder)
    return folder


@pytest.fixture
def whole(config: Config, encoders: Path) -> Config:
    """The same installation with its encoder there."""
    return load_config({"PENJAGA_DATA": str(config.data), "PENJAGA_ENCODERS": str(encoders)})


def archive(store: Store) -> int:
    with store.write() as session:
        number = make_fact_check(session, HOAX, explanation="Kantor pos tidak membagikan sepeda.").id
        make_fact_check(session, "Air rebusan daun kelor menyembuhkan segala penyakit dalam semalam")
        seq = session.get_one(FactCheck, number).seq
        outbox.add(session, "embed", seq + 5)
    return number


def work(store: Store, matching: Matching) -> None:
    while jobs := outbox.claim(store, "assess", 9):
        assess(store, matching, jobs)


def again(store: Store, matching: Matching, *, minutes: int = 0) -> int:
    """Match again what is due after `minutes` and the wait for it; returns how much was."""
    with time_machine.travel(now() + LATER + timedelta(minutes=minutes, seconds=1)):
        jobs = outbox.claim(store, "rematch", 9)
        rematch(store, matching, jobs)
        return len(jobs)


def groups(store: Store) -> list[ClaimGroup]:
    with store.read() as session:
        found = list(session.scalars(select(ClaimGroup).order_by(ClaimGroup.id)))
        session.expunge_all()
    return found


def live(store: Store, config: Config) -> LiveMatcher:
    matcher = LiveMatcher(store, config)
    while jobs := outbox.claim(store, "embed", 1):
        matcher.embed(jobs)
    return matcher


def test_words_find_and_never_answer(any_store: Store, config: Config) -> None:
    number = archive(any_store)
    matcher = WordsMatcher(any_store, config)
    for text in (HOAX, SENT, OTHER):
        send(any_store, config, text)
    work(any_store, matcher)
    assert {group.state for group in groups(any_store)} == {"queued"}
    assert all(by_words_alone(group.model_version) for group in groups(any_store))
    with any_store.read() as session:
        first = session.scalars(select(SuggestedMatch).order_by(SuggestedMatch.id)).first()
        assert first is not None
        assert (first.fact_check_id, first.likely, first.features, first.feature_set) == (
            number,
            True,
            [],
            "",
        )
    assert outbox.due_tasks(any_store) == ["embed"]


def test_the_archive_that_changes_meanwhile_is_followed(store: Store, config: Config) -> None:
    matcher = WordsMatcher(store, config)
    assert matcher.match([HOAX])[0].matches == ()
    number = archive(store)
    assert matcher.match([HOAX])[0].matches[0].target_id == str(number)
    with store.write() as session:
        gone = session.get_one(FactCheck, number)
        gone.searchable, gone.seq = False, gone.seq + 100
    assert str(number) not in [match.target_id for match in matcher.match([HOAX])[0].matches]


def test_it_is_done_again_with_meaning_and_who_waited_is_told(
    any_store: Store, config: Config, whole: Config
) -> None:
    number = archive(any_store)
    receipt = send(any_store, config, HOAX)
    send(any_store, config, OTHER)
    by_words = WordsMatcher(any_store, config)
    work(any_store, by_words)
    with pytest.raises(EncoderAway):
        again(any_store, by_words)
    # Once the claim on what failed is over, and one at a time.
    matcher = live(any_store, whole)
    assert [again(any_store, matcher, minutes=2) for _ in range(3)] == [1, 1, 0]
    told, waiting = groups(any_store)
    assert (told.fact_check_id, told.band, waiting.state) == (number, "answer", "queued")
    assert not any(by_words_alone(group.model_version) for group in (told, waiting))
    with time_machine.travel(now() + timedelta(minutes=9)):
        tell(any_store)
    assert receipt_view.find(any_store, config, receipt).status == "answered"
    assert again(any_store, by_words, minutes=9) == 0
    with any_store.read() as session:
        names = session.scalars(
            select(Event.name).where(Event.subject == "group", Event.subject_id == told.id)
        )
        assert list(names) == ["queue", "rematch", "answer"]


def test_what_people_have_judged_stays(any_store: Store, config: Config, whole: Config) -> None:
    archive(any_store)
    for text in (SENT, OTHER):
        send(any_store, config, text)
    work(any_store, WordsMatcher(any_store, config))
    judged, held = groups(any_store)
    with any_store.write() as session:
        actor = make_account(session)
        match = session.scalars(select(SuggestedMatch.id).where(SuggestedMatch.group_id == judged.id)).first()
    assert match is not None
    review.reject(any_store, actor, judged.id, match)
    review.release(any_store, actor, judged.id)
    review.lease(any_store, actor, held.id)
    matcher = live(any_store, whole)
    assert again(any_store, matcher) == 2
    assert all(by_words_alone(group.model_version) for group in groups(any_store))
    # Held only for a while: later it is done again.
    review.release(any_store, actor, held.id)
    assert again(any_store, matcher, minutes=2) == 1
    assert [by_words_alone(group.model_version) for group in groups(any_store)] == [True, False]


class Failing:
    """A real encoder that fails at work while told to, on every text or on one."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension = encoder.name, encoder.dimension
        self.fails_on: str | None = None

    def encode(self, texts: Sequence[str], role: Role) -> np.ndarray:
        if self.fails_on is not None and any(self.fails_on in text for text in texts):
            raise EncoderError("the runtime failed at work")
        return self._encoder.encode(texts, role)


def test_an_encoder_that_fails_at_work_is_made_up_for(
    any_store: Store, whole: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(any_store)
    failing = Failing(load_encoder("bundled", whole.encoders))
    monkeypatch.setattr("triage.matcher.load_encoder", lambda *_: failing)
    matcher = live(any_store, whole)
    # On one text alone: only that is matched by words, and the encoder is still asked for others.
    failing.fails_on = OTHER
    assert by_words_alone(matcher.match([OTHER])[0].model_version)
    assert matcher.has_meaning
    failing.fails_on = ""
    send(any_store, whole, HOAX)
    work(any_store, matcher)
    assert not matcher.has_meaning
    assert [group.state for group in groups(any_store)] == ["queued"]
    assert not matcher.ask_encoder()
    failing.fails_on = None
    assert matcher.ask_encoder()
    assert again(any_store, matcher) == 1
    assert groups(any_store)[0].band == "answer"


def test_a_missing_encoder_is_looked_for_until_it_is_there(
    store: Store, config: Config, encoders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file where the folder of built encoders belongs: nothing can be loaded, nothing built.
    (config.data / "encoders").write_text("")
    runtime = Runtime(config)
    matcher = runtime.matcher()
    assert isinstance(matcher, WordsMatcher)
    assert runtime.live_matcher() is None
    assert not runtime.look_for_encoder()
    (config.data / "encoders").unlink()
    shutil.copytree(encoders, config.data / "encoders")
    # Not at once again: trying may mean building.
    assert not runtime.look_for_encoder()
    monkeypatch.setattr("workers.runtime.time.monotonic", lambda: runtime._retry_at + 1)
    assert runtime.look_for_encoder()
    assert isinstance(runtime.live_matcher(), LiveMatcher)
    runtime.close()


def test_the_doctor_says_what_was_matched_by_words(store: Store, config: Config) -> None:
    send(store, config, HOAX)
    work(store, WordsMatcher(store, config))
    found = {finding.subject: finding for finding in doctor.examine(config)}
    assert found["matching"].what.startswith("1 messages were matched by their words alone")
    assert not found["matching"].ok
