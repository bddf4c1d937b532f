"""Learning from decisions: only what is better on decisions kept aside is used, and there is a way back."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import structlog
from click.testing import CliRunner
from sqlalchemy import text

from models import calibration
from models.calibration import INPUTS
from models.features import FEATURE_SET, NAMES
from tests import factories
from tests.scripted import send, tell
from triage import assess, calibrations, doctor, events, learning, outbox, review, schema
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.cli.learn import command
from triage.config import Config
from triage.db import Store
from triage.errors import ConfigError, NotFound
from triage.learning import Found, Learned
from triage.matcher import LiveMatcher
from triage.permissions import OPERATOR
from triage.review import Draft
from triage.tables import (
    CalibrationUse,
    CalibrationVersion,
    ClaimGroup,
    Event,
    FactCheck,
    Submission,
    SuggestedMatch,
)

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
PACKAGED = calibration.load()
VERSION = f"{PACKAGED.encoder}+{PACKAGED.identity}"
REMEDIES = (
    "pepaya", "kelapa", "manggis", "madu", "kunyit", "jahe", "sirih", "selasih", "rosela", "kelor",
    "temulawak", "kencur", "serai", "mengkudu", "brotowali", "sambiloto",
)  # fmt: skip
ILLS = (
    "diabetes", "kolesterol", "campak", "hipertensi", "kanker", "stroke", "wasir", "asma", "tipus", "maag",
)  # fmt: skip
DRAFT = Draft(
    verdict="hoaks", claim="Kabar itu", headline="Kabar yang lain lagi", explanation="Tidak benar.",
    what_to_do="", evidence=({"label": "Kantor desa", "url": "https://contoh.example/bukti"},), harm="health",
)  # fmt: skip


def _decide(store: Store, count: int, *, honest: bool, seed: int = 11) -> None:
    """Store decisions on suggestions of every height; people go by a feature that matching weighs little."""
    draw = np.random.default_rng(seed)
    columns = [NAMES.index(name) for name in ("crowd", "margin", "query_words", "foreign")]
    crowd = INPUTS.index("crowd")
    with store.write() as session:
        person = factories.make_account(session)
        for number in range(count):
            if number % 3 == 0:
                fact_check = factories.make_fact_check(session, f"Kabar nomor {number}")
            features = PACKAGED.neutral.copy()
            telling = draw.random() - 0.5
            among = PACKAGED.means[crowd] + PACKAGED.scales[crowd] * telling
            features[columns] = among, draw.random() * 4, np.log1p(20), 0.0
            right = telling > 0 if honest else draw.random() > 0.5
            match = factories.suggest(session, factories.make_group(session), fact_check)
            match.features, match.feature_set, match.model_version = features.tolist(), FEATURE_SET, VERSION
            match.state, match.judged_by = "confirmed" if right else "rejected", person.account_id


def _learn(store: Store) -> Learned:
    return learning.learn(store, OPERATOR, PACKAGED, lambda _step: None)


def _collect(store: Store) -> Found:
    with store.read() as session:
        return learning.collect(session, PACKAGED.encoder)


def _uses(store: Store) -> list[str]:
    with store.read() as session:
        return [version.identity for version in calibrations.history(session)]


def _chosen(store: Store) -> calibrations.Chosen:
    with store.read() as session:
        return calibrations.read(session, calibrations.newest(session), PACKAGED)


@pytest.fixture
def bundled(config: Config) -> Config:
    """The installation of `store`, with the bundled encoder where it was built."""
    return replace(config, encoders=ENCODERS)


def test_what_people_decide_is_learned_and_used_once_it_is_better(any_store: Store) -> None:
    _decide(any_store, 240, honest=True)
    learned = _learn(any_store)
    assert learned.activated
    assert learned.trial is not None
    assert learned.trial.after.log_loss < learned.trial.before.log_loss
    assert learned.taught + learned.aside == learned.found.kinds.total() == 240
    assert _uses(any_store) == [learned.current] == [learned.trial.tried]
    chosen = _chosen(any_store)
    assert (chosen.calibration.identity, chosen.refusal) == (learned.current, "")
    assert chosen.calibration.answer >= PACKAGED.answer
    assert chosen.calibration.figures["kept_aside"] == learned.aside
    with any_store.read() as session:
        event = session.query(Event).filter(Event.subject == "calibration").one()
        assert (event.actor, event.name, event.data["identity"]) == ("operator", "use", learned.current)
        assert events.first_break(session) is None


def test_decisions_that_follow_nothing_are_not_learned(store: Store) -> None:
    _decide(store, 240, honest=False)
    learned = _learn(store)
    assert not learned.activated
    assert learned.current == PACKAGED.identity
    assert _uses(store) == []


@pytest.mark.parametrize("count", [0, 30, 80])
def test_few_decisions_teach_nothing_and_it_says_how_many_are_needed(store: Store, count: int) -> None:
    _decide(store, count, honest=True)
    learned = _learn(store)
    assert (learned.found.kinds.total(), learned.trial, learned.activated) == (count, None, False)
    assert "are needed" in learned.why


def test_learning_again_from_the_same_decisions_changes_nothing(store: Store) -> None:
    _decide(store, 240, honest=True)
    first, again = _learn(store), _learn(store)
    assert (again.activated, again.why) == (False, "nothing new: it is in use already")
    assert _uses(store) == [first.current]


def test_decisions_on_other_features_or_by_another_encoder_do_not_count_and_are_told(store: Store) -> None:
    _decide(store, 12, honest=True)
    with store.write() as session:
        first, second = session.query(SuggestedMatch).limit(2)
        first.feature_set = "elsewhat"
        second.model_version = "another-encoder+00000000"
    found = _collect(store)
    assert (len(found.judged), found.left_out) == (10, 2)


def test_there_is_a_way_back_through_all_that_was_used(any_store: Store) -> None:
    _decide(any_store, 240, honest=True)
    first = _learn(any_store).current
    _decide(any_store, 600, honest=True, seed=5)
    second = _learn(any_store).current
    assert _uses(any_store) == [second, first]
    assert calibrations.back(any_store, OPERATOR) == first
    assert _chosen(any_store).calibration.identity == first
    assert calibrations.back(any_store, OPERATOR) == "packaged"
    assert _chosen(any_store).calibration is PACKAGED
    with pytest.raises(NotFound):
        calibrations.back(any_store, OPERATOR)
    assert _learn(any_store).current == second, "the same numbers may come into use a second time"
    assert _uses(any_store) == [second, "packaged", first, second, first]
    assert calibrations.back(any_store, OPERATOR) == "packaged"


def _group(store: Store, number: int = 1, **fields: object) -> int:
    """A group with likely suggestions of this release, of two fact-checks; returns its number."""
    with store.write() as session:
        values: dict[str, object] = {"band": "review", "model_version": VERSION}
        group = factories.make_group(session, **(values | fields))
        for rank in (1, 2):
            match = factories.suggest(session, group, factories.make_fact_check(session), rank)
            match.features, match.feature_set = PACKAGED.neutral.tolist(), FEATURE_SET
            match.model_version, match.reasons = VERSION, [{"code": "denial", "values": {}}][: rank - 1]
        return group.id


def _matches(store: Store, group: int) -> list[SuggestedMatch]:
    with store.read() as session:
        return list(session.query(SuggestedMatch).filter_by(group_id=group).order_by(SuggestedMatch.rank))


def test_what_people_said_is_read_from_what_they_did(any_store: Store) -> None:
    with any_store.write() as session:
        siti, dewi = (factories.make_account(session, role) for role in ("verifikator", "penyetuju"))
    confirmed, waiting = _group(any_store), _group(any_store)
    first, second = _matches(any_store, confirmed)
    review.reject(any_store, siti, confirmed, first.id)
    review.confirm(any_store, siti, confirmed, second.id)
    found = _collect(any_store)
    assert found.kinds == {"confirmed": 1, "rejected": 1}
    assert {(each.about, each.right, each.barred) for each in found.judged} == {
        (str(first.fact_check_id), False, False),
        (str(second.fact_check_id), True, True),
    }
    assert {each.message for each in found.judged} == {str(confirmed)}
    decision = review.decide(any_store, siti, waiting, DRAFT)
    assert _collect(any_store).kinds.total() == 2, "nobody approved yet that it is a claim of its own"
    review.approve(any_store, dewi, decision)
    tell(any_store, "35.08")
    found = _collect(any_store)
    assert found.kinds == {"confirmed": 1, "rejected": 1, "passed over": 2}
    assert [each.right for each in found.judged if each.message == str(waiting)] == [False, False]


def test_a_faint_match_counts_once_a_second_person_approved_it(store: Store) -> None:
    with store.write() as session:
        siti, dewi = (factories.make_account(session, role) for role in ("verifikator", "penyetuju"))
    group = _group(store, band="new")
    decision = review.confirm(store, siti, group, _matches(store, group)[0].id)
    assert decision is not None
    assert _collect(store).judged == ()
    review.approve(store, dewi, decision)
    assert _collect(store).kinds == {"confirmed": 1}


def test_what_was_answered_at_once_counts_for_answers_only(store: Store) -> None:
    group = _group(store, band="answer", state="answered")
    with store.write() as session:
        session.get_one(ClaimGroup, group).fact_check_id = _matches(store, group)[0].fact_check_id
    (stands,) = _collect(store).judged
    assert (stands.right, stands.by_people) == (True, False)
    assert _learn(store).taught == _learn(store).aside == 0


@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_that_was_taken_back_counts_as_wrong(any_store: Store, at_once: bool) -> None:
    with any_store.write() as session:
        siti = factories.make_account(session)
    group = _group(any_store, **({"band": "answer", "state": "answered"} if at_once else {}))
    match, _ = _matches(any_store, group)
    if at_once:
        with any_store.write() as session:
            session.get_one(ClaimGroup, group).fact_check_id = match.fact_check_id
    else:
        review.confirm(any_store, siti, group, match.id)
    (before,) = _collect(any_store).judged
    review.withdraw(any_store, siti, group)
    (after,) = _collect(any_store).judged
    assert (before.right, after.right, after.by_people) == (True, False, True)


def test_groups_that_were_merged_are_one_message(store: Store) -> None:
    into, merged = _group(store), _group(store)
    with store.write() as session:
        siti = factories.make_account(session)
    for group in (into, merged):
        review.reject(store, siti, group, _matches(store, group)[0].id)
        review.release(store, siti, group)
    review.merge(store, siti, merged, into)
    assert {each.message for each in _collect(store).judged} == {str(into)}


def _waiting_for_people(store: Store) -> dict[str, int]:
    with store.read() as session:
        rows = session.query(Submission.text, Submission.group_id).join(
            ClaimGroup, ClaimGroup.id == Submission.group_id
        )
        return {row.text: row.group_id for row in rows.filter(ClaimGroup.state == "queued")}


def test_from_messages_and_taps_to_other_probabilities(store: Store, bundled: Config) -> None:
    """People reject what matching takes for nearly the same: the same remedy against another illness."""
    matcher = LiveMatcher(store, bundled)
    pairs = list(product(REMEDIES, ILLS))
    with store.write() as session:
        siti = factories.make_account(session)
        upsert(
            session,
            [
                ArchiveRow(
                    source_key=f"k{number}", title=f"Rebusan {remedy} menyembuhkan {ill} dalam semalam"
                )
                for number, (remedy, ill) in enumerate(pairs)
                if number % 2 == 0
            ],
        )
    while jobs := outbox.claim(store, "embed", 8):
        matcher.embed(jobs)
    short = {f"{remedy} obat {ill}" for number, (remedy, ill) in enumerate(pairs) if number % 2 == 0}
    other = {
        f"tetanggaku sembuh {ill} gara2 minum {remedy} yang direbus, coba deh"
        for number, (remedy, ill) in enumerate(pairs)
        if number % 2
    }
    for message in sorted(short | other):
        send(store, bundled, message)
    while jobs := outbox.claim(store, "assess", 64):
        assess.assess(store, matcher, jobs)
    asked = "kata tetanggaku sembuh kolesterol gara2 minum pepaya yang direbus, coba deh"
    before = matcher.match([asked])[0]
    for message, group in _waiting_for_people(store).items():
        first = _matches(store, group)[0]
        assert first.model_version == before.model_version == VERSION
        with store.read() as session:
            assert session.get_one(ClaimGroup, group).model_version == first.model_version
            key = session.get_one(FactCheck, first.fact_check_id).source_key
        remedy, ill = pairs[int(key[1:])]
        say = review.confirm if remedy in message and ill in message else review.reject
        say(store, siti, group, first.id)
    learned = _learn(store)
    assert learned.activated, learned
    assert learned.found.kinds["rejected"] > 50
    after = matcher.match([asked])[0]
    assert after.model_version == f"{PACKAGED.encoder}+{learned.current}" != before.model_version
    assert after.matches[0].target_id == before.matches[0].target_id
    assert after.matches[0].probability < before.matches[0].probability
    calibrations.back(store, OPERATOR)
    again = matcher.match([asked])[0]
    assert (again.model_version, again.matches) == (before.model_version, before.matches)


def test_a_worker_follows_what_is_used_and_says_so_with_each_match(store: Store, bundled: Config) -> None:
    matcher = LiveMatcher(store, bundled)
    before = matcher.match(["kabar"])[0].model_version
    _decide(store, 240, honest=True)
    learned = _learn(store)
    assert matcher.match(["kabar"])[0].model_version == f"{PACKAGED.encoder}+{learned.current}"
    assert LiveMatcher(store, bundled).match(["kabar"])[0].model_version.endswith(learned.current)
    calibrations.back(store, OPERATOR)
    assert matcher.match(["kabar"])[0].model_version == before == VERSION


def test_a_calibration_that_a_setting_names_takes_the_place_of_what_was_learned(
    store: Store, bundled: Config, tmp_path: Path
) -> None:
    _decide(store, 240, honest=True)
    learned = _learn(store).current
    named = tmp_path / "angka.json"
    calibration.save(PACKAGED, named)
    config = replace(bundled, calibration=named)
    assert LiveMatcher(store, config).match(["kabar"])[0].model_version == VERSION
    (finding,) = [each for each in doctor.examine(config) if each.subject == "learned from decisions"]
    assert finding.ok
    assert f"{learned}, in use since" in finding.what
    assert "PENJAGA_CALIBRATION takes its place" in finding.what


@pytest.mark.parametrize("damage", ["", "{}", "not json", "encoder", "weights", "base"])
def test_a_version_that_cannot_be_used_gives_way_to_the_programs_own_and_it_is_told(
    store: Store, bundled: Config, damage: str
) -> None:
    _decide(store, 240, honest=True)
    learned = _learn(store).current
    with store.write() as session:
        version = session.query(CalibrationVersion).one()
        if damage == "base":
            version.base = "earlier1"
        elif damage == "encoder":
            version.content = version.content.replace(PACKAGED.encoder, "another-encoder")
        elif damage == "weights":
            version.content = version.content.replace('"answer": 0.9', '"answer": 0.1', 1)
        else:
            version.content = damage
    chosen = _chosen(store)
    assert chosen.calibration is PACKAGED
    assert learned in chosen.refusal
    with structlog.testing.capture_logs() as said:
        matcher = LiveMatcher(store, bundled)
        assert matcher.match(["kabar"])[0].model_version == VERSION
        matcher.match(["kabar"])
    assert [(line["event"], line["reason"]) for line in said] == [("calibration_passed_over", chosen.refusal)]
    (finding,) = [each for each in doctor.examine(bundled) if each.subject == "learned from decisions"]
    assert not finding.ok
    assert learned in finding.what
    assert "penjaga learn" in finding.remedy
    assert _run(bundled, "--list").endswith("the numbers that come with the program are\n")
    if damage == "base":
        # What was learned from an earlier release's numbers is learned anew from this one's.
        with store.write() as session:
            session.execute(text("UPDATE calibration_version SET identity = 'earlier2'"))
        assert _learn(store).activated
        assert _chosen(store).refusal == ""


def test_nothing_is_used_that_was_not_stored_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _decide(store, 240, honest=True)

    def killed(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(events, "append", killed)
    with pytest.raises(KeyboardInterrupt):
        _learn(store)
    with store.read() as session:
        assert session.query(CalibrationVersion).count() == session.query(CalibrationUse).count() == 0


def test_what_came_into_use_meanwhile_is_not_pushed_aside(store: Store) -> None:
    _decide(store, 240, honest=True)
    meanwhile: list[Learned] = []

    def other_operator(step: str) -> None:
        if step.startswith("refitting") and not meanwhile:
            meanwhile.append(learning.learn(store, OPERATOR, PACKAGED, other_operator_says_nothing))

    def other_operator_says_nothing(_step: str) -> None:
        return

    late = learning.learn(store, OPERATOR, PACKAGED, other_operator)
    assert meanwhile[0].activated
    assert not late.activated
    assert "meanwhile" in late.why
    assert _uses(store) == [meanwhile[0].current]


def _run(config: Config, *words: str, **settings: str) -> str:
    environment = {"PENJAGA_DATA": str(config.data), "PENJAGA_CALIBRATION": "", **settings}
    return CliRunner().invoke(command, list(words), env=environment, catch_exceptions=False).output


def test_the_command_says_what_it_did(store: Store, config: Config) -> None:
    assert "packaged: nothing was learned yet" in _run(config, "--list")
    assert "60 are needed" in _run(config)
    _decide(store, 240, honest=True)
    said = _run(config)
    identity = _uses(store)[0]
    for part in (
        "confirmed, ", "to learn from: ", "kept aside: ", "before, on those kept aside: log-loss ",
        f"{identity}, on the same: log-loss ", "calibration error 0.", "answered by itself",
        "better: in use from now on", f"in use: {identity}",
    ):  # fmt: skip
        assert part in said
    assert "nothing new" in _run(config)
    assert "in use again: packaged" in _run(config, "--back")
    assert _run(config, "--list").count("by operator") == 2
    assert "not both" in _run(config, "--list", "--back")


@pytest.mark.parametrize("words", [(), ("--back",)])
def test_where_a_setting_names_a_calibration_nothing_is_learned_for_nothing(
    store: Store, config: Config, words: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError, match=r"PENJAGA_CALIBRATION names .*x\.json"):
        _run(config, *words, PENJAGA_CALIBRATION="x.json")
    assert "none of these is used: PENJAGA_CALIBRATION names" in _run(
        config, "--list", PENJAGA_CALIBRATION="x.json"
    )


def test_a_version_learned_before_it_was_known_from_what_gives_way(any_store: Store) -> None:
    schema.downgrade(any_store, "0005")
    with any_store.write() as session:
        session.execute(
            text(
                "INSERT INTO calibration_version (identity, encoder, content, created_at) "
                "VALUES ('earlier1', 'e5', '{}', '2026-11-25 08:00:00')"
            )
        )
        session.execute(
            text(
                "INSERT INTO calibration_use (version_id, since, actor) "
                "SELECT id, created_at, 'operator' FROM calibration_version"
            )
        )
    for _ in range(2):
        schema.upgrade(any_store)
        assert _uses(any_store) == ["earlier1"]
        assert "another release" in _chosen(any_store).refusal
        schema.downgrade(any_store, "0005")
    schema.upgrade(any_store)
    assert calibrations.back(any_store, OPERATOR) == "packaged"
