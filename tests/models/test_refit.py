"""Learning from decisions, without a store: what is kept aside, what a few decisions may do, what guards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from models import calibration
from models.calibration import INPUTS, Calibration
from models.features import NAMES
from models.training import refit
from models.training.decisions import (
    LEAST_ASIDE,
    LEAST_OF_KIND,
    LEAST_TAUGHT,
    Judged,
    Parts,
    certain,
    measure,
    promised,
    shortcoming,
)

PACKAGED = calibration.load()
TELLING = NAMES.index("crowd")
_INPUT = INPUTS.index("crowd")
NEARLY = PACKAGED.answer - 0.005
"""Too little to be answered, by a hair."""


def make(
    number: int, *, right: bool, telling: float = 0.5, margin: float | None = None, **fields: object
) -> Judged:
    """One decision; `margin` moves its probability, `telling`, 0 to 1, is what planted decisions go by."""
    features = PACKAGED.neutral.copy()
    features[NAMES.index("query_words")] = np.log1p(20)
    features[NAMES.index("foreign")] = 0.0
    features[TELLING] = PACKAGED.means[_INPUT] + PACKAGED.scales[_INPUT] * (telling - 0.5)
    if margin is not None:
        features[NAMES.index("margin")] = margin
    values: dict[str, object] = {"about": str(number), "message": f"m{number}", "barred": False}
    return Judged(features, right, **(values | fields))  # type: ignore[arg-type]


def planted(count: int, seed: int = 3) -> list[Judged]:
    draw = np.random.default_rng(seed)
    return [
        make(number, right=bool(telling > 0.5), telling=float(telling))
        for number, telling in enumerate(draw.random(count))
    ]


def at(probability: float, calibrated: Calibration = PACKAGED) -> float:
    """Return the margin at which a decision has this probability."""
    low, high = -100.0, 100.0
    for _ in range(80):
        middle = (low + high) / 2
        below = promised(calibrated, [make(0, right=True, margin=middle)])[0] < probability
        low, high = (middle, high) if below else (low, middle)
    return high


@pytest.fixture(scope="module")
def heights() -> dict[float, float]:
    return {probability: at(probability) for probability in (0.3, 0.9, NEARLY, 0.99)}


def test_decisions_on_one_fact_check_or_one_message_stay_together() -> None:
    draw = np.random.default_rng(5)
    judged = [
        make(number, right=True, about=str(draw.integers(60)), message=f"m{draw.integers(90)}")
        for number in range(300)
    ]
    parts = Parts(judged)
    for name in ("about", "message"):
        here, there = ({getattr(each, name) for each in part} for part in (parts.taught, parts.aside))
        assert here
        assert there
        assert not here & there
    fewer = Parts(judged[:150])
    assert {id(each) for each in fewer.aside} == {id(each) for each in parts.aside} & set(
        map(id, judged[:150])
    )
    assert {id(each) for each in parts.aside}.isdisjoint(map(id, fewer.taught))


def test_what_is_kept_aside_is_about_a_third() -> None:
    parts = Parts([make(number, right=True) for number in range(3000)])
    assert 0.28 < len(parts.aside) / 3000 < 0.39


def test_it_says_of_which_decisions_there_are_too_few() -> None:
    assert Parts(planted(300)).lacking == ""
    assert f"{LEAST_TAUGHT} are needed" in Parts(planted(40)).lacking
    assert f"kept aside: 0 right and 0 wrong matches, {LEAST_ASIDE}" in Parts(planted(0)).lacking
    only_right = Parts([make(number, right=True) for number in range(300)])
    assert f"0 wrong matches, {LEAST_TAUGHT} are needed, {LEAST_OF_KIND} of each" in only_right.lacking
    unasked = Parts([replace(each, by_people=False) for each in planted(300)])
    assert "0 right and 0 wrong" in unasked.lacking


def test_measured_by_hand(heights: dict[float, float]) -> None:
    sure = partial(make, margin=heights[0.99])
    judged = [
        sure(1, right=True),
        sure(2, right=False),
        sure(3, right=False, barred=True),
        sure(4, right=True, by_people=False),
        make(5, right=False, margin=heights[0.3]),
    ]
    found = measure(PACKAGED, judged)
    assert found.decisions == 4
    assert found.log_loss == pytest.approx(-np.log([0.99, 0.01, 0.01, 0.7]).mean(), abs=1e-6)
    assert found.calibration_error == pytest.approx((0.99 * 3 + 0.3) / 4 - 0.25, abs=1e-6)
    assert (found.answered, found.answered_wrong, found.precision) == (3, 1, pytest.approx(2 / 3))
    assert measure(PACKAGED, judged[4:]).precision is None


def test_what_decisions_follow_is_learned() -> None:
    parts = Parts(planted(240))
    learned = refit.refit(PACKAGED, parts, "2026-11")
    assert shortcoming(learned, PACKAGED, parts.aside) == ""
    assert measure(learned, parts.aside).log_loss < 0.7 * measure(PACKAGED, parts.aside).log_loss
    assert (learned.date, learned.encoder) == ("2026-11", PACKAGED.encoder)
    assert "decisions" in learned.data


def test_learning_again_from_the_same_gives_the_same() -> None:
    parts = Parts(planted(240))
    first, again = (refit.refit(PACKAGED, parts, "2026-11") for _ in range(2))
    assert first.identity == again.identity
    assert "in use" not in shortcoming(first, PACKAGED, parts.aside)
    assert shortcoming(again, first, parts.aside).startswith("not better")


def test_decisions_made_at_random_are_not_better() -> None:
    for seed in range(5):
        draw = np.random.default_rng(100 + seed)
        judged = [replace(each, right=bool(draw.random() > 0.5)) for each in planted(240, seed)]
        parts = Parts(judged)
        assert shortcoming(refit.refit(PACKAGED, parts, "2026-11"), PACKAGED, parts.aside) != ""


def test_a_few_decisions_move_weights_less_than_many() -> None:
    def moved(count: int) -> float:
        learned = refit.refit(PACKAGED, Parts(planted(count)), "2026-11")
        return float(np.abs(learned.weights - PACKAGED.weights).sum())

    assert 0 < moved(100) < moved(1000)


def test_what_one_fact_check_gains_is_no_proof() -> None:
    parts = Parts(planted(240))
    learned = refit.refit(PACKAGED, parts, "2026-11")
    once = [replace(each, about="1") for each in parts.aside]
    assert shortcoming(learned, PACKAGED, parts.aside) == ""
    assert shortcoming(learned, PACKAGED, once).startswith("not better")


def _answerable(heights: dict[float, float], wrong: int, count: int, height: float) -> list[Judged]:
    """Return matches near the height of an answer, the first `wrong` ones wrong."""
    return [
        make(1000 + number, right=number >= wrong, margin=heights[height] + number * 1e-6)
        for number in range(count)
    ]


@pytest.mark.parametrize(("wrong", "count", "raised"), [(0, 60, False), (1, 60, False), (30, 60, True)])
def test_answers_begin_higher_once_too_many_were_wrong_and_never_lower(
    heights: dict[float, float], wrong: int, count: int, raised: bool
) -> None:
    # What stands between them says that the probabilities are right, so that only the bound can move.
    calm = [make(number, right=number % 10 < 3, margin=heights[0.3]) for number in range(400)]
    able = [replace(each, by_people=False) for each in _answerable(heights, wrong, count, 0.99)]
    learned = refit.refit(PACKAGED, Parts(calm + able), "2026-11")
    assert learned.answer >= PACKAGED.answer
    assert (learned.answer > PACKAGED.answer) == raised


def test_what_is_barred_from_answering_does_not_end_all_answers(heights: dict[float, float]) -> None:
    calm = [make(number, right=number % 10 < 3, margin=heights[0.3]) for number in range(400)]
    denials = [replace(each, barred=True, by_people=False) for each in _answerable(heights, 60, 60, 0.99)]
    assert refit.refit(PACKAGED, Parts(calm + denials), "2026-11").answer == PACKAGED.answer


def _nearly(heights: dict[float, float], count: int, wrong_aside: int = 0) -> list[Judged]:
    """Return what people nearly always confirmed though the program's own numbers would not answer it.

    What lies far below was as often right as these numbers promised.
    """
    below = [make(number, right=number % 10 < 3, margin=heights[0.3]) for number in range(5000, 5000 + count)]
    nearly = [make(number, right=True, margin=heights[NEARLY]) for number in range(count)]
    assert not certain(PACKAGED, nearly).any()
    left = wrong_aside
    for place, each in enumerate(nearly):
        if each.aside and left:
            nearly[place], left = replace(each, right=False), left - 1
    return nearly + below


def test_nothing_is_answered_that_the_packaged_numbers_would_not_until_it_is_proven(
    heights: dict[float, float],
) -> None:
    few = Parts(_nearly(heights, 200))
    learned = refit.refit(PACKAGED, few, "2026-11")
    assert 0 < refit.newly_answered(learned, PACKAGED, few.aside).sum() < refit.PROOF
    assert learned.guard is PACKAGED
    assert not (certain(learned, few.judged) & ~certain(PACKAGED, few.judged)).any()


def test_a_hundred_right_ones_kept_aside_lift_the_guard_and_one_wrong_one_keeps_it(
    heights: dict[float, float],
) -> None:
    many = Parts(_nearly(heights, 600))
    learned = refit.refit(PACKAGED, many, "2026-11")
    assert learned.guard is None
    assert refit.newly_answered(learned, PACKAGED, many.aside).sum() >= refit.PROOF
    spoilt = Parts(_nearly(heights, 600, wrong_aside=1))
    assert refit.refit(PACKAGED, spoilt, "2026-11").guard is PACKAGED


def test_more_wrong_answers_are_no_improvement(heights: dict[float, float]) -> None:
    parts = Parts(planted(240))
    learned = replace(refit.refit(PACKAGED, parts, "2026-11"), guard=None, answer=0.0)
    assert "wrong answers" in shortcoming(learned, PACKAGED, parts.aside)


def _written(learned: Calibration, folder: Path) -> Calibration:
    calibration.save(learned, folder / "learned.json")
    return calibration.load(folder / "learned.json")


def test_a_guarded_calibration_reads_back_as_written(tmp_path: Path, heights: dict[float, float]) -> None:
    learned = refit.refit(PACKAGED, Parts(_nearly(heights, 200)), "2026-11")
    read = _written(learned, tmp_path)
    assert read.identity == learned.identity
    assert read.identity != replace(learned, guard=None).identity
    assert read.guard is not None
    judged: Sequence[Judged] = _nearly(heights, 20) + _answerable(heights, 0, 20, 0.99)
    assert (certain(read, judged) == certain(learned, judged)).all()
    rows = np.stack([each.features for each in judged])
    assert (read.vouched(rows) == (promised(PACKAGED, judged) >= PACKAGED.answer)).all()
    assert PACKAGED.vouched(rows).all()
