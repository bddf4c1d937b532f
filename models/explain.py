"""Why a candidate was ranked where it is, and why it may not be answered by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import stance
from models.features import NAMES, Query, longest_run
from models.index import Snapshot
from models.text import is_particle, normal_numbers
from models.types import Reason

MAX_REASONS = 4
CODES = frozenset(
    "same_wording same_link shared_passage shared_words similar_meaning same_topic numbers_agree "  # noqa: SIM905
    "numbers_differ names_differ denial negation_differs short_message".split()
)
"""Every code that a match can carry."""

_MIN_WORDS = 4
_PASSAGE_WORDS = 4
_SHOWN_PASSAGE = 12
_SHOWN_WORDS = 4
_RARE = 0.25  # of the rarest word in the archive
_WORDING = ("word", "z_word", "char", "z_char", "word_coverage", "char_coverage", "token_set", "word_share")
_PASSAGE = ("longest_run", "run_share", "partial_ratio")
_MEANING = ("dense", "z_dense")


def objections(query: Query, entry: str) -> tuple[Reason, ...]:
    """Return what forbids answering a message with an entry (normal form) without a person's look."""
    found: list[Reason] = []
    if query.denials and not stance.normal_denials(entry):
        found.append(Reason("denial", {"words": ", ".join(query.denials[:2])}))
    elif word := stance.negated_in_one(query.normal, entry):
        found.append(Reason("negation_differs", {"word": word}))
    own = frozenset(normal_numbers(entry))
    if (missing := own - query.numbers) and (other := query.numbers - own):
        found.append(Reason("numbers_differ", {"message": _few(other), "entry": _few(missing)}))
    if difference := stance.names_differ(query.names, stance.names(entry)):
        found.append(Reason("names_differ", {"message": difference.message, "entry": difference.entry}))
    if len(query.words) < _MIN_WORDS:
        found.append(Reason("short_message", {}))
    return tuple(found)


def reasons(
    snapshot: Snapshot,
    query: Query,
    entry: str,
    contributions: NDArray[np.float64],
    against: Sequence[Reason],
) -> tuple[Reason, ...]:
    """Return at most four reasons, weightiest first: objections, then what spoke for the entry.

    `entry`: its best wording in normal form; `contributions`: what each feature added to its log-odds.
    """
    weight = dict(zip(NAMES, contributions, strict=True))
    pro = _agreements(snapshot, query, entry, weight)
    pro.sort(key=lambda pair: -pair[0])
    found = [*against[: MAX_REASONS - 1], *(reason for _, reason in pro)]
    return tuple(found[:MAX_REASONS]) or (Reason("same_topic", {}),)


def _agreements(
    snapshot: Snapshot, query: Query, entry: str, weight: dict[str, float]
) -> list[tuple[float, Reason]]:
    words = entry.split()
    found: list[tuple[float, Reason]] = []
    if entry == query.normal or sorted(words) == sorted(query.normal.split()):
        return [(1.0, Reason("same_wording", {}))]
    if links := query.links.intersection(words):
        found.append((10.0, Reason("same_link", {"link": _few(links)})))
    run = longest_run(query.opening, words)
    if len(run) >= _PASSAGE_WORDS:
        passage = " ".join(run[:_SHOWN_PASSAGE])
        found.append((_sum(weight, _PASSAGE), Reason("shared_passage", {"passage": passage})))
    if rare := _rare_words(snapshot, query, [word for word in words if word not in run]):
        shown = ", ".join(rare[:_SHOWN_WORDS])
        found.append((_sum(weight, _WORDING), Reason("shared_words", {"words": shown})))
    if agreed := query.numbers.intersection(normal_numbers(entry)):
        found.append((weight["numbers_agree"], Reason("numbers_agree", {"numbers": _few(agreed)})))
    if not found and _sum(weight, _MEANING) > 0:
        found.append((_sum(weight, _MEANING), Reason("similar_meaning", {})))
    return found


def _rare_words(snapshot: Snapshot, query: Query, words: Sequence[str]) -> list[str]:
    """Return the telling words that the message shares, rarest first."""
    rarity = {
        word: snapshot.word.rarity(word)
        for word in words
        if word in query.words and not word[0].isdigit() and not is_particle(word)
    }
    return sorted((word for word in rarity if rarity[word] >= _RARE), key=lambda word: -rarity[word])


def _sum(weight: dict[str, float], names: Sequence[str]) -> float:
    return float(sum(weight[name] for name in names))


def _few(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)[:_SHOWN_WORDS])
