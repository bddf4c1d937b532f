"""The fitted part of matching: one versioned file that names its encoder, its data and its date."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import trees as boosted
from models.features import GROUPS, NAMES
from models.language import REGIONAL_FROM
from models.query import Query
from models.retrieval import Background
from models.trees import Trees

_FILE = "calibration.json"
LAYER = (
    "z_dense", "z_word", "z_char", "fused", "dense", "part", "behind_dense", "behind_fused", "margin",
    "crowd", "rank_dense", "hubness", "query_words", "told",
)  # fmt: skip
INPUTS = ("trees", *LAYER)
"""What the linear layer weighs: the log-odds of the trees, and what vectors and the list say."""
_LAYER = [NAMES.index(name) for name in LAYER]
CLASSES = ("short", "medium", "long", "regional")
"""Messages whose probabilities are calibrated apart: by length in words, and regional languages."""
_MEDIUM_FROM, _LONG_FROM = 6, 60
_QUERY_WORDS, _FOREIGN = NAMES.index("query_words"), NAMES.index("foreign")


class CalibrationRefused(ValueError):
    """A calibration cannot be read, or was fitted on other features than this version computes."""


class Line(NamedTuple):
    """How the log-odds of one class of messages become calibrated ones."""

    slope: float
    intercept: float


def class_of(features: NDArray[np.float64]) -> str:
    """Return which of `CLASSES` the message belongs to whose candidates have these features."""
    return _class(round(float(np.expm1(features[0, _QUERY_WORDS]))), float(features[0, _FOREIGN]))


def class_of_message(query: Query) -> str:
    """Return which of `CLASSES` a message belongs to."""
    return _class(len(query.words), query.foreign)


def _class(words: int, foreign: float) -> str:
    if foreign >= REGIONAL_FROM:
        return "regional"
    return "short" if words < _MEDIUM_FROM else "medium" if words <= _LONG_FROM else "long"


def raw_inputs(trees: Trees, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `INPUTS` of candidates as they are, shape (candidates, len(INPUTS))."""
    return np.column_stack([trees.log_odds(features), features[:, _LAYER]])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Trees, a logistic layer over them and some features, a line per class, and where bands begin.

    `weights`, `means`, `scales`: shape (len(INPUTS),). `neutral`: what features are for an entry of another
    claim, shape (len(features.NAMES),). `answer`, `review`: probabilities, 0 to 1. `guard`: of numbers that
    were learned from decisions those that they began from, which must be sure of an answer as well.
    """

    encoder: str
    data: str
    date: str
    trees: Trees
    intercept: float
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    neutral: NDArray[np.float64]
    lines: dict[str, Line]
    background: dict[str, Background]
    answer: float
    review: float
    figures: dict[str, float]
    guard: Calibration | None = None

    def inputs(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the linear layer weighs, standardised, shape (candidates, len(INPUTS))."""
        standard: NDArray[np.float64] = (raw_inputs(self.trees, features) - self.means) / self.scales
        return standard

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-odds of each candidate before its class is calibrated, shape (candidates,)."""
        odds: NDArray[np.float64] = self.inputs(features) @ self.weights + self.intercept
        return odds

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each candidate of one message, shape (candidates,)."""
        line = self.lines[class_of(features)]
        return 1.0 / (1.0 + np.exp(-(line.slope * self.log_odds(features) + line.intercept)))

    def vouched(self, features: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which candidates of one message the guard would answer with, shape (candidates,)."""
        if self.guard is None:
            return np.ones(len(features), np.bool_)
        return self.guard.probabilities(features) >= self.guard.answer

    def influences(self, features: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Return for each of `features.GROUPS` by how much the log-odds fall when it is as for any entry.

        Each has shape (candidates,); a group that speaks against a candidate is below zero.
        """
        without = np.repeat(features[np.newaxis], len(GROUPS), axis=0)
        for number, names in enumerate(GROUPS.values()):
            columns = [NAMES.index(name) for name in names]
            without[number][:, columns] = self.neutral[columns]
        both = np.concatenate([features[np.newaxis], without]).reshape(-1, len(NAMES))
        odds = self.log_odds(both).reshape(len(GROUPS) + 1, -1)
        return dict(zip(GROUPS, odds[0] - odds[1:], strict=True))

    @property
    def identity(self) -> str:
        """Short name that changes with any fitted number."""
        return hashlib.sha256(as_json(self).encode()).hexdigest()[:8]


def parse(text: str, name: str) -> Calibration:
    """Read the text of a calibration called `name`. Raises `CalibrationRefused`."""
    try:
        return _from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise CalibrationRefused(f"{name} is no calibration for this version ({error!r})") from error


def load(path: Path | None = None) -> Calibration:
    """Read a calibration, by default the one that comes with the program. Raises `CalibrationRefused`."""
    source = resources.files("models").joinpath("data", _FILE) if path is None else path
    try:
        text = source.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise CalibrationRefused(f"{source} is no calibration for this version ({error!r})") from error
    return parse(text, str(source))


def _from_json(stored: dict[str, Any]) -> Calibration:
    if tuple(stored["features"]) != NAMES:
        raise ValueError("fitted on other features: run `python -m models.training.calibrate`")
    layer = np.array([[each["weight"], each["mean"], each["scale"]] for each in stored["inputs"].values()])
    if tuple(stored["inputs"]) != INPUTS:
        raise ValueError("its linear layer has other inputs")
    trees = boosted.from_json(stored["trees"])
    if trees.feature.max() >= len(NAMES):
        raise ValueError("its trees look at features that are not there")
    found = Calibration(
        encoder=stored["encoder"], data=stored["data"], date=stored["date"], trees=trees,
        intercept=stored["intercept"], weights=layer[:, 0], means=layer[:, 1], scales=layer[:, 2],
        neutral=np.array([stored["features"][name] for name in NAMES], np.float64),
        lines={name: Line(*stored["lines"][name]) for name in CLASSES},
        background={name: Background(**each) for name, each in stored["background"].items()},
        answer=stored["answer"], review=stored["review"], figures=stored["figures"],
    )  # fmt: skip
    return replace(found, guard=_guard(found, stored["guard"])) if "guard" in stored else found


def _guard(guarded: Calibration, stored: dict[str, Any]) -> Calibration:
    weights = np.array([stored["weights"][name] for name in INPUTS], np.float64)
    return replace(
        guarded,
        intercept=stored["intercept"],
        weights=weights,
        lines={name: Line(*stored["lines"][name]) for name in CLASSES},
        answer=stored["answer"],
    )


def save(calibration: Calibration, path: Path) -> None:
    """Write a calibration in the form that `load` reads."""
    path.write_text(as_json(calibration), "utf-8")


def as_json(calibration: Calibration) -> str:
    """Return the text that `parse` reads."""
    layer = zip(calibration.weights, calibration.means, calibration.scales, strict=True)
    stored: dict[str, Any] = {
        "encoder": calibration.encoder,
        "data": calibration.data,
        "date": calibration.date,
        "answer": calibration.answer,
        "review": calibration.review,
        "figures": calibration.figures,
        "lines": _rounded(calibration.lines),
        "background": {
            name: {"mean": each.mean, "spread": each.spread} for name, each in calibration.background.items()
        },
        "intercept": round(calibration.intercept, 5),
        "inputs": {
            name: {"weight": round(float(w), 5), "mean": round(float(m), 5), "scale": round(float(s), 5)}
            for name, (w, m, s) in zip(INPUTS, layer, strict=True)
        },
        "features": dict(zip(NAMES, calibration.neutral.round(5).tolist(), strict=True)),
    }
    if (guard := calibration.guard) is not None:
        stored["guard"] = {
            "answer": guard.answer,
            "lines": _rounded(guard.lines),
            "intercept": round(guard.intercept, 5),
            "weights": dict(zip(INPUTS, guard.weights.round(5).tolist(), strict=True)),
        }
    # The trees are long: one line, so that the rest stays readable.
    trees = json.dumps(boosted.as_json(calibration.trees), separators=(",", ":"))
    return json.dumps(stored, indent=1)[:-2] + f',\n "trees": {trees}\n}}\n'


def _rounded(lines: dict[str, Line]) -> dict[str, list[float]]:
    return {name: [round(each, 5) for each in line] for name, line in lines.items()}
