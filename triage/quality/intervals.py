"""How far a share that was found can be from the true one, and whether stated probabilities held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from scipy.stats import beta, norm

_LEVEL = 0.95


class Share(NamedTuple):
    """A share with its exact 95 % interval, each 0 to 1."""

    value: float
    low: float
    high: float


class Fit(NamedTuple):
    """Whether what came true fits stated probabilities: how likely so large a `z` is if it does."""

    z: float
    chance: float


def exact(hits: float, of: float) -> Share:
    """Return the share of `hits` and its interval by Clopper and Pearson; `of` is above 0.

    Neither need be whole: of draws with unequal chances they are effective numbers (Korn and Graubard).
    """
    tail = (1 - _LEVEL) / 2
    low = float(beta.ppf(tail, hits, of - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, of - hits)) if hits < of else 1.0
    return Share(hits / of, low, high)


def weighted(hits: Sequence[float], misses: Sequence[float]) -> Share | None:
    """Return the share of hits where each counts for as many as its weight says; None of nothing."""
    weights = [*hits, *misses]
    if not weights:
        return None
    if len(set(weights)) == 1:
        return exact(len(hits), len(weights))
    total = sum(weights)
    effective = total**2 / sum(weight**2 for weight in weights)
    return exact(effective * sum(hits) / total, effective)


def spiegelhalter(stated: Sequence[float], true: Sequence[bool]) -> Fit | None:
    """Test stated probabilities (each above 0 and below 1) against what came true, by Spiegelhalter's z.

    None where they say nothing that could be tested: there are none, or each is one half.
    """
    pairs = list(zip(stated, true, strict=True))
    spread = sum((1 - 2 * p) ** 2 * p * (1 - p) for p in stated)
    if spread <= 0:
        return None
    z = sum((came - p) * (1 - 2 * p) for p, came in pairs) / math.sqrt(spread)
    return Fit(z, float(2 * norm.sf(abs(z))))
