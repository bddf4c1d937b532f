from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models import trees


@pytest.fixture(scope="module")
def fitted() -> tuple[HistGradientBoostingClassifier, np.ndarray]:
    draw = np.random.default_rng(5)
    x = draw.normal(size=(3000, 6))
    x[:, 4] = draw.integers(0, 3, 3000)
    y = (x[:, 0] + np.sin(3 * x[:, 1]) + x[:, 4] + draw.normal(size=3000) / 2) > 1
    return HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=9, random_state=0).fit(x, y), x


def test_our_walk_gives_what_scikit_learn_gives(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray],
) -> None:
    model, x = fitted
    np.testing.assert_allclose(trees.from_sklearn(model).log_odds(x), model.decision_function(x), atol=1e-9)


def test_what_is_stored_is_what_was_fitted(fitted: tuple[HistGradientBoostingClassifier, np.ndarray]) -> None:
    model, x = fitted
    stored = json.loads(json.dumps(trees.as_json(trees.from_sklearn(model))))
    found = trees.from_json(stored).log_odds(x)
    np.testing.assert_allclose(found, model.decision_function(x), atol=1e-3)


def test_trees_that_lead_nowhere_are_refused(
    fitted: tuple[HistGradientBoostingClassifier, np.ndarray],
) -> None:
    stored = trees.as_json(trees.from_sklearn(fitted[0]))
    stored["left"][0] = len(stored["left"])
    with pytest.raises(ValueError, match="leads nowhere"):
        trees.from_json(stored)
