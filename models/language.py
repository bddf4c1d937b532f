"""How much of a message is Javanese or Madurese: no kept library knows Madurese."""

from __future__ import annotations

import re
from functools import lru_cache

from models import lexicon
from models.text import clean

Language = str
"""`id`, or `regional` for Javanese, Madurese and mixtures with them."""

REGIONAL_FROM = 0.15
"""Share of known regional words from which a message counts as regional."""

_APOSTROPHE = re.compile("['’‘ʼ`]")
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1)
def _regional_words() -> frozenset[str]:
    return frozenset(word for word in lexicon.regional_words() if len(word) > 1)


def regional_share(message: str) -> float:
    """Return which share of a message's words is everyday Javanese or Madurese, 0 to 1.

    Takes it as it was written: in normal form, many of these words are Indonesian.
    """
    words = _WORD.findall(_APOSTROPHE.sub("", clean(message).lower()))
    known = _regional_words()
    return sum(word in known for word in words) / max(len(words), 1)


def of(message: str) -> Language:
    """Return the language class of a message."""
    return "regional" if regional_share(message) >= REGIONAL_FROM else "id"
