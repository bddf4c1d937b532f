"""What a message is to an entry that it resembles: the same claim, the same topic, or a denial of it.

A denial has nearly the words of the claim, so likeness alone would answer it as the hoax.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models import stance
from models.features import NAMES
from models.query import Query

Relation = Literal["same", "topic", "denial"]
RELATIONS: tuple[Relation, ...] = ("same", "topic", "denial")
_OF_PAIR = (
    "dense", "word", "char", "margin", "word_coverage", "loose_coverage", "window_coverage", "rare_share",
    "run_share", "numbers_agree", "numbers_missing", "numbers_conflict", "denied", "negation_differs",
    "names_missing", "names_differ", "asks", "query_words",
)  # fmt: skip
INPUTS = (*_OF_PAIR, "denials", "verdict_words", "reports", "warns", "turned", "entry_denies")
"""Columns of `inputs`: features of the pair, then the stance of the message and of the wording."""
_COLUMNS = [NAMES.index(name) for name in _OF_PAIR]
_FILE = "data/relation.json"


@dataclass(frozen=True, slots=True)
class RelationModel:
    """A multinomial logistic model over `INPUTS`, standardised.

    `weights`: (relations, inputs); `intercepts`: (relations,). `denies_from`: probability of a denial from
    which a person has to look. `data`, `date`, `figures`: what it was fitted on, and how good it was there.
    """

    data: str
    date: str
    figures: dict[str, float]
    denies_from: float
    intercepts: NDArray[np.float64]
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]

    def probabilities(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each relation, shape (pairs, inputs) to (pairs, relations)."""
        odds = (inputs - self.means) / self.scales @ self.weights.T + self.intercepts
        odds -= odds.max(axis=1, keepdims=True)
        weight = np.exp(odds)
        share: NDArray[np.float64] = weight / weight.sum(axis=1, keepdims=True)
        return share


def inputs(query: Query, wording: str, features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the model weighs of a message and a wording (normal form) with their `features` row."""
    said = (
        min(len(query.denials), 3),
        min(len(set(stance.verdict_words(query.normal))), 3),
        min(stance.reports(query.normal), 3),
        float(stance.warns(query.normal)),
        float(stance.negated_in_one(query.normal, wording) is not None),
        float(bool(stance.normal_denials(wording))),
    )
    return np.concatenate([features[_COLUMNS], said])


def denial(query: Query, wording: str, features: NDArray[np.float64]) -> float:
    """Return the probability that a message denies what an entry's wording says, 0 to 1."""
    shares = fitted().probabilities(inputs(query, wording, features)[np.newaxis])
    return float(shares[0, RELATIONS.index("denial")])


@lru_cache(maxsize=1)
def fitted() -> RelationModel:
    """Return the model that comes with the program."""
    stored = json.loads(resources.files("models").joinpath(_FILE).read_text("utf-8"))
    if tuple(stored["inputs"]) != INPUTS:
        raise ValueError(
            "relation.json was fitted on other inputs: run `python -m models.training.relations`"
        )
    columns = np.array(list(stored["inputs"].values()))
    return RelationModel(
        data=stored["data"], date=stored["date"], figures=stored["figures"],
        denies_from=stored["denies_from"], intercepts=np.array(stored["intercepts"]),
        means=columns[:, 0], scales=columns[:, 1], weights=columns[:, 2:].T,
    )  # fmt: skip


def as_json(model: RelationModel) -> str:
    """Return the content of the file that `fitted` reads."""
    columns = np.column_stack([model.means, model.scales, model.weights.T]).round(5)
    stored = {
        "about": "Inputs: mean, scale, then a weight for each of " + ", ".join(RELATIONS) + ".",
        "data": model.data,
        "date": model.date,
        "figures": model.figures,
        "denies_from": model.denies_from,
        "intercepts": model.intercepts.round(5).tolist(),
        "inputs": dict(zip(INPUTS, columns.tolist(), strict=True)),
    }
    return json.dumps(stored, indent=1) + "\n"
