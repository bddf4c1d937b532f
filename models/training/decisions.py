"""What people decided on matches, apart from where it is stored, and how a calibration stands up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, t

from models.calibration import CLASSES, Calibration, class_of
from models.evaluation import mean_gap

_ASIDE = 3  # one fact-check in so many is kept aside
LEAST_TAUGHT, LEAST_ASIDE, LEAST_OF_KIND = 60, 30, 8
"""Fewer decisions than this teach nothing, or prove nothing."""
_LEAST_GAIN = 0.01
_GAIN_BY_CHANCE, _ORDER_BY_CHANCE = 0.05, 0.01
_OF_A_BIN = 15
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Judged:
    """One message and entry, and whether it was right.

    `about`, `message`: the fact-check and the message's group; decisions on either stay together. `barred`:
    something forbids answering with it without a person. `by_people`: False where it was answered at once and
    nobody took that back; that says something of answers as a whole, and of this match nothing.
    """

    features: NDArray[np.float64]
    right: bool
    about: str
    message: str
    barred: bool
    by_people: bool = True

    @property
    def aside(self) -> bool:
        """Whether its fact-check is kept aside, the same in every run."""
        return crc32(self.about.encode()) % _ASIDE == 0


@dataclass(frozen=True)
class Parts:
    """Decisions to learn from, and those kept aside, never learned from, that judge what was learned."""

    judged: Sequence[Judged]

    @cached_property
    def aside(self) -> list[Judged]:
        """Those on fact-checks that are kept aside."""
        return [each for each in self.judged if each.aside]

    @cached_property
    def taught(self) -> list[Judged]:
        """The others, without messages of which a decision is kept aside."""
        apart = {each.message for each in self.aside}
        return [each for each in self.judged if not each.aside and each.message not in apart]

    @property
    def lacking(self) -> str:
        """What there is too little of, in words; nothing when there is enough."""
        parts = (("to learn from", self.taught, LEAST_TAUGHT), ("kept aside", self.aside, LEAST_ASIDE))
        return "; ".join(line for line in (_lacking(*part) for part in parts) if line)


def _lacking(name: str, judged: Sequence[Judged], least: int) -> str:
    right, wrong = (sum(each.by_people and each.right is kind for each in judged) for kind in (True, False))
    if right + wrong >= least and min(right, wrong) >= LEAST_OF_KIND:
        return ""
    return (
        f"{name}: {right} right and {wrong} wrong matches, {least} are needed, "
        f"{LEAST_OF_KIND} of each kind at least"
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """How a calibration does on decisions: mean log-loss, expected calibration error, answers by itself.

    `answered_wrong` of the `answered` were rejected or taken back; at the others nobody may have looked.
    """

    decisions: int
    log_loss: float
    calibration_error: float
    answered: int
    answered_wrong: int

    @property
    def precision(self) -> float | None:
        """Share of the answers that are right; None without any."""
        return 1 - self.answered_wrong / self.answered if self.answered else None


def promised(calibration: Calibration, judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return the probability that a calibration gives each match, shape (decisions,)."""
    if not judged:
        return np.empty(0)
    features = np.stack([each.features for each in judged])
    lines = np.array([calibration.lines[name] for name in CLASSES])
    kinds = [CLASSES.index(class_of(row[np.newaxis])) for row in features]
    slopes, intercepts = lines[kinds].T
    odds: NDArray[np.float64] = slopes * calibration.log_odds(features) + intercepts
    return 1.0 / (1.0 + np.exp(-odds))


def certain(calibration: Calibration, judged: Sequence[Judged]) -> NDArray[np.bool_]:
    """Tell which matches a calibration would answer by itself, shape (decisions,)."""
    free = np.array([not each.barred for each in judged], np.bool_)
    sure = free & (promised(calibration, judged) >= calibration.answer)
    return sure if calibration.guard is None else sure & certain(calibration.guard, judged)


def measure(calibration: Calibration, judged: Sequence[Judged]) -> Measured:
    """Hold a calibration against decisions, of which people made at least one."""
    people = [each for each in judged if each.by_people]
    right = np.array([each.right for each in people], np.float64)
    found = promised(calibration, people)
    answered = certain(calibration, judged)
    return Measured(
        decisions=len(people),
        log_loss=float(_losses(found, right).mean()),
        calibration_error=mean_gap(found, right, min(10, max(1, len(people) // _OF_A_BIN))),
        answered=int(answered.sum()),
        answered_wrong=sum(not each.right for each, sure in zip(judged, answered, strict=True) if sure),
    )


def shortcoming(tried: Calibration, current: Calibration, aside: Sequence[Judged]) -> str:
    """Say why `tried` is not better than `current` on decisions kept aside; nothing when it is.

    Better: log-loss falls by more than chance and by more than a trifle, no more answers are wrong, and right
    matches are likelier than wrong ones, so that decisions made at random teach nothing.
    """
    people = [each for each in aside if each.by_people]
    right = np.array([each.right for each in people], np.bool_)
    found = promised(tried, people)
    before = _losses(promised(current, people), right)
    gains = before - _losses(found, right)
    if gains.mean() <= max(_by_chance(gains, people), _LEAST_GAIN * before.mean()):
        return "not better on the decisions kept aside, or by no more than chance"
    if measure(tried, aside).answered_wrong > measure(current, aside).answered_wrong:
        return "it would have given more wrong answers"
    if mannwhitneyu(found[right], found[~right], alternative="greater").pvalue >= _ORDER_BY_CHANCE:
        return (
            "what people confirmed is no likelier than what they rejected, by any measure that matching has"
        )
    return ""


def _by_chance(gains: NDArray[np.float64], judged: Sequence[Judged]) -> float:
    """Return the mean gain that chance alone may bring; decisions on one fact-check are one witness."""
    sums: dict[str, float] = {}
    for gain, each in zip(gains - gains.mean(), judged, strict=True):
        sums[each.about] = sums.get(each.about, 0.0) + float(gain)
    witnesses = len(sums)
    if witnesses < 2:
        return float("inf")
    spread = np.sqrt(sum(value**2 for value in sums.values()) * witnesses / (witnesses - 1)) / len(judged)
    return float(t.isf(_GAIN_BY_CHANCE, witnesses - 1) * spread)


def _losses(found: NDArray[np.float64], right: NDArray[np.generic]) -> NDArray[np.float64]:
    losses: NDArray[np.float64] = -np.log(np.clip(np.where(right, found, 1 - found), _TINY, 1.0))
    return losses
