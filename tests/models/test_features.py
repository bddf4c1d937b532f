"""What is measured of a candidate."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from rapidfuzz import fuzz

from models import features

_WORDS = (
    "bantuan", "warga", "desa", "kabar", "pasar", "jalan", "sekolah", "hujan", "sawah", "kartu", "lurah",
)  # fmt: skip


def _prose(seed: str, letters: int) -> str:
    chance = Random(seed)
    return " ".join(chance.choice(_WORDS) for _ in range(letters))[:letters]


@pytest.mark.parametrize("letters", [40, 180, 240, 600])
def test_a_passage_is_found_wherever_it_stands_in_a_long_message(letters: int) -> None:
    passage = _prose("passage", letters)
    for before in (0, 1, 150, 700):
        message = f"{_prose('before', before)}{passage}{_prose('after', 800 - before)}"
        ((found, _),) = features._alike(message, [passage])
        assert found == pytest.approx(1.0, abs=0.01)


def test_the_passage_of_long_texts_is_about_as_alike_as_the_best_of_all_passages() -> None:
    for seed in range(30):
        long, other = _prose(f"long {seed}", 1200), _prose(f"other {seed}", 300 + 10 * seed)
        ((found, _),) = features._alike(long, [other])
        best = fuzz.partial_ratio(long, other) / 100
        assert best - 0.03 <= found <= best + 1e-9


def test_each_of_several_texts_keeps_its_own_passage() -> None:
    message = _prose("message", 900)
    others = [message[300:700], "kabar lurah", _prose("another", 500), message[100:160], ""]
    together = features._alike(message, others)
    alone = [features._alike(message, [other])[0] for other in others]
    assert together.tolist() == [each.tolist() for each in alone]
    assert together[0, 0] == pytest.approx(1.0, abs=0.01)
    assert together[3, 0] == 1.0


def test_a_claim_that_stands_alone_in_the_archive_beats_nothing() -> None:
    fused = np.array([3.0, 2.0, 0.5], np.float32)
    alone, near = features._rivals(fused, np.ones((3, 3), np.bool_))
    assert (alone.tolist(), near.tolist()) == ([0.0] * 3, [0.0] * 3)
    twins = np.eye(3, dtype=np.bool_)
    twins[0, 1] = twins[1, 0] = True
    margins, near = features._rivals(fused, twins)
    assert margins.tolist() == [2.5, 1.5, -2.5]
    assert near[0] == 0
