"""Indonesian mixed with Javanese and Madurese."""

from __future__ import annotations

import re
from random import Random

from models import lexicon
from models.noise.apart import each_word

_ASPIRATED = re.compile(r"([dt])(?=[aeiou])", re.IGNORECASE)


def javanese_mixed(text: str, random: Random) -> str:
    """Say everyday words in Javanese."""
    return _mixed(text, "javanese", random)


def madurese_mixed(text: str, random: Random) -> str:
    """Say everyday words in Madurese."""
    return _mixed(text, "madurese", random)


def _mixed(text: str, language: str, random: Random) -> str:
    table = lexicon.dialects()[language]

    def change(word: str) -> str:
        said = table.get(word.lower())
        return said[0] if said and random.random() < 0.7 else random.choice(said) if said else word

    return each_word(text, 0.85, random, change)


def javanese_spelling(text: str, random: Random) -> str:
    """Spell Indonesian words as Javanese are: `dheso`, `thanah`."""

    def change(word: str) -> str:
        heard = _ASPIRATED.sub(r"\1h", word)
        return f"{heard[:-1]}o" if heard.endswith("a") and random.random() < 0.3 else heard

    return each_word(text, 0.3, random, change)
