"""Figures of our own work: how long people wait, what was taken back, whether probabilities still hold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import time_machine
from sqlalchemy import event as sql
from sqlalchemy.orm import Session

from models import calibration
from models.evaluation import mean_gap
from tests.domain.test_review import DRAFT
from tests.factories import make_account, make_fact_check, make_group, make_submission, suggest
from tests.scripted import ScriptedMatching, drain, send, tell
from tests.unit.test_intervals import sample
from triage import calibrations, erasure, objections, review
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import OPERATOR
from triage.quality import drift as drifting
from triage.quality.delays import Waits
from triage.quality.drift import Drift, drift
from triage.quality.figures import Quality, quality, stretches
from triage.quality.intervals import exact
from triage.quality.public import public_figures
from triage.tables import Answer, ClaimGroup, Decision, Notice, SuggestedMatch, TallyArea, TallyDelay
from triage.trends import tallies
from triage.trends.calendar import day_of

REGION = "35.08"
HOAX = "Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang juga"
OTHER = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam kata bidan desa sebelah"


# ---- How long people wait.


@pytest.mark.parametrize("unanswered", [0, 1, 7])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_quantile_is_that_of_the_messages_themselves(unanswered: int, share: float) -> None:
    given = [3, 3, 3, 8, 8, 60, 60, 120, 3600, 7200, 86_400]
    every = sorted([*map(float, given), *[math.inf] * unanswered])
    by_hand = every[math.ceil(share * len(every)) - 1]
    found = Waits(Counter(given), unanswered).quantile(share)
    assert found == (None if by_hand == math.inf else by_hand)


def test_quantiles_that_lie_among_the_unanswered_are_not_known() -> None:
    assert Waits().median is None
    assert Waits(Counter({5: 1}), 1).median == 5
    assert Waits(Counter({5: 1}), 2).median is None
    assert Waits(Counter({5: 9}), 1).ninth == 5
    assert Waits(Counter({5: 8}), 2).ninth is None
    assert (Waits(Counter({5: 1}), 1) + Waits(Counter({5: 2, 9: 1}))).answered == {5: 3, 9: 1}


def _tally(session: Session, day: date, messages: int, answered: dict[int, int], at_once: int = 0) -> None:
    session.add(
        TallyArea(
            day=day, district="35.08.01", channel="web", harm="other", verdict="", messages=messages,
            at_once=at_once, unanswered=messages - sum(answered.values()),
        )
    )  # fmt: skip
    session.add_all(TallyDelay(day=day, seconds=each, messages=number) for each, number in answered.items())


def test_weeks_and_months_are_cut_at_the_days_asked_for_and_quiet_ones_stand_too(any_store: Store) -> None:
    with any_store.write() as session:
        _tally(session, date(2026, 11, 1), 2, {4: 2}, 2)  # a Sunday
        _tally(session, date(2026, 11, 2), 3, {10: 1, 20: 2})  # the Monday after
        _tally(session, date(2026, 11, 17), 1, {})
    with any_store.read() as session:
        weeks = stretches(session, date(2026, 10, 30), date(2026, 11, 17), by_weeks=True)
        months = stretches(session, date(2026, 9, 15), date(2026, 11, 17), by_weeks=False)
    assert [(one.first, one.last) for one in weeks] == [
        (date(2026, 10, 30), date(2026, 11, 1)), (date(2026, 11, 2), date(2026, 11, 8)),
        (date(2026, 11, 9), date(2026, 11, 15)), (date(2026, 11, 16), date(2026, 11, 17)),
    ]  # fmt: skip
    assert [tuple(one.sums) for one in weeks] == [(2, 2, 0), (3, 0, 0), (0, 0, 0), (1, 0, 1)]
    assert [one.waits.median for one in weeks] == [4, 20, None, None]
    assert [(one.first, one.last) for one in months] == [
        (date(2026, 9, 15), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 17)),
    ]  # fmt: skip
    assert [tuple(one.sums) for one in months] == [(0, 0, 0), (0, 0, 0), (6, 2, 1)]
    assert (months[2].waits.median, months[2].waits.ninth) == (10, None)


# ---- What a day's work comes to.


def _quality(store: Store, config: Config, days: int = 7) -> Quality:
    today = day_of(config.wilayah, now())
    with store.read() as session:
        return quality(session, config, today - timedelta(days=days - 1), today)


def test_a_days_work_is_counted(any_store: Store, config: Config) -> None:
    store, matching = any_store, ScriptedMatching()
    with store.write() as session:
        check = make_fact_check(session).id
        siti, dewi = make_account(session), make_account(session, "penyetuju")
    matching.expect(HOAX, "answer", (check, 0.99))
    matching.expect(OTHER, "review", (check, 0.7))
    first = send(store, config, HOAX, "a")
    send(store, config, HOAX, "b")
    send(store, config, OTHER, "c")
    drain(store, matching)
    objections.object_to(store, config, first)
    with store.read() as session:
        groups = {group.band: group for group in session.query(ClaimGroup).filter_by(state="queued")}
        match = session.query(SuggestedMatch).filter_by(probability=0.7).one()
    assert len(groups) == 1
    review.reject(store, siti, match.group_id, match.id)
    review.send_back(store, dewi, review.decide(store, siti, match.group_id, DRAFT), "Sebutkan sumbernya.")
    review.approve(
        store, dewi, review.decide(store, siti, match.group_id, replace(DRAFT, explanation="Tidak benar."))
    )
    tell(store)
    with store.write() as session:
        kinds = ("corrected", "corrected", "retracted")
        session.add_all(
            Notice(
                fact_check_id=check,
                kind=kind,
                version=1,
                reason="r",
                author_id=dewi.account_id,
                created_at=now(),
            )
            for kind in kinds
        )
    tallies.count(store, config)
    found = _quality(store, config)
    assert tuple(found.sums) == (3, 1, 1)
    assert (found.confirmed, found.rejected) == (0, 1)
    assert (found.reviewed, found.returned) == (2, 1)
    assert (found.withdrawn, found.objections) == (1, 1)
    assert (found.corrected, found.retracted) == (2, 1)
    assert found.waits.messages == 3
    with time_machine.travel(now() + timedelta(days=30)):
        later = _quality(store, config)
    assert (later.rejected, later.reviewed, later.withdrawn, later.objections, later.corrected) == (0,) * 5


@pytest.mark.embedded
def test_figures_ask_a_bounded_number_of_questions_by_index(store: Store, config: Config) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, given: Any, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, given))

    sql.listen(store.engine, "before_cursor_execute", keep)
    _quality(store, config, days=90)
    with store.read() as session:
        public_figures(session, REGION)
    sql.remove(store.engine, "before_cursor_execute", keep)
    assert len(sent) <= 22
    with store.read() as session:
        plans = [
            str(row.detail)
            for statement, given in sent
            for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    growing = (
        "answer", "submission", "suggested_match", "decision", "claim_group", "event", "fact_check",
        "audited_answer", "notice",
    )  # fmt: skip
    assert plans
    # Also by an index: all of it is all that ever came.
    assert [plan for plan in plans if plan.startswith("SCAN ") and plan.split()[1] in growing] == []
    # By its state alone is all that was ever answered.
    assert [plan for plan in plans if "claim_group USING INDEX ix_claim_group_newest" in plan] == []


# ---- Whether probabilities still hold.


def _judge(
    session: Session, stated: float, said: str, at: datetime, by: int, *, rank: int = 1, likely: bool = True
) -> SuggestedMatch:
    group = make_group(session, band="review")
    match = suggest(session, group, make_fact_check(session), rank)
    match.probability, match.state, match.likely = stated, said, likely
    match.judged_by, match.judged_at = by, at
    return match


def _drift(store: Store) -> Drift:
    with store.read() as session:
        return drift(session, REGION, now() - timedelta(days=400), now() + timedelta(days=1))


def _judged(store: Store, given: Sequence[tuple[float, bool]], at: datetime | None = None) -> Drift:
    with store.write() as session:
        by = make_account(session).account_id
        for stated, same in given:
            _judge(session, stated, "confirmed" if same else "rejected", at or now(), by)
    return _drift(store)


def test_what_holds_fits_and_what_does_not_is_said_so(store: Store) -> None:
    fits = _judged(store, sample(1, 200))
    assert fits.finding == "fits"
    assert fits.all is not None
    assert fits.all.number == 200
    assert fits.brier is not None
    assert fits.error is not None
    assert fits.error < 0.15


def test_what_chance_alone_makes_of_the_error_is_told(store: Store) -> None:
    assert _drift(store).by_chance is None
    by_chance = _judged(store, sample(1, 60)).by_chance
    stated = np.array([each for each, _ in sample(1, 60)], np.float64)
    drawn = np.random.default_rng(7)
    by_hand = np.mean(
        [mean_gap(stated, (drawn.random(60) < stated).astype(np.float64)) for _ in range(2_000)]
    )
    assert by_chance == pytest.approx(by_hand, rel=0.06)


def test_of_too_many_judgements_the_newest_of_both_kinds_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "MOST", 2)
    with store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        group = make_group(session, band="review")
        suggest(session, group, make_fact_check(session))
        number = group.id
    review.approve(store, dewi, review.decide(store, siti, number, DRAFT))
    tell(store)
    later = now() + timedelta(minutes=5)
    found = _judged(store, [(0.8, True), (0.8, True)], later).all
    assert found is not None
    assert (found.number, found.same.value) == (2, 1.0), "what was passed over is older"


def test_a_machine_that_is_too_sure_is_found_out(any_store: Store) -> None:
    assert _judged(any_store, sample(1, 200, turned=0.25)).finding == "too sure"


def test_a_machine_that_is_too_unsure_is_found_out(store: Store) -> None:
    assert _judged(store, [(0.7, True)] * 100).finding == "too unsure"


def test_few_judgements_say_nothing(store: Store) -> None:
    assert _drift(store).finding == "few"
    assert _drift(store).all is None
    assert _judged(store, [(0.9, False)] * (drifting.LEAST - 1)).finding == "few"
    assert _judged(store, [(0.9, False)]).finding == "too sure"


def test_bins_and_months_hold_what_was_judged_in_them(store: Store) -> None:
    early = datetime.fromisoformat("2026-10-31T16:59:00+00:00")  # the last minute of October in Lumajang
    with time_machine.travel("2026-11-20T05:00:00+00:00"):
        _judged(store, [(0.65, True), (0.65, False), (0.7, True)], early)
        found = _judged(store, [(0.95, True)], early + timedelta(minutes=2))
    assert [(low, high, part.number, part.same) for low, high, part in found.bins] == [
        (0.6, 0.7, 2, exact(1, 2)), (0.7, 0.8, 1, exact(1, 1)), (0.9, 1.0, 1, exact(1, 1)),
    ]  # fmt: skip
    assert [(first, part.number, part.small) for first, part in found.months] == [
        (date(2026, 10, 1), 3, True), (date(2026, 11, 1), 1, True),
    ]  # fmt: skip
    assert found.brier == pytest.approx((0.35**2 + 0.65**2 + 0.3**2 + 0.05**2) / 4)


def test_only_best_and_likely_suggestions_count_that_came_to_people_by_themselves(store: Store) -> None:
    with store.write() as session:
        by = make_account(session).account_id
        _judge(session, 0.8, "confirmed", now(), by)
        _judge(session, 0.8, "confirmed", now(), by, rank=2)
        _judge(session, 0.3, "confirmed", now(), by, likely=False)
        answered = _judge(session, 0.99, "rejected", now(), by)
        message = session.get_one(ClaimGroup, answered.group_id).representative_id
        session.add(
            Answer(
                submission_id=message, fact_check_id=answered.fact_check_id, version=1, via="band",
                created_at=now() - timedelta(hours=1), withdrawn_at=now(),
            )
        )  # fmt: skip
        objected = _judge(session, 0.8, "rejected", now(), by)
        group = session.get_one(ClaimGroup, objected.group_id)
        group.representative_id = make_submission(session, objected_at=now(), state="assessed").id
    found = _drift(store).all
    assert found is not None
    assert (found.number, found.same.value) == (1, 1.0)


def test_what_was_judged_counts_also_when_a_later_message_stands_for_the_claim(
    any_store: Store, config: Config
) -> None:
    matching = ScriptedMatching()
    with any_store.write() as session:
        check, siti = make_fact_check(session).id, make_account(session)
    matching.expect(OTHER, "review", (check, 0.7))
    first = send(any_store, config, OTHER, "a")
    drain(any_store, matching)
    with any_store.read() as session:
        match = session.query(SuggestedMatch).one()
    review.confirm(any_store, siti, match.group_id, match.id)
    tell(any_store)
    send(any_store, config, OTHER, "b")
    drain(any_store, matching)
    with any_store.read() as session:
        assert {answer.via for answer in session.query(Answer)} == {"decision", "known"}
    before = _drift(any_store).all
    erasure.erase(any_store, config, first)
    assert before is not None
    assert before.number == 1
    assert _drift(any_store).all == before


def test_what_people_passed_over_for_a_check_of_their_own_was_wrong(any_store: Store) -> None:
    with any_store.write() as session:
        siti, dewi = make_account(session), make_account(session, "penyetuju")
        group = make_group(session, band="review")
        suggest(session, group, make_fact_check(session))
        number = group.id
    review.approve(any_store, dewi, review.decide(any_store, siti, number, DRAFT))
    assert _drift(any_store).all is None, "taken back for some seconds"
    tell(any_store)
    found = _drift(any_store).all
    assert found is not None
    assert (found.number, found.stated, found.same.value) == (1, 0.6, 0.0)
    with any_store.read() as session:
        assert session.query(Decision).one().state == "approved"


def test_the_error_that_was_stated_stands_beside(store: Store) -> None:
    assert _drift(store).promised is None
    packaged = calibration.load()
    learned = replace(packaged, figures={"calibration_error": 0.021})
    with store.write() as session:
        calibrations.bring_into_use(session, OPERATOR, learned, packaged, {})
    assert _drift(store).promised == 0.021
    calibrations.back(store, OPERATOR)
    assert _drift(store).promised is None
