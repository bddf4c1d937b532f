"""What harm a message may do, by its words: a linear model that learned from the archive. Never a verdict.

The model holds no words: terms are hashed, and what is kept are weights by hash.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer

from models.text import is_particle
from models.types import HARMS, Harm

BUCKETS = 2**13
READ_WORDS = 400
"""Words of a message that are read."""
_WEIGHED = 40  # different words of a message that are tried as reasons
_FILE = "data/harms.json"
_LARGEST = 127


@dataclass(frozen=True, slots=True)
class HarmModel:
    """A multinomial logistic model over hashed words and pairs of words.

    `weights`: (harms, buckets), in the order of `types.HARMS`; `intercepts`: (harms,). `data`, `date`,
    `figures`: what it was fitted on, and what it gave there.
    """

    data: str
    date: str
    figures: dict[str, float]
    intercepts: NDArray[np.float64]
    weights: NDArray[np.float32]

    def probabilities(self, words: Sequence[str]) -> dict[Harm, float]:
        """Return the probability of each harm for a text in words of normal form; they sum to 1."""
        odds = np.asarray(vectoriser().transform([terms(words)]) @ self.weights.T)[0] + self.intercepts
        weight = np.exp(odds - odds.max())
        return dict(zip(HARMS, (weight / weight.sum()).tolist(), strict=True))


@lru_cache(maxsize=1)
def vectoriser() -> HashingVectorizer:
    """Return what turns lists of terms into rows of unit length."""
    return HashingVectorizer(analyzer=_same, n_features=BUCKETS, binary=True, dtype=np.float32)


def _same(terms: list[str]) -> list[str]:
    return terms


def terms(words: Sequence[str]) -> list[str]:
    """Return the terms of a text in words of normal form: words, and pairs of neighbours."""
    read = words[:READ_WORDS]
    return [*read, *(f"{first} {second}" for first, second in pairwise(read))]


def likeliest(words: Sequence[str], least: float) -> Harm:
    """Return the likeliest harm, `other` where none has a probability of `least`."""
    shares = fitted().probabilities(words)
    best = max(HARMS, key=lambda each: shares[each])
    return best if shares[best] >= least else "other"


def telling(words: Sequence[str], harm_: Harm) -> tuple[str, ...]:
    """Return the words without which the harm's probability would be lower, those that count most first.

    Weighs the text once for each of its words.
    """
    model = fitted()
    each = list(dict.fromkeys(word for word in words if not is_particle(word)))[:_WEIGHED]
    whole = model.probabilities(words)[harm_]
    lost = {
        word: whole - model.probabilities([other for other in words if other != word])[harm_] for word in each
    }
    return tuple(sorted((word for word in each if lost[word] > 0), key=lambda word: -lost[word]))


@lru_cache(maxsize=1)
def fitted() -> HarmModel:
    """Return the model that comes with the program."""
    stored = json.loads(resources.files("models").joinpath(_FILE).read_text("utf-8"))
    whole = np.frombuffer(b64decode(stored["weights"]), np.int8).reshape(len(HARMS), BUCKETS)
    return HarmModel(
        data=stored["data"], date=stored["date"], figures=stored["figures"],
        intercepts=np.array(stored["intercepts"]), weights=whole.astype(np.float32) * stored["scale"],
    )  # fmt: skip


def as_json(model: HarmModel) -> str:
    """Return the content of the file that `fitted` reads."""
    scale = float(np.abs(model.weights).max() / _LARGEST)
    stored = {
        "about": "Weights by hash of a term, a byte each, for " + ", ".join(HARMS) + ".",
        "data": model.data,
        "date": model.date,
        "figures": model.figures,
        "intercepts": model.intercepts.round(5).tolist(),
        "scale": scale,
        "weights": b64encode(np.rint(model.weights / scale).astype(np.int8).tobytes()).decode(),
    }
    return json.dumps(stored, indent=1) + "\n"
