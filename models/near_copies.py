"""Whether two wordings say the same in nearly the same words.

A near-copy may drop vowels, add or lose passages, be cut off and change its frame; an excerpt is a part of
the whole. Neither may change a number, a link, a day, a place or a "no": then it says something else.
"""

from __future__ import annotations

import re

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from models import stance
from models.fingerprint import Fingerprint, is_comparable, length, shingles, skeleton
from models.likeness import LIKENESS
from models.text import normal_numbers

Words = list[str]

# Idioms with a word that elsewhere calls something true or untrue.
_IDLE = re.compile(r"(?<!\S)(?:salah satu\S*|benar benar)(?!\S)")


def nearness(a: Fingerprint, b: Fingerprint) -> float:
    """Return how near two wordings of the same are: 1 in the same normal form, 0 if they say something else.

    Between, the share of 5-letter shingles in common, which of an excerpt may be small. Symmetric; only
    `digest` and `text` count.
    """
    if a.digest == b.digest:
        return 1.0
    if not (is_comparable(a.text) and is_comparable(b.text)):
        return 0.0
    first, second = shingles(a.text), shingles(b.text)
    common = np.intersect1d(first, second, assume_unique=True).size
    shared = float(common / (first.size + second.size - common))
    alike = shared >= LIKENESS.near_copy_shingles
    contained = common >= LIKENESS.excerpt_shingles * min(first.size, second.size)
    long_enough = min(length(a.text), length(b.text)) >= LIKENESS.excerpt_words
    if not (alike or (contained and long_enough)):
        return 0.0
    return shared if _agree(a.text, b.text) else 0.0


def share_a_key(a: Fingerprint, b: Fingerprint) -> bool:
    """Tell whether a store of fingerprints would compare the two at all."""
    return a.digest == b.digest or not set(a.bands).isdisjoint(b.bands)


def _agree(a: str, b: str) -> bool:
    """Tell whether what one text has and the other has not leaves its meaning as it is."""
    changes = _changes(a.split(), b.split())
    if any(_substitutes(removed, added) for removed, added in changes):
        return False
    apart = _facts(a) ^ _facts(b)
    turned, negated = _verdicts(a) != _verdicts(b), stance.negations(a) != stance.negations(b)
    for removed, added in changes:
        words = removed + added
        text = " ".join(words)
        passage = (not removed or not added) and len(words) >= LIKENESS.passage_words
        if not passage and not apart.isdisjoint(_facts(text)):
            return False
        if turned and _verdicts(text):
            return False
        # A remark that denies what it stands beside is short; in a long passage a "no" is some detail.
        bearable = len(words) // LIKENESS.passage_words_per_negation if passage else 0
        if negated and len(stance.negations(text)) > bearable:
            return False
    return True


def _changes(first: Words, second: Words) -> list[tuple[Words, Words]]:
    """List what stands in one text only, place by place: the first's words there, and the second's."""
    changes: list[tuple[Words, Words]] = []
    removed: Words = []
    added: Words = []
    for step in Levenshtein.opcodes(first, second):
        if step.tag != "equal":
            removed += first[step.src_start : step.src_end]
            added += second[step.dest_start : step.dest_end]
        elif removed or added:
            changes.append((removed, added))
            removed, added = [], []
    if removed or added:
        changes.append(_without_cut(removed, added))
    return changes


def _without_cut(removed: Words, added: Words) -> tuple[Words, Words]:
    """Drop the piece of a word with which one text breaks off where the other goes on."""
    for short, long in ((removed, added), (added, removed)):
        if len(short) == 1 and short[0].isalpha() and long and long[0].startswith(short[0]):
            return ([], added) if short is removed else (removed, [])
    return removed, added


def _substitutes(removed: Words, added: Words) -> bool:
    """Tell whether other words stand in place of words: another town, bank or person."""
    if not removed or not added:
        return False
    before, after = "".join(removed), "".join(added)
    alike = fuzz.ratio(before, after) >= LIKENESS.near_copy_spelling
    return skeleton(before) != skeleton(after) and not alike


def _facts(text: str) -> frozenset[str]:
    links = (word for word in text.split() if "://" in word)
    names = frozenset().union(*stance.names(text).values())
    return names.union(normal_numbers(text), links, stance.time_words(text))


def _verdicts(text: str) -> tuple[str, ...]:
    plain = _IDLE.sub(" ", text)
    return (*stance.verdict_words(plain), *sorted(stance.normal_denials(plain)))
