"""Gradient-boosted trees as plain arrays: fitted with scikit-learn, kept as numbers, asked with numpy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_LEAVES = 64  # of one tree: a bit for each
_EVERY = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class _Splits:
    """What is asked of a row: `feature`, `threshold` and `kept`, of shape (splits,).

    `kept`: the leaves that are left where the answer is no, as bits from the left. `firsts` and `leaves`: the
    first split and the first leaf of each tree, (trees,); `values`: those of all leaves, (leaves,).
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    kept: NDArray[np.uint64]
    firsts: NDArray[np.intp]
    leaves: NDArray[np.intp]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trees:
    """The nodes of all trees, one after the other; every array but `roots` has shape (nodes,).

    At a node go to `left`, the next one, when its `feature` is at most its `threshold`, else to `right`; a
    leaf leads to itself. `value`: what a leaf adds to the log-odds, which begin at `base`. `roots`: (trees,).
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    base: float
    _splits: _Splits = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out what is asked. Raises ValueError when the nodes are no such trees."""
        object.__setattr__(self, "_splits", _splits(self))

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each row of `features`, shape (rows, features) to (rows,)."""
        splits = self._splits
        # All splits are asked at once. One that sends a row to the right rules out the leaves on its left;
        # of those of a tree that nothing rules out the leftmost is where the row ends.
        left = features[:, splits.feature] <= splits.threshold
        reached = np.bitwise_and.reduceat(np.where(left, _EVERY, splits.kept), splits.firsts, axis=1)
        leftmost = np.log2((reached & -reached).astype(np.float64)).astype(np.intp)
        odds: NDArray[np.float64] = self.base + splits.values[splits.leaves + leftmost].sum(axis=1)
        return odds


def _splits(trees: Trees) -> _Splits:
    own = np.arange(trees.left.size)
    leaf = trees.left == own
    ends = np.append(trees.roots[1:], own.size)[np.searchsorted(trees.roots, own, side="right") - 1]
    if not (leaf | ((trees.left == own + 1) & (trees.right > trees.left) & (trees.right < ends))).all():
        raise ValueError("a tree leads nowhere")
    before = np.cumsum(leaf) - leaf
    leaves = before[trees.roots]
    if np.diff(leaves, append=leaf.sum()).max() > _MOST_LEAVES:
        raise ValueError(f"a tree has more than {_MOST_LEAVES} leaves")
    one = np.uint64(1)
    first = np.repeat(leaves, np.diff(trees.roots, append=own.size))
    from_, to = ((before[way] - first).astype(np.uint64) for way in (trees.left, trees.right))
    # A tree that is one leaf asks something, too, to which the answer is always yes.
    asked = ~leaf | np.isin(own, trees.roots)
    return _Splits(
        feature=trees.feature[asked],
        threshold=trees.threshold[asked],
        kept=(~((one << to) - (one << from_)))[asked],
        firsts=(np.cumsum(asked) - asked)[trees.roots],
        leaves=leaves,
        values=trees.value[leaf],
    )


def from_sklearn(model: Any) -> Trees:
    """Take a fitted `HistGradientBoostingClassifier` of two classes apart; features must not be missing."""
    columns: dict[str, list[NDArray[Any]]] = {
        name: [] for name in ("feature", "threshold", "left", "right", "value")
    }
    roots, start = [], 0
    for (tree,) in model._predictors:
        nodes, own = tree.nodes, np.arange(len(tree.nodes)) + start
        leaf = nodes["is_leaf"].astype(np.bool_)
        columns["feature"].append(np.where(leaf, 0, nodes["feature_idx"]))
        columns["threshold"].append(np.where(leaf, np.inf, nodes["num_threshold"]))
        columns["left"].append(np.where(leaf, own, nodes["left"] + start))
        columns["right"].append(np.where(leaf, own, nodes["right"] + start))
        columns["value"].append(np.where(leaf, nodes["value"], 0.0))
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
    return Trees(
        roots=np.array(stored["roots"], np.int32),
        feature=np.where(leaf, 0, feature).astype(np.int32),
        threshold=np.where(leaf, np.inf, number),
        value=np.where(leaf, number, 0.0),
        base=float(stored["base"]),
        **ways,
    )
