"""Learning from decisions: the re-ranker's weights follow what people confirmed and rejected.

A few decisions must not overturn what thousands of pairs taught: weights are only moved away from where they
are as far as the decisions pay for it, and how dear that is is found by cross-validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import CLASSES, INPUTS, Calibration, class_of

ASIDE = 3
"""One fact-check in so many is kept aside: decisions on it judge what the others taught."""
LEAST_TAUGHT, LEAST_ASIDE = 60, 30
"""Fewer decisions than this teach nothing, or prove nothing."""
_LEAST_OF_KIND = 8
_PENALTIES = (3.0, 30.0, 300.0, 3000.0)
_FOLDS = 4
_PRECISION = 0.975
_TINY = 1e-12
_LEAST_GAIN = 0.01


@dataclass(frozen=True, slots=True)
class Judged:
    """One message and entry that people judged. `about`: the fact-check, whose decisions stay together."""

    features: NDArray[np.float64]
    right: bool
    about: str

    @property
    def aside(self) -> bool:
        """Whether it is kept aside, the same in every run."""
        return crc32(self.about.encode()) % ASIDE == 0


@dataclass(frozen=True, slots=True)
class Measured:
    """How a calibration does on decisions: mean log-loss, and what it would have answered by itself."""

    decisions: int
    log_loss: float
    answered: int
    answered_wrong: int


class TooFewDecisions(Exception):
    """There are not enough decisions of both kinds to learn from, or to judge by."""


def measure(calibration: Calibration, judged: Sequence[Judged]) -> Measured:
    """Hold a calibration against decisions."""
    promised, right = _promised(calibration, judged), np.array([each.right for each in judged])
    answered = promised >= calibration.answer
    loss = float(_losses(promised, right).mean())
    return Measured(len(judged), loss, int(answered.sum()), int((answered & ~right).sum()))


def is_better(tried: Calibration, current: Calibration, judged: Sequence[Judged]) -> bool:
    """Tell whether `tried` does better on decisions by more than chance, and answers no more of them wrong.

    By more than chance: the gain in log-loss is more than its standard error, and a part of the loss that is
    worth new numbers.
    """
    right = np.array([each.right for each in judged])
    before = _losses(_promised(current, judged), right)
    gains = before - _losses(_promised(tried, judged), right)
    least = max(gains.std() / len(judged) ** 0.5, _LEAST_GAIN * before.mean())
    wrong_now, wrong_then = (measure(each, judged).answered_wrong for each in (current, tried))
    return bool(gains.mean() > least) and wrong_then <= wrong_now


def _promised(calibration: Calibration, judged: Sequence[Judged]) -> NDArray[np.float64]:
    return np.array([calibration.probabilities(each.features[np.newaxis])[0] for each in judged])


def _losses(promised: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    losses: NDArray[np.float64] = -np.log(np.clip(np.where(right, promised, 1 - promised), _TINY, 1.0))
    return losses


def refit(current: Calibration, judged: Sequence[Judged]) -> Calibration:
    """Return `current` with weights moved by those decisions that are not kept aside.

    Where `answer` begins only ever rises: decisions are made on what was shown, not on what circulates.
    Raises TooFewDecisions.
    """
    taught = [each for each in judged if not each.aside]
    require_enough(taught, LEAST_TAUGHT)
    require_enough([each for each in judged if each.aside], LEAST_ASIDE)
    problem = _Problem.of(current, taught)
    folds = np.array([crc32(f"fold {each.about}".encode()) % _FOLDS for each in taught])
    penalty = min(_PENALTIES, key=lambda each: _unseen_loss(problem, folds, each))
    weights, intercept = problem.solve(penalty, np.ones(len(taught), np.bool_))
    learned = replace(current, weights=weights, intercept=intercept, data=f"{current.data}, decisions")
    return replace(learned, answer=max(current.answer, _precise_from(learned, taught)))


def require_enough(judged: Sequence[Judged], least: int) -> None:
    """Raise TooFewDecisions unless there are `least` decisions, some of each kind."""
    right = sum(each.right for each in judged)
    if len(judged) < least or min(right, len(judged) - right) < _LEAST_OF_KIND:
        raise TooFewDecisions(
            f"{right} confirmed and {len(judged) - right} rejected; {least} are needed, "
            f"{_LEAST_OF_KIND} of each kind at least"
        )


@dataclass(frozen=True, slots=True)
class _Problem:
    """Inputs and rightness of decisions, and the line of each one's class."""

    inputs: NDArray[np.float64]
    right: NDArray[np.float64]
    slopes: NDArray[np.float64]
    shifts: NDArray[np.float64]
    start: NDArray[np.float64]

    @classmethod
    def of(cls, current: Calibration, judged: Sequence[Judged]) -> _Problem:
        features = np.stack([each.features for each in judged])
        kinds = [CLASSES.index(class_of(each.features[np.newaxis])) for each in judged]
        lines = np.array([current.lines[CLASSES[kind]] for kind in kinds])
        return cls(
            inputs=np.column_stack([current.inputs(features), np.ones(len(judged))]),
            right=np.array([each.right for each in judged], np.float64),
            slopes=lines[:, 0],
            shifts=lines[:, 1],
            start=np.append(current.weights, current.intercept),
        )

    def solve(self, penalty: float, chosen: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
        """Return weights and intercept that suit the chosen decisions and stay near where they were."""
        x, y = self.inputs[chosen] * self.slopes[chosen, np.newaxis], self.right[chosen]
        shifts = self.shifts[chosen]

        def cost(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            odds, moved = x @ weights + shifts, weights - self.start
            loss = float(np.logaddexp(0.0, odds).sum() - y @ odds + penalty / 2 * moved @ moved)
            return loss, x.T @ (1 / (1 + np.exp(-odds)) - y) + penalty * moved

        found = minimize(cost, self.start, jac=True, method="L-BFGS-B").x
        assert found.size == len(INPUTS) + 1  # noqa: S101 - the shape of what went in
        return found[:-1], float(found[-1])

    def loss(self, weights: NDArray[np.float64], intercept: float, chosen: NDArray[np.bool_]) -> float:
        """Return the log-loss of the chosen decisions, summed."""
        odds = self.slopes * (self.inputs @ np.append(weights, intercept)) + self.shifts
        return float((np.logaddexp(0.0, odds) - self.right * odds)[chosen].sum())


def _unseen_loss(problem: _Problem, folds: NDArray[np.intp], penalty: float) -> float:
    return sum(problem.loss(*problem.solve(penalty, folds != fold), folds == fold) for fold in range(_FOLDS))


def _precise_from(learned: Calibration, taught: Sequence[Judged]) -> float:
    """Return the least probability from which on nearly all of the decisions were confirmations."""
    promised = _promised(learned, taught)
    order = np.argsort(-promised)
    right = np.array([each.right for each in taught])[order]
    wrong_above = np.cumsum(~right) / np.arange(1, right.size + 1) > 1 - _PRECISION
    if not wrong_above.any():
        return 0.0
    if not (~wrong_above).any():
        return 1.0
    return float(promised[order[np.flatnonzero(~wrong_above)[-1]]])
