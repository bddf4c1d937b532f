"""What each kind of noise costs: the same messages matched as they are and as villagers might send them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from models import evaluation, noise
from models.benchmark import Pair
from models.evaluation import Figure
from models.types import MatchResult

SAMPLE = 300
PLAIN = "plain"
_SEED = 20261125
_SHOWN = ("lenient R@1", "lenient R@10", "band answer", "right where the band is answer")

Matching = Callable[[Sequence[str]], list[MatchResult]]


def sample(pairs: Sequence[Pair], size: int = SAMPLE) -> list[Pair]:
    """Choose `size` of the pairs, always the same ones, in their order."""
    chosen = np.random.default_rng(_SEED).permutation(len(pairs))[:size]
    return [pairs[place] for place in sorted(chosen)]


def noisy(pairs: Sequence[Pair], kind: str) -> list[Pair]:
    """Return the pairs with their messages under a kind of noise, the same at every call."""
    change = noise.KINDS[kind]
    return [
        replace(pair, query=change(pair.query, Random(f"{_SEED} {kind} {place}")))  # noqa: S311 - repeatable
        for place, pair in enumerate(pairs)
    ]


def costs(pairs: Sequence[Pair], match: Matching) -> Iterator[Figure]:
    """Yield recall, the share answered and its precision: of the pairs as they are, then by kind of noise."""
    for kind in (PLAIN, *noise.KINDS):
        changed = list(pairs) if kind == PLAIN else noisy(pairs, kind)
        results = match([pair.query for pair in changed])
        alike = [replace(pair, tier="any") for pair in changed]
        figures = [*evaluation.ranking(alike, results, kind), *evaluation.bands(results, kind)]
        figures += evaluation.precision(alike, results, kind)
        found = {figure.name: replace(figure, data=kind) for figure in figures}
        yield from (found[name] for name in _SHOWN if name in found)
