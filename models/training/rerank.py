"""Fitting the re-ranker: trees over what words say of a pair, and a logistic layer over them and the vectors.

The encoder has learned the training messages by heart, so that its likeness says more of them than of any
other: trees must not see it. The layer that weighs it is fitted on messages that the encoder never saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.calibration import raw_inputs
from models.features import NAMES
from models.training.compare import Compared
from models.trees import Trees, from_sklearn

OF_THE_ENCODER = (
    "dense", "part", "z_dense", "z_part", "fused", "behind_dense", "behind_part", "behind_fused",
    "rank_dense", "margin", "crowd", "hubness",
)  # fmt: skip
_HIDDEN = [NAMES.index(name) for name in OF_THE_ENCODER]
# What two texts share more of never speaks against a match, and what they differ in never for it: left free,
# trees rank a copy behind another where training had hardly any. It costs nothing on dev.
_FOR = (
    "word", "char", "z_word", "z_char", "behind_word", "behind_char", "rank_word", "rank_char",
    "word_coverage", "char_coverage", "word_share", "loose_coverage", "window_coverage", "rare_share",
    "message_covered", "pair_share", "longest_run", "run_share", "partial_ratio", "token_set",
    "numbers_agree", "links_agree",
)  # fmt: skip
_AGAINST = (
    "numbers_missing",
    "numbers_conflict",
    "negation_differs",
    "names_missing",
    "names_differ",
    "rarest_missing",
)
_TREES = {
    "learning_rate": 0.06, "max_iter": 160, "max_leaf_nodes": 15, "min_samples_leaf": 60,
    "l2_regularization": 1.0, "random_state": 0,
    "monotonic_cst": [(name in _FOR) - (name in _AGAINST) for name in NAMES],
}  # fmt: skip
_INVERSE_PENALTY = 0.1


@dataclass(frozen=True, slots=True)
class Ranker:
    """Trees, and the logistic layer over `calibration.INPUTS`, as `Calibration` holds them."""

    trees: Trees
    intercept: float
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of candidates."""
        standard = (raw_inputs(self.trees, features) - self.means) / self.scales
        odds: NDArray[np.float64] = standard @ self.weights + self.intercept
        return odds


def fit_trees(known: Sequence[Compared]) -> Trees:
    """Fit on training messages, the doubtful candidates left out."""
    x, y = _examples(known)
    x[:, _HIDDEN] = 0.0
    return from_sklearn(HistGradientBoostingClassifier(**_TREES).fit(x, y))


def fit_layer(trees: Trees, judged: Sequence[Compared]) -> Ranker:
    """Fit on messages that neither the trees nor the encoder have seen."""
    x, y = _examples(judged)
    scaler = StandardScaler().fit(raw_inputs(trees, x))
    layer = LogisticRegression(C=_INVERSE_PENALTY, max_iter=3000)
    layer.fit(scaler.transform(raw_inputs(trees, x)), y)
    return Ranker(trees, float(layer.intercept_[0]), layer.coef_[0], scaler.mean_, scaler.scale_)


def _examples(compared: Sequence[Compared]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return features and rightness of all candidates of which it is known whether they are right."""
    clear = [each.right | ~each.unsure for each in compared]
    x = np.concatenate([each.features[told] for each, told in zip(compared, clear, strict=True)])
    return x, np.concatenate([each.right[told] for each, told in zip(compared, clear, strict=True)])
