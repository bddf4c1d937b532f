"""How good matching is on the measuring files: each figure with its interval, its data and their number."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.benchmark import Pair
from models.types import Band, MatchResult

DEPTH = 10
_RESAMPLES = 1000
_SEED = 20261124
_BINS = 10
_WIDTH = 40  # characters of the reliability diagram
_BANDS: tuple[Band, ...] = ("answer", "review", "new")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % bootstrap interval; `data` and `rows` say what it was measured on."""

    name: str
    data: str
    rows: int
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the line that is printed."""
        interval = f"[{self.low:.3f}, {self.high:.3f}]"
        return f"{self.data}, n={self.rows}: {self.name} {self.value:.3f} {interval}"


def ranking(pairs: Sequence[Pair], results: Sequence[MatchResult], data: str) -> list[Figure]:
    """Return recall at 1 and 10 and the mean reciprocal rank, strict and lenient, over all and by tier."""
    figures = []
    tiers = ["all", *sorted({pair.tier for pair in pairs})]
    for tier in tiers:
        chosen = [number for number, pair in enumerate(pairs) if tier in ("all", pair.tier)]
        for kind in ("strict", "lenient"):
            ranks = np.array([_rank(pairs[number], results[number], kind) for number in chosen])
            for name, values in (
                ("R@1", ranks == 1),
                (f"R@{DEPTH}", ranks <= DEPTH),
                (f"MRR@{DEPTH}", np.where(ranks <= DEPTH, 1.0 / ranks, 0.0)),
            ):
                figures.append(share(f"{kind} {name}", f"{data} ({tier})", values.astype(np.float64)))
    return figures


def bands(results: Sequence[MatchResult], data: str) -> list[Figure]:
    """Return which share of the messages landed in each band."""
    return [
        share(f"band {band}", data, np.array([result.band == band for result in results], dtype=np.float64))
        for band in _BANDS
    ]


def precision(pairs: Sequence[Pair], results: Sequence[MatchResult], data: str) -> list[Figure]:
    """Return how often the best match is right (lenient) in each band that shows one."""
    figures = []
    for band in _BANDS[:2]:
        right = [
            _rank(pair, result, "lenient") == 1
            for pair, result in zip(pairs, results, strict=True)
            if result.band == band
        ]
        if right:
            figures.append(share(f"right where the band is {band}", data, np.array(right, dtype=np.float64)))
    return figures


def calibration_error(pairs: Sequence[Pair], results: Sequence[MatchResult], data: str) -> Figure:
    """Return the expected calibration error of the best match's probability, in ten bins of equal size."""
    probability, right = _best(pairs, results)

    def error(rows: NDArray[np.intp]) -> float:
        return mean_gap(probability[rows], right[rows])

    return _bootstrapped("expected calibration error", data, len(right), error)


def mean_gap(promised: NDArray[np.float64], right: NDArray[np.float64], bins: int = _BINS) -> float:
    """Return the expected calibration error: the mean gap of bins of equal size, 0 to 1."""
    gaps = [
        abs(float(promised[part].mean() - right[part].mean())) * part.size for part in _parts(promised, bins)
    ]
    return sum(gaps) / promised.size


def gap_by_chance(promised: NDArray[np.float64], bins: int = _BINS) -> float:
    """Return about what `mean_gap` comes to where every promise holds: the fewer there are, the more."""
    spread = [float((promised[part] * (1 - promised[part])).sum()) for part in _parts(promised, bins)]
    return sum(math.sqrt(2 / math.pi * each) for each in spread) / promised.size


def _parts(promised: NDArray[np.float64], bins: int) -> list[NDArray[np.intp]]:
    return [part for part in np.array_split(np.argsort(promised, kind="stable"), bins) if part.size]


@dataclass(frozen=True, slots=True)
class Bin:
    """Best matches of nearly the same probability: how many, what was promised, and what was right."""

    rows: int
    promised: float
    right: float

    def __str__(self) -> str:
        """Return a line of the reliability diagram: `=` up to what was right, `|` at what was promised."""
        bar = "".join(
            "|" if place == round(self.promised * _WIDTH) else "=" if place < self.right * _WIDTH else " "
            for place in range(_WIDTH + 1)
        )
        return f"  promised {self.promised:.2f}, right {self.right:.2f}, n={self.rows:4d} {bar}"


def reliability(pairs: Sequence[Pair], results: Sequence[MatchResult]) -> list[Bin]:
    """Return the reliability diagram of the best match's probability, lenient, in tenths."""
    probability, right = _best(pairs, results)
    tenth = np.minimum((probability * _BINS).astype(np.intp), _BINS - 1)
    return [
        Bin(int(own.sum()), float(probability[own].mean()), float(right[own].mean()))
        for own in (tenth == number for number in range(_BINS))
        if own.any()
    ]


def _best(
    pairs: Sequence[Pair], results: Sequence[MatchResult]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return probability and rightness of the best match of each message that has one."""
    shown = [(pair, result) for pair, result in zip(pairs, results, strict=True) if result.matches]
    probability = np.array([result.matches[0].probability for _, result in shown])
    return probability, np.array([_rank(pair, result, "lenient") == 1 for pair, result in shown], np.float64)


def rank(result: MatchResult, wanted: frozenset[str]) -> float:
    """Return the place, from 1, of the first match that is wanted; infinite if none is."""
    places = (place for place, match in enumerate(result.matches, start=1) if match.target_id in wanted)
    return float(next(places, np.inf))


def _rank(pair: Pair, result: MatchResult, kind: str) -> float:
    return rank(result, frozenset([pair.strict]) if kind == "strict" else pair.lenient)


def share(name: str, data: str, values: NDArray[Any]) -> Figure:
    """Return the mean of true or false, or of numbers, with its interval."""
    return _bootstrapped(name, data, values.size, lambda rows: float(values[rows].mean()))


def _bootstrapped(name: str, data: str, rows: int, statistic: Callable[[NDArray[np.intp]], float]) -> Figure:
    if rows == 0:
        return Figure(name, data, 0, float("nan"), float("nan"), float("nan"))
    draw = np.random.default_rng(_SEED)
    resampled = [statistic(draw.integers(0, rows, rows)) for _ in range(_RESAMPLES)]
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Figure(name, data, rows, statistic(np.arange(rows)), float(low), float(high))
