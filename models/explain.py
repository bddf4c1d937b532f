"""Why a candidate was ranked where it is, and why it may not be answered by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models import relation, stance
from models.index import Snapshot
from models.query import Query
from models.runs import longest_run
from models.text import is_particle, normal_numbers, normalise
from models.types import Reason, Wording

MAX_REASONS = 4
OBJECTIONS = frozenset(
    "numbers_differ names_differ denial seems_denial negation_differs "  # noqa: SIM905
    "short_message long_message".split()
)
"""Codes of what forbids answering without a person's look."""
CODES = OBJECTIONS | frozenset(
    "same_wording same_link shared_passage alike_passage shared_words similar_meaning same_topic "  # noqa: SIM905
    "numbers_agree".split()
)
"""Every code that a match can carry."""

_MIN_WORDS = 4
_MAX_WORDS = 150  # about what the encoder reads: of a longer message some was not compared as a whole
_NEWS_WORDS, _NEWS_REPORTS = 60, 2  # who said what, at length: a report of the claim, or of its denial
_PASSAGE_WORDS = 4
_SHOWN_PASSAGE = 12
_SHOWN_WORDS = 4
_DECISIVE = 10.0  # a link in common says more than any likeness, however rarely the data had one
_SEARCHED = 400  # words of a text in which a passage is looked up
_EDGES = " \t\n.,;:!?*_~`\"'()[]“”‘’…-"
_RARE = 0.25  # of the rarest word in the archive


def objections(
    snapshot: Snapshot, query: Query, row: int, features: NDArray[np.float64]
) -> tuple[Reason, ...]:
    """Return what forbids answering a message with an entry without a person's look.

    `row`: the entry's likest wording, `features`: what spoke for it. An explanation denies the claim itself,
    so that it is the heading that the message is held against.
    """
    wording = snapshot.wordings[row]
    entry = snapshot.heading(row).normal if wording.told else wording.normal
    found = differences(query, entry)
    seems = relation.denial(query, entry, features) >= relation.fitted().denies_from
    if seems and not any(reason.code == "denial" for reason in found):
        return (Reason("seems_denial", {}), *found)
    return found


def differences(query: Query, entry: str) -> tuple[Reason, ...]:
    """Return in what a message differs from a wording (normal form) that says nearly the same."""
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
    if len(query.words) > _MAX_WORDS or _reads_like_news(query):
        found.append(Reason("long_message", {}))
    return tuple(found)


def _reads_like_news(query: Query) -> bool:
    return len(query.words) > _NEWS_WORDS and stance.reports(query.normal) >= _NEWS_REPORTS


def reasons(
    snapshot: Snapshot,
    query: Query,
    wording: Wording,
    influence: Mapping[str, float],
    against: Sequence[Reason],
) -> tuple[Reason, ...]:
    """Return at most four reasons, weightiest first: objections, then what spoke for the entry.

    `wording`: its likest one; `influence`: what each of `features.GROUPS` did for it. What did nothing for
    it is no reason, even where it is true.
    """
    pro = [pair for pair in _agreements(snapshot, query, wording, influence) if pair[0] > 0]
    pro.sort(key=lambda pair: -pair[0])
    found = [*against[: MAX_REASONS - 1], *(reason for _, reason in pro)]
    return tuple(found[:MAX_REASONS]) or (Reason("same_topic", {}),)


def _agreements(
    snapshot: Snapshot, query: Query, wording: Wording, influence: Mapping[str, float]
) -> list[tuple[float, Reason]]:
    entry = wording.normal
    words = entry.split()
    found: list[tuple[float, Reason]] = []
    if entry == query.normal or sorted(words) == sorted(query.normal.split()):
        return [(1.0, Reason("same_wording", {}))]
    if links := query.links.intersection(words):
        found.append((_DECISIVE, Reason("same_link", {"link": _few(links)})))
    run = longest_run(query.opening, words)
    if len(run) >= _PASSAGE_WORDS:
        found.append((influence["passage"], _passage(query.text, wording.text, run[:_SHOWN_PASSAGE])))
    if rare := _rare_words(snapshot, query, [word for word in words if word not in run]):
        shown = ", ".join(rare[:_SHOWN_WORDS])
        found.append((influence["wording"], Reason("shared_words", {"words": shown})))
    if agreed := query.numbers.intersection(normal_numbers(entry)):
        found.append((influence["numbers"], Reason("numbers_agree", {"numbers": _few(agreed)})))
    if influence["meaning"] > 0 and not any(decided > 0 for decided, _ in found):
        found.append((influence["meaning"], Reason("similar_meaning", {})))
    return found


def _passage(message: str, entry: str, run: Sequence[str]) -> Reason:
    """Return the passage that both texts have, as each of them writes it."""
    ours, theirs = _as_written(message, run), _as_written(entry, run)
    if normalise(ours) == normalise(theirs) and ours.casefold() == theirs.casefold():
        return Reason("shared_passage", {"passage": ours})
    return Reason("alike_passage", {"message": ours, "entry": theirs})


def _as_written(text: str, run: Sequence[str]) -> str:
    """Return the piece of `text` whose normal form is `run`; the normal form where none can be told."""
    pieces = text.split()[:_SEARCHED]
    plain = [piece.casefold().strip(_EDGES) for piece in pieces]
    for start in range(len(pieces) - len(run) + 1):
        if plain[start] == run[0] and plain[start : start + len(run)] == list(run):
            return " ".join(pieces[start : start + len(run)]).strip(_EDGES)
    words, piece_of = [], []
    for number, piece in enumerate(pieces):
        own = normalise(piece).split()
        words += own
        piece_of += [number] * len(own)
    for start in range(len(words) - len(run) + 1):
        if words[start : start + len(run)] == list(run):
            found = pieces[piece_of[start] : piece_of[start + len(run) - 1] + 1]
            return " ".join(found).strip(_EDGES)
    return " ".join(run)


def _rare_words(snapshot: Snapshot, query: Query, words: Sequence[str]) -> list[str]:
    """Return the telling words that the message shares, rarest first."""
    rarity = {
        word: snapshot.word.rarity(word)
        for word in words
        if word in query.words and not word[0].isdigit() and not is_particle(word)
    }
    return sorted((word for word in rarity if rarity[word] >= _RARE), key=lambda word: -rarity[word])


def _few(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)[:_SHOWN_WORDS])
