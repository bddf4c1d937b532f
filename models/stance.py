"""What a message does with a claim: says it, denies it, or reports that it is untrue. A first, plain guard.

A denial has nearly the words of the hoax, so likeness alone would answer it as the hoax.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from models.text import clean, normalise

_SENTENCE = re.compile(r"[^.!?\n;]+[.!?\n;]*")
_WINDOW = 3  # words after a negation that it can reach


@dataclass(frozen=True, slots=True)
class _Lexicon:
    negations: frozenset[str]
    denials: re.Pattern[str]
    denial_words: frozenset[str]
    asking: frozenset[str]
    days: frozenset[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    table = json.loads(resources.files("models").joinpath("data/stance.json").read_text("utf-8"))
    negations, asking, days = (frozenset(table[key].split()) for key in ("negations", "asking", "days"))
    phrases = sorted(table["denials"], key=len, reverse=True)
    pattern = re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\S)")
    alone = {phrase for phrase in phrases if " " not in phrase} | {
        "bohong",
        "palsu",
        "fitnah",
        "salah",
        "benar",
        "fakta",
    }
    return _Lexicon(negations, pattern, frozenset(alone), asking, days)


def denials(text: str) -> tuple[str, ...]:
    """Return the phrases, in normal form, by which `text` itself calls something untrue or checked.

    A sentence that asks whether something is true denies nothing.
    """
    found: list[str] = []
    for sentence in _SENTENCE.findall(clean(text)):
        normal = normalise(sentence)
        phrases = _lexicon().denials.findall(normal)
        if phrases and not _asks(sentence, normal):
            found += phrases
    return tuple(dict.fromkeys(found))


def normal_denials(normal: str) -> tuple[str, ...]:
    """Return the denying phrases of a text in normal form, whose sentences can no longer be told apart."""
    return tuple(dict.fromkeys(_lexicon().denials.findall(normal)))


def _asks(sentence: str, normal: str) -> bool:
    if "cek fakta" in normal or "faktanya" in normal:
        return False
    return "?" in sentence or not _lexicon().asking.isdisjoint(normal.split()[:1])


def polarity_words(normal: str) -> tuple[str, ...]:
    """Return the words of a normalised text that turn its meaning round, sorted, repeats kept."""
    lexicon = _lexicon()
    return tuple(sorted(w for w in normal.split() if w in lexicon.negations or w in lexicon.denial_words))


def time_words(normal: str) -> frozenset[str]:
    """Return the days, months and times of day that a normalised text names."""
    return _lexicon().days.intersection(normal.split())
