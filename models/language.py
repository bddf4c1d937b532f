"""How much of a message is Javanese or Madurese: no kept library knows Madurese."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from models.text import normalise

Language = str
"""`id`, or `regional` for Javanese, Madurese and mixtures with them."""

REGIONAL_FROM = 0.15
"""Share of known regional words from which a message counts as regional."""


@lru_cache(maxsize=1)
def _regional_words() -> frozenset[str]:
    """Return the everyday words of both languages that are no Indonesian word of the same table."""
    table = json.loads(resources.files("models").joinpath("data/dialect.json").read_text("utf-8"))
    plain = {word for name in ("javanese", "madurese") for key in table[name] for word in key.split()}
    said = {
        word
        for name in ("javanese", "madurese")
        for each in table[name].values()
        for word in normalise(each).split()
    }
    return frozenset(word for word in said - plain if len(word) > 1)


def regional_share(words: Sequence[str]) -> float:
    """Return which share of words in normal form is everyday Javanese or Madurese, 0 to 1."""
    known = _regional_words()
    return sum(word in known for word in words) / max(len(words), 1)


def of(words: Sequence[str]) -> Language:
    """Return the language class of a message by its words in normal form."""
    return "regional" if regional_share(words) >= REGIONAL_FROM else "id"
