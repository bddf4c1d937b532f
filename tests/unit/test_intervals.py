"""The statistics of audits and drift: draws that are even, exact intervals, a test that rarely lies."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from scipy.stats import binom, chisquare, kstest, norm

from triage.quality import drawing
from triage.quality.drift import ALARM
from triage.quality.intervals import exact, spiegelhalter, weighted


def test_every_answer_has_the_same_chance_whatever_its_number() -> None:
    share, numbers = 0.05, range(1, 200_001)
    drawn = [number for number in numbers if drawing.is_drawn("a" * 40, share, number)]
    low, high = binom.ppf([0.0005, 0.9995], len(numbers), share)
    assert low <= len(drawn) <= high
    tenths = [sum(number % 10 == last for number in drawn) for last in range(10)]
    assert chisquare(tenths).pvalue > 0.001
    assert kstest([number / len(numbers) for number in drawn], "uniform").pvalue > 0.001


def test_a_draw_tells_nothing_of_the_next_or_of_another_installation() -> None:
    numbers = range(1, 100_001)
    one, other = ([drawing.is_drawn(secret * 40, 0.1, number) for number in numbers] for secret in ("a", "b"))
    both = sum(mine and theirs for mine, theirs in zip(one, other, strict=True))
    follows = sum(before and after for before, after in pairwise(one))
    low, high = binom.ppf([0.0005, 0.9995], len(numbers), 0.01)
    assert low <= both <= high
    assert low <= follows <= high


def test_a_larger_share_draws_all_that_a_smaller_one_does() -> None:
    small = {number for number in range(1, 5_000) if drawing.is_drawn("a" * 40, 0.02, number)}
    large = {number for number in range(1, 5_000) if drawing.is_drawn("a" * 40, 0.2, number)}
    assert small
    assert small < large


def _by_hand(hits: int, of: int, tail: Fraction) -> tuple[Fraction, Fraction]:
    """The interval of Clopper and Pearson by its definition, from binomial sums, to 1/2^40."""

    def at_least(p: Fraction) -> Fraction:
        return sum((comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits, of + 1)), Fraction(0))

    def at_most(p: Fraction) -> Fraction:
        return sum((comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(hits + 1)), Fraction(0))

    def crossing(rises: bool) -> Fraction:
        low, high = Fraction(0), Fraction(1)
        for _ in range(40):
            middle = (low + high) / 2
            above = at_least(middle) > tail if rises else at_most(middle) < tail
            low, high = (low, middle) if above else (middle, high)
        return low

    return (
        crossing(rises=True) if hits else Fraction(0),
        crossing(rises=False) if hits < of else Fraction(1),
    )


@pytest.mark.parametrize(("hits", "of"), [(0, 5), (1, 7), (3, 12), (9, 9), (1, 1), (0, 1), (6, 13)])
def test_the_interval_is_the_exact_one(hits: int, of: int) -> None:
    low, high = _by_hand(hits, of, Fraction(25, 1000))
    found = exact(hits, of)
    assert found.low == pytest.approx(float(low), abs=1e-9)
    assert found.high == pytest.approx(float(high), abs=1e-9)
    assert found.value == hits / of


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    for of, true in ((20, 0.05), (60, 0.02), (150, 0.1)):
        held = sum(
            float(binom.pmf(hits, of, true))
            for hits in range(of + 1)
            if exact(hits, of).low <= true <= exact(hits, of).high
        )
        assert held >= 0.95


def test_equal_weights_are_no_weights_and_unequal_ones_are_undone() -> None:
    even = weighted([20.0], [20.0] * 19)
    assert even is not None
    assert even == pytest.approx(exact(1, 20))
    assert weighted([], []) is None
    # Of 100 answers with 10 wrong a tenth was drawn, of 100 with none the half.
    uneven = weighted([10.0], [10.0] * 9 + [2.0] * 50)
    assert uneven is not None
    assert uneven.value == pytest.approx(10 / 200)
    assert uneven.low < uneven.value < uneven.high
    assert uneven.high - uneven.low > exact(3, 60).high - exact(3, 60).low


def sample(seed: int, number: int, turned: float = 0.0) -> list[tuple[float, bool]]:
    """Judgements that come true as stated, or by so much less."""
    drawn = np.random.default_rng(seed)
    stated = drawn.uniform(0.62, 0.97, number)
    return [(float(p), bool(drawn.random() < p - turned)) for p in stated]


def test_spiegelhalters_z_is_that_of_its_definition() -> None:
    given = sample(3, 50)
    stated, same = np.array([p for p, _ in given]), np.array([one for _, one in given], float)
    brier = np.mean((stated - same) ** 2)
    expected = np.mean(stated * (1 - stated))
    deviation = math.sqrt(np.sum((1 - 2 * stated) ** 2 * stated * (1 - stated))) / len(given)
    found = spiegelhalter([p for p, _ in given], [one for _, one in given])
    assert found is not None
    assert found.z == pytest.approx((brier - expected) / deviation)
    assert found.chance == pytest.approx(2 * norm.sf(abs(found.z)))
    assert spiegelhalter([], []) is None
    assert spiegelhalter([0.5, 0.5], [True, False]) is None


def test_where_probabilities_hold_an_alarm_is_rare() -> None:
    chances = []
    for seed in range(400):
        found = spiegelhalter(*map(list, zip(*sample(seed, 200), strict=True)))
        assert found is not None
        chances.append(found.chance)
    assert sum(chance < ALARM for chance in chances) <= 12
