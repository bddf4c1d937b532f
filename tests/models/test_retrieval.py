from __future__ import annotations

import numpy as np
import pytest

from models.retrieval import Background, _best_entries, _top


@pytest.mark.parametrize("size", [1, 5, 256, 3000, 40 * 256, 20_001])
def test_the_highest_scores_are_found_among_any_number(size: int) -> None:
    scores = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    for count in (1, 5, 30):
        assert _top(scores, count).tolist() == np.argsort(-scores, kind="stable")[:count].tolist()


class _Starts:
    """What choosing entries needs of an archive."""

    def __init__(self, starts: list[int]) -> None:
        self.starts = np.array(starts)


def test_an_entry_counts_by_its_best_wording() -> None:
    # One entry has ten of the eleven best wordings.
    scores = np.concatenate([np.linspace(9.0, 8.0, 10), [0.1, 0.2, 8.5, 0.0]]).astype(np.float32)
    archive = _Starts([0, 10, 11, 13])
    assert sorted(_best_entries(archive, scores, 2).tolist()) == [0, 2]  # type: ignore[arg-type]
    assert sorted(_best_entries(archive, scores, 3).tolist()) == [0, 1, 2]  # type: ignore[arg-type]
    assert sorted(_best_entries(archive, scores, 9).tolist()) == [0, 1, 2, 3]  # type: ignore[arg-type]


def test_scores_are_told_in_spreads_above_the_mean() -> None:
    background = Background(mean=0.0, spread=1.0)
    scores = np.random.default_rng(1).normal(3.0, 2.0, 100_000).astype(np.float32)
    standard = background.of(scores).standardise(scores)
    assert abs(float(standard.mean())) < 0.02
    assert float(standard.std()) == pytest.approx(1.0, abs=0.02)
    few = background.of(np.array([5.0], np.float32)).standardise(np.array([5.0], np.float32))
    assert few[0] == pytest.approx(5.0, abs=0.2), "one text says little about unrelated ones"
