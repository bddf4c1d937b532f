"""The required figures, on a part of the real archive that can be encoded within a test's patience.

The whole archive takes minutes: `penjaga evaluate --data ../shared/data`. Fewer entries make ranking easier,
so the floors here lie above what is required of the whole (.72 and .84); they catch a matcher that got worse.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import benchmark, evaluation
from models.benchmark import Pair
from models.encoders import Encoder
from models.matching import Matcher
from models.types import MatchResult

_DATA = Path(__file__).parents[3] / "shared" / "data"
_PAIRS, _ABSENT, _OTHERS = 300, 400, 4000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _DATA.is_dir(), reason=f"the measuring files are not at {_DATA}"),
]


@pytest.fixture(scope="module")
def part(encoder: Encoder) -> Matcher:
    """Every entry that answers one of the messages below, and some thousand others."""
    entries = benchmark.entries(_DATA)
    wanted = frozenset().union(*(pair.lenient for pair in _pairs()))
    others = [entry for entry in entries if entry.target_id not in wanted]
    chosen = np.random.default_rng(3).choice(len(others), _OTHERS, replace=False)
    kept = [entry for entry in entries if entry.target_id in wanted] + [others[number] for number in chosen]
    matcher = Matcher(encoder)
    matcher.index.update(kept, matcher.encode_entries(kept))
    return matcher


@pytest.fixture(scope="module")
def found(part: Matcher) -> list[MatchResult]:
    return part.match([pair.query for pair in _pairs()])


def _pairs() -> list[Pair]:
    return benchmark.pairs(_DATA, "dev")[:_PAIRS]


def test_messages_find_their_entries(found: list[MatchResult]) -> None:
    figures = {figure.name: figure.value for figure in evaluation.ranking(_pairs(), found, "part")[:6]}
    assert figures["lenient R@1"] >= 0.78
    assert figures["lenient R@10"] >= 0.88


def test_what_is_answered_is_right_and_not_rare(found: list[MatchResult]) -> None:
    shares = {figure.name: figure.value for figure in evaluation.bands(found, "part")}
    right = evaluation.precision(_pairs(), found, "part")[0]
    assert right.name == "right where the band is answer"
    assert right.value >= 0.97
    assert shares["band answer"] >= 0.35


@pytest.mark.parametrize(("name", "most"), [("negatives", 0.01), ("contested", 0.02)])
def test_what_the_archive_does_not_know_is_not_answered(part: Matcher, name: str, most: float) -> None:
    results = part.match(benchmark.texts(_DATA, name)[:_ABSENT])
    assert sum(result.band == "answer" for result in results) / len(results) <= most
