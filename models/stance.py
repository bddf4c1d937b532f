"""What a message does with a claim: says it, denies it, or reports that it is untrue. A first, plain guard.

A denial has nearly the words of the hoax, so likeness alone would answer it as the hoax.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from models.text import clean, normalise, sentences

_WINDOW = 3  # words after a negation that it can reach
_OPENING = 200  # characters in which a question begins
_MIN_LETTERS = 5  # shorter words are mostly particles, which both texts have anyway


@dataclass(frozen=True, slots=True)
class _Lexicon:
    negations: frozenset[str]
    requests: frozenset[str]
    denials: re.Pattern[str]
    denial_words: frozenset[str]
    asking: frozenset[str]
    reporting: frozenset[str]
    warning: frozenset[str]
    days: frozenset[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    table = json.loads(resources.files("models").joinpath("data/stance.json").read_text("utf-8"))
    negations, requests, turning, asking, reporting, warning, days = (
        frozenset(table[key].split())
        for key in ("negations", "requests", "turning", "asking", "reporting", "warning", "days")
    )
    phrases = sorted(table["denials"], key=len, reverse=True)
    pattern = re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\S)")
    alone = turning.union(phrase for phrase in phrases if " " not in phrase)
    return _Lexicon(negations, requests, pattern, alone, asking, reporting, warning, days)


def denials(text: str) -> tuple[str, ...]:
    """Return the phrases, in normal form, by which `text` itself calls something untrue or checked.

    A sentence that asks whether something is true denies nothing.
    """
    found: list[str] = []
    for sentence in sentences(clean(text)):
        normal = normalise(sentence)
        phrases = _lexicon().denials.findall(normal)
        if phrases and not _asks(sentence, normal):
            found += phrases
    return tuple(dict.fromkeys(found))


def normal_denials(normal: str) -> tuple[str, ...]:
    """Return the denying phrases of a text in normal form, whose sentences can no longer be told apart."""
    return tuple(dict.fromkeys(_lexicon().denials.findall(normal)))


def reports(normal: str) -> int:
    """Return how many different words of a normalised text tell what an office or a person says."""
    return len(_lexicon().reporting.intersection(normal.split()))


def warns(normal: str) -> bool:
    """Tell whether a normalised text warns of something."""
    return not _lexicon().warning.isdisjoint(normal.split())


def asks(text: str) -> bool:
    """Tell whether a message asks something: whether it is true, most often."""
    return "?" in text or not _lexicon().asking.isdisjoint(normalise(text[:_OPENING]).split()[:1])


def _asks(sentence: str, normal: str) -> bool:
    if "cek fakta" in normal or "faktanya" in normal:
        return False
    return "?" in sentence or not _lexicon().asking.isdisjoint(normal.split()[:1])


@dataclass(frozen=True, slots=True)
class Difference:
    """Names that exclude each other: what the message has in place of the entry's."""

    message: str
    entry: str


@lru_cache(maxsize=1)
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    table = json.loads(resources.files("models").joinpath("data/names.json").read_text("utf-8"))
    kind_of = {name: kind for kind in ("places", "offices") for name in table[kind]}
    longest_first = "|".join(map(re.escape, sorted(kind_of, key=len, reverse=True)))
    return re.compile(rf"(?<!\S)(?:{longest_first})(?!\S)"), kind_of


def names(normal: str) -> dict[str, frozenset[str]]:
    """Return the known names in a normalised text by kind: places, and offices or companies."""
    pattern, kind_of = _names()
    found = pattern.findall(normal)
    return {
        kind: frozenset(name for name in found if kind_of[name] == kind) for kind in ("places", "offices")
    }


def names_differ(message: dict[str, frozenset[str]], entry: dict[str, frozenset[str]]) -> Difference | None:
    """Return what the message names where the entry names something else of the same kind, if it does.

    A message that names more than the entry, or less, does not differ from it.
    """
    for kind, expected in entry.items():
        missing, other = expected - message[kind], message[kind] - expected
        if missing and other and missing == expected:
            return Difference(", ".join(sorted(other)), ", ".join(sorted(missing)))
    return None


def polarity_words(normal: str) -> tuple[str, ...]:
    """Return the words of a normalised text that turn its meaning round, sorted, repeats kept."""
    return tuple(sorted((*negations(normal), *verdict_words(normal))))


def negations(normal: str) -> tuple[str, ...]:
    """Return the words of a normalised text that say no, sorted, repeats kept."""
    return tuple(sorted(word for word in normal.split() if word in _lexicon().negations))


def verdict_words(normal: str) -> tuple[str, ...]:
    """Return the words of a normalised text that pass a verdict (`bohong`, `fakta`), sorted, repeats kept."""
    return tuple(sorted(word for word in normal.split() if word in _lexicon().denial_words))


def negated_in_one(first: str, second: str) -> str | None:
    """Return a word that both normalised texts use and only one of them negates, if there is one."""
    negated, plain = _negated(first)
    other_negated, other_plain = _negated(second)
    turned = (negated & other_plain) | (plain & other_negated)
    return next((word for word in first.split() if word in turned), None)


def _negated(normal: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the longer words within reach of a negation, and those that never are."""
    negations = _lexicon().negations - _lexicon().requests
    words = normal.split()
    reached = {
        word
        for place, negation in enumerate(words)
        if negation in negations
        for word in words[place + 1 : place + 1 + _WINDOW]
        if len(word) >= _MIN_LETTERS
    }
    longer = {word for word in words if len(word) >= _MIN_LETTERS}
    return frozenset(reached), frozenset(longer - reached)


def time_words(normal: str) -> frozenset[str]:
    """Return the days, months and times of day that a normalised text names."""
    return _lexicon().days.intersection(normal.split())
