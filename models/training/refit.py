"""Learning from decisions: the re-ranker's weights follow what people confirmed and rejected.

A few decisions must not overturn what thousands of pairs taught: weights are only moved away from where they
begin as far as the decisions pay for it, and how dear that is is found by cross-validation. They begin where
the program's own are, never at those learned before, which have seen the same decisions already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import binom

from models.calibration import CLASSES, Calibration, Line, class_of
from models.training.decisions import Judged, Parts, certain, promised

_PENALTIES = (3.0, 30.0, 300.0, 3000.0)
_FOLDS = 4
PROOF = 100
"""So many answers kept aside without a wrong one, and the numbers may answer what the program's own would
not: by the rule of three at most 3 in 100 of such answers are wrong then, 95 times out of 100.
"""
_WRONG_ANSWERS = 0.03  # the share that is borne
_UNLIKELY = 0.05


def refit(start: Calibration, parts: Parts, date: str) -> Calibration:
    """Return `start` with weights and lines moved by the decisions that are not kept aside.

    Decisions tell only of what people were shown. So `answer` never begins below where it does in `start`,
    begins higher where answers were wrong too often, and `start` remains the guard of what is answered until
    `PROOF` decisions kept aside show that it need not be. `parts` must be enough (`decisions.Parts.lacking`).
    """
    taught = [each for each in parts.taught if each.by_people]
    problem = _Problem.of(start, taught)
    folds = np.array([crc32(f"fold {each.about}".encode()) % _FOLDS for each in taught])
    penalty = min(_PENALTIES, key=lambda each: _unseen_loss(problem, folds, each))
    moved = problem.solve(penalty, np.ones(len(taught), np.bool_))
    free = replace(
        start,
        data=f"{start.data}; {len(taught)} decisions",
        date=date,
        weights=moved[: start.weights.size],
        intercept=float(moved[start.weights.size]),
        lines={
            name: Line(start.lines[name].slope, float(shift))
            for name, shift in zip(CLASSES, moved[start.weights.size + 1 :], strict=True)
        },
        figures={},
    )
    free = replace(free, answer=_answer_from(free, start.answer, parts.taught))
    return free if _proven(free, start, parts.aside) else replace(free, guard=start)


def newly_answered(tried: Calibration, start: Calibration, judged: Sequence[Judged]) -> NDArray[np.bool_]:
    """Tell which of these matches that people judged `start` would not answer by itself and `tried` would."""
    asked = np.array([each.by_people for each in judged], np.bool_)
    newly: NDArray[np.bool_] = asked & certain(replace(tried, guard=None), judged) & ~certain(start, judged)
    return newly


def _proven(tried: Calibration, start: Calibration, aside: Sequence[Judged]) -> bool:
    newly = newly_answered(tried, start, aside)
    return int(newly.sum()) >= PROOF and all(
        each.right for each, new in zip(aside, newly, strict=True) if new
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """Decisions as numbers; what is looked for: weights, intercept, and the shift of each class's line.

    `inputs`: standardised inputs and a 1, times the slope of the class, then which class it is.
    """

    inputs: NDArray[np.float64]
    right: NDArray[np.float64]
    start: NDArray[np.float64]

    @classmethod
    def of(cls, start: Calibration, judged: Sequence[Judged]) -> Self:
        features = np.stack([each.features for each in judged])
        kinds = np.array([CLASSES.index(class_of(row[np.newaxis])) for row in features])
        slopes = np.array([start.lines[name].slope for name in CLASSES])[kinds, np.newaxis]
        weighed = np.column_stack([start.inputs(features), np.ones(len(judged))])
        return cls(
            inputs=np.column_stack([weighed * slopes, np.eye(len(CLASSES))[kinds]]),
            right=np.array([each.right for each in judged], np.float64),
            start=np.array([*start.weights, start.intercept, *(start.lines[n].intercept for n in CLASSES)]),
        )

    def solve(self, penalty: float, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return what suits the chosen decisions and stays near the start."""
        x, y = self.inputs[chosen], self.right[chosen]

        def cost(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            odds, moved = x @ values, values - self.start
            loss = float(np.logaddexp(0.0, odds).sum() - y @ odds + penalty / 2 * moved @ moved)
            return loss, x.T @ (1 / (1 + np.exp(-odds)) - y) + penalty * moved

        found: NDArray[np.float64] = minimize(cost, self.start, jac=True, method="L-BFGS-B").x
        return found

    def loss(self, values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
        """Return the log-loss of the chosen decisions, summed."""
        odds = self.inputs @ values
        return float((np.logaddexp(0.0, odds) - self.right * odds)[chosen].sum())


def _unseen_loss(problem: _Problem, folds: NDArray[np.intp], penalty: float) -> float:
    return sum(problem.loss(problem.solve(penalty, folds != fold), folds == fold) for fold in range(_FOLDS))


def _answer_from(tried: Calibration, least: float, taught: Sequence[Judged]) -> float:
    """Return the least probability, from `least` on, whose answers do not speak against what is borne.

    They do when, of so many answers with `_WRONG_ANSWERS` wrong ones among them, so many wrong ones would be
    unlikely: one wrong answer among a few must not end all answering.
    """
    able = [each for each in taught if not each.barred]
    found = promised(tried, able)
    wrong = ~np.array([each.right for each in able], np.bool_)
    # Just above a wrong one, in steps of what is stored.
    for height in (least, *(np.sort(found[wrong & (found >= least)]) + 1e-4)):
        answered = found >= height
        if binom.sf(wrong[answered].sum() - 1, answered.sum(), _WRONG_ANSWERS) > _UNLIKELY:
            break
    return float(np.ceil(height * 1e4 - 1e-6) / 1e4)
