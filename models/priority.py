"""How harmful a message may be, and how urgent it is that somebody looks at it."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from models import harms
from models.text import normalise, words
from models.types import HARMS, Harm, Reason

LEAST_SURE = 0.6
"""Probability from which what was learned is believed."""
_SHOWN_WORDS = 3
_MANY = 3  # reporters, villages or messages an hour from which the number is worth showing
_LONG_HOURS = 6.0
_UNKNOWN = 0.8


@dataclass(frozen=True, slots=True)
class _Lexicon:
    pattern: re.Pattern[str]
    harm_of: dict[str, Harm]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    table = _data("harm_words.json")
    harm_of = {phrase: harm for harm in HARMS for phrase in table.get(harm, ())}
    # Longest first, so that a phrase counts as itself and not as the words in it.
    phrases = "|".join(map(re.escape, sorted(harm_of, key=len, reverse=True)))
    return _Lexicon(re.compile(rf"(?<!\S)(?:{phrases})(?!\S)"), harm_of)


@lru_cache(maxsize=1)
def _weights() -> Any:
    return _data("urgency.json")


def _data(name: str) -> Any:
    return json.loads(resources.files("models").joinpath("data", name).read_text("utf-8"))


def listed_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases of our word lists in a text, each once, in order."""
    return tuple(dict.fromkeys(_lexicon().pattern.findall(" ".join(words))))


def harm_of_words(listed: Sequence[str]) -> Harm:
    """Return the kind of harm that most of some listed phrases speak of, `other` for none.

    A phrase of several words counts double.
    """
    counts: Counter[Harm] = Counter()
    for phrase in listed:
        counts[_lexicon().harm_of[phrase]] += 2 if " " in phrase else 1
    return max(HARMS, key=lambda each: counts[each]) if counts else "other"


def listed_harm(text: str) -> tuple[Harm, tuple[str, ...]]:
    """Return the harm that the word lists see in a message, and the phrases that say so."""
    listed = listed_words(normalise(text).split())
    harm = harm_of_words(listed)
    return harm, tuple(each for each in listed if _lexicon().harm_of[each] == harm)


def likely_harm(text: str) -> Harm:
    """Return the kind of harm as `harm_of` does, without looking for the words that say so."""
    harm = harms.likeliest(words(text), LEAST_SURE)
    return harm if harm != "other" else listed_harm(text)[0]


def harm_of(text: str) -> tuple[Harm, tuple[Reason, ...]]:
    """Return the kind of harm that a message may do, and the words that say so.

    From what the archive taught; where that is not sure, from our word lists, which know a little Javanese
    and Madurese; `other` when neither knows one. Never a verdict: a true warning may speak of the same.
    """
    read = words(text)
    harm = harms.likeliest(read, LEAST_SURE)
    said = harms.telling(read, harm) if harm != "other" else ()
    if harm == "other":
        harm, said = listed_harm(text)
    if harm == "other":
        return harm, ()
    return harm, (Reason(f"harm_{harm}", {"words": ", ".join(said[:_SHOWN_WORDS])}),) if said else ()


def urgency(
    *, harm: Harm, reporters: int, villages: int, growth_per_hour: float, doubt: float, age_hours: float
) -> tuple[float, tuple[Reason, ...]]:
    """Return how urgent an item is, 0 to 1, and why, weightiest reason first.

    `doubt`: 1 when nothing is known, 0 when a published check certainly says it; `age_hours` since the first
    message. The weights and what they mean are in `data/urgency.json`.
    """
    weights = _weights()
    sizes = {"reporters": float(reporters), "villages": float(villages), "growth_per_hour": growth_per_hour}
    shares = {name: _share(size, **weights["reach"][name]) for name, size in sizes.items()}
    waited = min(max(age_hours, 0.0) / weights["age"]["full_hours"], 1.0)
    score = (
        weights["harm"][harm]
        * _rising(weights["reach"]["floor"], sum(shares.values()))
        * _rising(weights["doubt"]["floor"], min(max(doubt, 0.0), 1.0))
        * _rising(weights["age"]["floor"], waited)
    )
    reasons = [(shares[name], _size_reason(name, size)) for name, size in sizes.items() if size >= _MANY]
    if harm != "other":
        reasons.append((weights["harm"][harm] - weights["harm"]["other"], Reason(f"about_{harm}", {})))
    if doubt >= _UNKNOWN:
        reasons.append(((1 - weights["doubt"]["floor"]) * doubt / 2, Reason("unknown_claim", {})))
    if age_hours >= _LONG_HOURS:
        reasons.append(
            ((1 - weights["age"]["floor"]) * waited, Reason("waiting", {"hours": round(age_hours)}))
        )
    reasons.sort(key=lambda pair: -pair[0])
    return score, tuple(reason for _, reason in reasons)


def _share(size: float, share: float, full: float) -> float:
    grown: float = share * min(math.log1p(max(size - 1, 0.0)) / math.log(full), 1.0)
    return grown


def _rising(floor: float, fraction: float) -> float:
    return floor + (1 - floor) * fraction


def _size_reason(name: str, size: float) -> Reason:
    return Reason(f"many_{name}", {"number": round(size)})
