"""Learning from decisions: only what is better on decisions kept aside is used, and there is a way back."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from models import calibration
from models.features import FEATURE_SET, NAMES
from tests import factories
from triage import calibrations, events, learning, schema
from triage.cli.learn import command
from triage.config import load_config
from triage.db import Store
from triage.errors import ConfigError, NotFound
from triage.matcher import LiveMatcher
from triage.permissions import OPERATOR
from triage.tables import CalibrationUse, CalibrationVersion, Event, SuggestedMatch

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
PACKAGED = calibration.load()


def _decide(store: Store, count: int, *, honest: bool) -> None:
    """Store decisions on suggestions of every height; people go by a feature that matching weighs little."""
    draw = np.random.default_rng(11)
    telling = NAMES.index("crowd")
    with store.write() as session:
        person = factories.make_account(session)
        for number in range(count):
            if number % 3 == 0:
                fact_check = factories.make_fact_check(session, f"Kabar nomor {number}")
            features = PACKAGED.neutral + draw.normal(size=len(NAMES)) / 10
            features[NAMES.index("query_words")] = np.log1p(20)
            features[NAMES.index("foreign")] = 0.0
            features[telling] = draw.random()
            right = features[telling] > 0.5 if honest else draw.random() > 0.5
            match = factories.suggest(session, factories.make_group(session), fact_check)
            match.features, match.feature_set = features.tolist(), FEATURE_SET
            match.model_version = f"{PACKAGED.encoder}+{PACKAGED.identity}"
            match.state, match.judged_by = "confirmed" if right else "rejected", person.account_id


def _uses(store: Store) -> list[str]:
    with store.read() as session:
        return [version.identity for version in calibrations.history(session)]


def test_what_people_decide_is_learned_and_used_once_it_is_better(any_store: Store) -> None:
    _decide(any_store, 240, honest=True)
    learned = learning.learn(any_store, OPERATOR, PACKAGED)
    assert learned.activated
    assert learned.before is not None
    assert learned.after is not None
    assert learned.after.log_loss < learned.before.log_loss
    assert _uses(any_store) == [learned.identity]
    with any_store.read() as session:
        number = calibrations.used(session)
        used = calibrations.read(session, number, PACKAGED)
        assert used.identity == learned.identity
        assert used.answer >= PACKAGED.answer
        event = session.query(Event).filter(Event.subject == "calibration").one()
        assert (event.actor, event.name, event.data["identity"]) == ("operator", "use", learned.identity)
        assert events.first_break(session) is None


def test_decisions_that_follow_nothing_are_not_learned(store: Store) -> None:
    _decide(store, 240, honest=False)
    # That half of all suggestions are right can be learned; which half cannot.
    first = learning.learn(store, OPERATOR, PACKAGED)
    again = learning.learn(store, OPERATOR, PACKAGED)
    assert not again.activated
    assert again.before is not None
    assert again.before.log_loss > 0.6
    assert _uses(store) == [first.identity]


@pytest.mark.parametrize("count", [0, 30, 80])
def test_few_decisions_teach_nothing_and_it_says_how_many_are_needed(store: Store, count: int) -> None:
    _decide(store, count, honest=True)
    learned = learning.learn(store, OPERATOR, PACKAGED)
    assert (learned.decisions, learned.identity, learned.activated) == (count, None, False)
    assert "are needed" in learned.why


def test_decisions_on_other_features_or_by_another_encoder_do_not_count(store: Store) -> None:
    _decide(store, 12, honest=True)
    with store.write() as session:
        first, second = session.query(SuggestedMatch).limit(2)
        first.feature_set = "elsewhat"
        second.model_version = "another-encoder+00000000"
    with store.read() as session:
        assert len(learning.decisions(session, PACKAGED.encoder)) == 10


def test_there_is_a_way_back_to_what_was_used_before(store: Store) -> None:
    _decide(store, 240, honest=True)
    first = learning.learn(store, OPERATOR, PACKAGED).identity
    assert calibrations.back(store, OPERATOR) == "packaged"
    assert _uses(store) == ["packaged", first]
    with store.read() as session:
        assert calibrations.read(session, calibrations.used(session), PACKAGED) is PACKAGED
    with pytest.raises(NotFound):
        calibrations.back(store, OPERATOR)


def test_a_worker_follows_what_is_used_and_says_so_with_each_match(store: Store, tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": str(ENCODERS)})
    matcher = LiveMatcher(store, config)
    before = matcher.match(["kabar"])[0].model_version
    _decide(store, 240, honest=True)
    learned = learning.learn(store, OPERATOR, PACKAGED)
    assert matcher.match(["kabar"])[0].model_version == f"{PACKAGED.encoder}+{learned.identity}"
    calibrations.back(store, OPERATOR)
    assert matcher.match(["kabar"])[0].model_version == before


@pytest.mark.parametrize("damage", ["{}", "not json", "encoder"])
def test_a_version_that_cannot_be_used_gives_way_to_the_programs_own(store: Store, damage: str) -> None:
    _decide(store, 240, honest=True)
    learning.learn(store, OPERATOR, PACKAGED)
    with store.write() as session:
        version = session.query(CalibrationVersion).one()
        version.content = (
            version.content.replace(PACKAGED.encoder, "another-encoder") if damage == "encoder" else damage
        )
    with store.read() as session:
        assert calibrations.read(session, calibrations.used(session), PACKAGED) is PACKAGED


def test_nothing_is_used_that_was_not_stored_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _decide(store, 240, honest=True)

    def killed(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(events, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        learning.learn(store, OPERATOR, PACKAGED)
    with store.read() as session:
        assert session.query(CalibrationVersion).count() == session.query(CalibrationUse).count() == 0


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    environment = {"PENJAGA_DATA": str(tmp_path), "PENJAGA_CALIBRATION": ""}
    store = Store(load_config(environment).database_url)
    schema.upgrade(store)

    def run(*words: str) -> str:
        return CliRunner().invoke(command, list(words), env=environment, catch_exceptions=False).output

    assert "packaged: nothing was learned yet" in run("--list")
    assert "are needed" in run()
    _decide(store, 240, honest=True)
    assert "better: in use from now on" in run()
    assert "in use again: packaged" in run("--back")
    assert run("--list").count("by operator") == 2
    assert "not both" in run("--list", "--back")
    with pytest.raises(ConfigError, match="PENJAGA_CALIBRATION is set"):
        CliRunner().invoke(
            command, [], env=environment | {"PENJAGA_CALIBRATION": "x.json"}, catch_exceptions=False
        )
    store.close()
