from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.dense import Vectors


def _unit(rows: int, dimension: int = 384, seed: int = 3) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((rows, dimension)).astype(np.float32)
    vectors[:, 0] *= 8  # encoders have dimensions that are larger than the others
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def test_scores_are_the_cosines_but_for_rounding() -> None:
    vectors, queries = _unit(500), _unit(7, seed=4)
    found = Vectors.of(vectors).scores(queries)
    assert found.shape == (7, 500)
    off = found - queries @ vectors.T
    assert np.abs(off).max() < 0.005
    assert off.std() < 0.001


def test_a_vector_is_most_like_itself() -> None:
    vectors = _unit(50)
    found = Vectors.of(vectors).scores(vectors)
    np.testing.assert_allclose(found.diagonal(), 1.0, atol=1e-6)
    assert found.argmax(axis=1).tolist() == list(range(50))


def test_a_query_scores_the_same_in_any_company() -> None:
    vectors, queries = Vectors.of(_unit(100)), _unit(5, seed=4)
    together = vectors.scores(queries)
    for row in range(5):
        np.testing.assert_array_equal(vectors.scores(queries[row : row + 1])[0], together[row])


def test_vectors_come_back_nearly_as_they_were() -> None:
    vectors = _unit(20)
    kept = Vectors.of(vectors)
    np.testing.assert_allclose(kept.full(), vectors, atol=0.01)
    np.testing.assert_array_equal(kept.only(np.array([4, 2])).full(), kept.full()[[4, 2]])
    both = Vectors.joined([kept, Vectors.of(vectors[:3])])
    np.testing.assert_array_equal(both.full()[20:], kept.full()[:3])


def test_a_vector_of_zeros_is_like_nothing() -> None:
    assert Vectors.of(np.zeros((2, 4), np.float32)).scores(np.ones((1, 4), np.float32) / 2).tolist() == [
        [0, 0]
    ]
