"""Gradient-boosted trees as plain arrays: fitted with scikit-learn, kept as numbers, walked with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Trees:
    """The nodes of all trees, one after the other; every array but `roots` has shape (nodes,).

    At a node go to `left` when its `feature` is at most its `threshold`, else to `right`; a leaf leads to
    itself. `value`: what a leaf adds to the log-odds, which begin at `base`. `roots`: (trees,). `depth`:
    steps from a root that reach every leaf.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    base: float
    depth: int

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each row of `features`, shape (rows, features) to (rows,)."""
        at = np.broadcast_to(self.roots, (len(features), self.roots.size))
        row = np.arange(len(features))[:, np.newaxis]
        for _ in range(self.depth):
            at = np.where(
                features[row, self.feature[at]] <= self.threshold[at], self.left[at], self.right[at]
            )
        odds: NDArray[np.float64] = self.base + self.value[at].sum(axis=1)
        return odds


def from_sklearn(model: Any) -> Trees:
    """Take a fitted `HistGradientBoostingClassifier` of two classes apart; features must not be missing."""
    columns: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("feature", "threshold", "left", "right", "value")
    }
    roots, start, depth = [], 0, 0
    for (tree,) in model._predictors:
        nodes, own = tree.nodes, np.arange(len(tree.nodes)) + start
        leaf = nodes["is_leaf"].astype(np.bool_)
        columns["feature"].append(np.where(leaf, 0, nodes["feature_idx"]))
        columns["threshold"].append(np.where(leaf, np.inf, nodes["num_threshold"]))
        columns["left"].append(np.where(leaf, own, nodes["left"] + start))
        columns["right"].append(np.where(leaf, own, nodes["right"] + start))
        columns["value"].append(np.where(leaf, nodes["value"], 0.0))
        depth = max(depth, int(nodes["depth"].max()))
        roots.append(start)
        start += len(nodes)
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return Trees(
        roots=np.array(roots, np.int32),
        feature=joined["feature"].astype(np.int32),
        threshold=joined["threshold"].astype(np.float64),
        left=joined["left"].astype(np.int32),
        right=joined["right"].astype(np.int32),
        value=joined["value"].astype(np.float64),
        base=float(model._baseline_prediction.item()),
        depth=depth,
    )


def as_json(trees: Trees) -> dict[str, Any]:
    """Return what `from_json` reads: numbers only, leaves without their way to themselves."""
    leaf = trees.left == np.arange(trees.left.size)
    return {
        "roots": trees.roots.tolist(),
        "feature": np.where(leaf, -1, trees.feature).tolist(),
        # Thresholds are values that were seen: rounding one would turn those who have it the other way.
        "number": np.where(leaf, trees.value.round(5), trees.threshold).tolist(),
        "left": np.where(leaf, 0, trees.left).tolist(),
        "right": np.where(leaf, 0, trees.right).tolist(),
        "base": round(trees.base, 5),
        "depth": trees.depth,
    }


def from_json(stored: dict[str, Any]) -> Trees:
    """Read what `as_json` gives. Raises KeyError or ValueError for what are no such trees."""
    feature = np.array(stored["feature"], np.int32)
    number = np.array(stored["number"], np.float64)
    leaf, own = feature < 0, np.arange(feature.size)
    ways = {
        name: np.where(leaf, own, np.array(stored[name], np.int32)).astype(np.int32)
        for name in ("left", "right")
    }
    if not all(((way >= 0) & (way < feature.size)).all() for way in ways.values()):
        raise ValueError("a tree leads nowhere")
    return Trees(
        roots=np.array(stored["roots"], np.int32),
        feature=np.where(leaf, 0, feature).astype(np.int32),
        threshold=np.where(leaf, np.inf, number),
        value=np.where(leaf, number, 0.0),
        base=float(stored["base"]),
        depth=int(stored["depth"]),
        **ways,
    )
