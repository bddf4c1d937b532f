"""The words that are known: how often they are used, what chats and dialects say for them, how they look."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

COMMON = 3
"""Power of two of how often a word must be seen for others to be read as it."""

STEM = 4
"""Letters of a word that affixes are told from."""

_TABLES = ("spelling.json", "dialect.json", "words.json", "names.json", "stance.json")
_NO_VOWELS = str.maketrans("", "", "aeiou")
_SUFFIXES = ("nya", "kan", "lah", "kah", "pun", "an", "ku", "mu", "i")
_PREFIXES = ("meng", "meny", "mem", "men", "me", "peng", "pem", "pen", "pe", "ber", "ter", "per")


@dataclass(frozen=True, slots=True)
class Table:
    """What `data/spelling.json` holds; `slang`: chat spelling to plain word or words.

    `places`: what `di` and `ke` stand before as words of their own.
    """

    slang: dict[str, str]
    forwarding_marks: frozenset[str]
    forwarding_triggers: frozenset[str]
    forwarding_words: frozenset[str]
    particles: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """Words in use, and what is written for them.

    `plain`: chat spellings and words of dialects, and what they stand for; none of these is in `frequency`.
    `frequency`: powers of two. `by_consonants`: words by their first letter and the consonants after it, the
    commonest first. `triples`: three letters in a row that common words have.
    """

    plain: dict[str, str]
    frequency: dict[str, int]
    by_consonants: dict[str, list[str]]
    triples: frozenset[str]


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the table of spellings."""
    stored = _data("spelling.json")
    marks, triggers, fillers = (
        frozenset(stored["forwarding"][key].split()) for key in ("marks", "triggers", "fillers")
    )
    slang = {short: word for word, shorts in stored["slang"].items() for short in shorts.split()}
    particles, places, whole = (frozenset(stored[key].split()) for key in ("particles", "places", "one_word"))
    glued = {before + place: f"{before} {place}" for before in ("di", "ke") for place in places}
    slang |= {word: apart for word, apart in glued.items() if word not in whole}
    return Table(slang, marks, triggers | marks, triggers | marks | fillers, particles, places)


@lru_cache(maxsize=1)
def dialects() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return for `javanese` and `madurese` how each Indonesian word is said, the commonest way first."""
    stored = _data("dialect.json")
    return {
        language: {word: tuple(said.split()) for word, said in stored[language].items()}
        for language in ("javanese", "madurese")
    }


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the words in use."""
    plain = _read_back() | table().slang
    frequency = {word: 0 for said in plain.values() for word in said.split()} | _counted()
    frequency = {word: power for word, power in frequency.items() if word not in plain}
    by_consonants: dict[str, list[str]] = {}
    for word in sorted(frequency, key=lambda each: (-frequency[each], each)):
        by_consonants.setdefault(consonants(word), []).append(word)
    common = (word for word, power in frequency.items() if power >= COMMON)
    return Words(
        plain, frequency, by_consonants, frozenset(each for word in common for each in triples(word))
    )


def regional_words() -> frozenset[str]:
    """Return how everyday words are said in Javanese and Madurese, unless Indonesian has the same."""
    spoken = frozenset(form for _, form in _said())
    plain = frozenset(word for table in dialects().values() for word in table)
    return frozenset(form for form in spoken - plain if _counted().get(form, 0) < COMMON)


def _read_back() -> dict[str, str]:
    """Return the words of dialects that say one thing only, whoever writes them, and what they say."""
    left = set(_data("dialect.json")["not_read"].split())
    found: dict[str, str] = {}
    for word, form in _said():
        if found.setdefault(form, word) != word:
            left.add(form)
    regional = regional_words()
    return {form: word for form, word in found.items() if form in regional and form not in left}


def _said() -> list[tuple[str, str]]:
    """Return each Indonesian word with each way to say it, as that is written in normal form."""
    tables = dialects().values()
    return [(word, form.replace("'", "")) for each in tables for word, said in each.items() for form in said]


@lru_cache(maxsize=1)
def _counted() -> dict[str, int]:
    rows = _data("words.json")["words"].items()
    return _listed() | {word: int(power) for power, row in rows for word in row.split()}


def _listed() -> dict[str, int]:
    """Return the words that messages are weighed by, and offices: as good as common, never read as others."""
    names, stance = _data("names.json"), _data("stance.json")
    lists = [*names["places"], *names["offices"], *stance["denials"], _data("spelling.json")["offices"]]
    lists += [each for key, each in stance.items() if key not in ("about", "denials")]
    return {word: COMMON for each in lists for word in each.split()}


def identity() -> str:
    """Return what changes with the tables that words are read by."""
    tables = json.dumps([_data(name) for name in _TABLES], sort_keys=True)
    return hashlib.sha256(tables.encode()).hexdigest()


def _data(name: str) -> Any:
    return json.loads(resources.files("models").joinpath("data", name).read_text("utf-8"))


def consonants(word: str) -> str:
    """Return the first letter of a word, which must have one, and the consonants after it."""
    return word[0] + word[1:].translate(_NO_VOWELS)


def triples(word: str) -> list[str]:
    """Return every three letters in a row of a word, its ends counted as letters."""
    ended = f"^{word}$"
    return [ended[place : place + 3] for place in range(len(word))]


def is_word(word: str) -> bool:
    """Tell whether a word, or what it is with affixes taken off, is known to be in use."""
    if word in words().frequency:
        return True
    stems = (word.removeprefix(prefix) for prefix in ("", *_PREFIXES) if word.startswith(prefix))
    return any(_has_stem(stem) for stem in stems)


def _has_stem(word: str) -> bool:
    known = words().frequency
    stems = (word.removesuffix(suffix) for suffix in ("", *_SUFFIXES) if word.endswith(suffix))
    return any(len(stem) >= STEM and stem in known for stem in stems)


def is_known(word: str) -> bool:
    """Tell whether a word is in use, or stands in a chat or a dialect for one that is."""
    return is_word(word) or word in words().plain
