"""Which messages an archive may learn as further wordings of what a fact-check answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models import explain
from models.fingerprint import fingerprint
from models.likeness import LIKENESS
from models.near_copies import nearness
from models.query import Query, stem_of
from models.text import is_particle, normalise, words
from models.types import Entry

_FORBIDDING = frozenset({"denial", "negation_differs", "short_message"})


def is_learnable(message: str, own: Sequence[str]) -> bool:
    """Tell whether a message that a person called the same may stand for the entry from now on.

    `own`: the entry's wordings as published. A message that denies, or says the opposite of each of them,
    would have denials answered as the claim; a short one that shares no word with them could stand for
    anything. Other numbers and names are what the person has looked at.
    """
    query = Query.of(message)
    if not query.normal or query.denials:
        return False
    published = frozenset().union(*map(_telling, own))
    if len(query.words) < LIKENESS.telling_words and published.isdisjoint(_telling(message)):
        return False
    return any(
        _FORBIDDING.isdisjoint(reason.code for reason in explain.differences(query, normalise(text)))
        for text in own
    )


def is_new(message: str, known: Sequence[str]) -> bool:
    """Tell whether a message adds anything to wordings that are known: it is a near-copy of none."""
    print_ = fingerprint(message)
    return all(nearness(print_, fingerprint(text)) < LIKENESS.near_copy_shingles for text in known)


def taught(entries: Sequence[Entry], messages: Mapping[str, Sequence[str]]) -> list[Entry]:
    """Return the entries that learn something from confirmed `messages`, by `target_id`, as they are then."""
    changed = []
    for entry in entries:
        texts = list(entry.texts)
        for message in messages.get(entry.target_id, ()):
            if is_learnable(message, entry.texts) and is_new(message, texts):
                texts.append(message)
        if len(texts) > len(entry.texts):
            changed.append(Entry(entry.target_id, tuple(texts)))
    return changed


def _telling(text: str) -> frozenset[str]:
    return frozenset(stem_of(word) for word in words(text) if not is_particle(word) and not word[0].isdigit())
