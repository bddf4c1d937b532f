"""Hoaxes that come round again: are they found once an earlier message is known, and grouped with it?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from models import evaluation, wordings
from models.benchmark import Message, Recurrence
from models.encoders import Progress
from models.evaluation import DEPTH, Figure
from models.fingerprint import fingerprint
from models.matching import Matcher
from models.near_copies import nearness
from models.types import Entry, Match, MatchResult

Pairs = frozenset[frozenset[str]]
"""Pairs of names of messages."""


def messages(recurrences: Sequence[Recurrence]) -> list[Message]:
    """Return every message of the recurrences once, in order."""
    found = {each.name: each for pair in recurrences for each in (pair.earlier, pair.later)}
    return list(found.values())


def with_earlier(
    matcher: Matcher, entries: Sequence[Entry], recurrences: Sequence[Recurrence], progress: Progress
) -> list[MatchResult]:
    """Match each later message while its earlier one, and no other, is a wording of what answered that.

    `entries`: the archive that the matcher holds; it holds the same afterwards.
    """
    entry_of = {entry.target_id: entry for entry in entries}
    results: list[MatchResult] = []
    for recurrence in recurrences:
        entry = entry_of[recurrence.entry]
        _put(matcher, Entry(entry.target_id, (*entry.texts, recurrence.earlier.text)))
        results += matcher.match([recurrence.later.text], DEPTH)
        _put(matcher, entry)
        done = len(results)
        progress(f"{done:,} of {len(recurrences):,} messages come round again", done / len(recurrences))
    return results


def as_learned(
    entries: Sequence[Entry],
    recurrences: Sequence[Recurrence],
    before: Sequence[MatchResult],
    known: Sequence[MatchResult],
) -> list[MatchResult]:
    """Return what is found where the archive learns only what it may: else nothing has changed."""
    entry_of = {entry.target_id: entry for entry in entries}

    def learns(recurrence: Recurrence) -> bool:
        entry = entry_of[recurrence.entry]
        return bool(wordings.taught([entry], {entry.target_id: [recurrence.earlier.text]}))

    return [
        after if learns(recurrence) else first
        for recurrence, first, after in zip(recurrences, before, known, strict=True)
    ]


def as_grouped(
    recurrences: Sequence[Recurrence], known: Sequence[MatchResult], linked: Pairs
) -> list[MatchResult]:
    """Return what is found where a near-copy is answered as its group is, before anything is matched."""

    def joined(recurrence: Recurrence, result: MatchResult) -> MatchResult:
        if frozenset((recurrence.earlier.name, recurrence.later.name)) not in linked:
            return result
        others = (match for match in result.matches if match.target_id != recurrence.entry)
        return replace(result, matches=(Match(recurrence.entry, 1.0, (), likely=True), *others))

    return [joined(recurrence, result) for recurrence, result in zip(recurrences, known, strict=True)]


def finding(recurrences: Sequence[Recurrence], results: Sequence[MatchResult], data: str) -> list[Figure]:
    """Return how often the later message's fact-check comes first, and among the first ten.

    Right is any entry known to be about the same hoax; strictly, only what answered the earlier message.
    """
    figures = []
    for part, seen in ((data, (True, False)), (f"{data} (none of them in id_pairs.train)", (False,))):
        chosen = [
            (each, result) for each, result in zip(recurrences, results, strict=True) if each.seen in seen
        ]
        lenient = np.array(
            [evaluation.rank(result, each.earlier.lenient | each.later.lenient) for each, result in chosen]
        )
        strict = np.array([evaluation.rank(result, frozenset([each.entry])) for each, result in chosen])
        for name, hits in (
            ("lenient R@1", lenient <= 1),
            (f"lenient R@{DEPTH}", lenient <= DEPTH),
            ("strict R@1", strict <= 1),
        ):
            figures.append(evaluation.share(name, part, hits.astype(np.float64)))
    return figures


def near_copies(of: Sequence[Message]) -> Pairs:
    """Return the pairs that say the same in nearly the same words, as intake recognises them."""
    prints = [fingerprint(message.text) for message in of]
    sharing = defaultdict(set)
    for place, print_ in enumerate(prints):
        for key in (print_.digest, *print_.bands):
            sharing[key].add(place)
    candidates = {pair for places in sharing.values() for pair in combinations(sorted(places), 2)}
    return frozenset(
        frozenset((of[a].name, of[b].name)) for a, b in candidates if nearness(prints[a], prints[b])
    )


def same_answer(of: Sequence[Message], results: Sequence[MatchResult]) -> Pairs:
    """Return the pairs that one entry answers without a person."""
    answered = defaultdict(list)
    for message, result in zip(of, results, strict=True):
        if result.band == "answer":
            answered[result.matches[0].target_id].append(message.name)
    return _pairs(answered.values())


def grouping(recurrences: Sequence[Recurrence], linked: Pairs, data: str) -> list[Figure]:
    """Return pairwise precision and recall of the groups that `linked` pairs make.

    Right are the pairs of the file, and those that one entry is known to answer; what is not known is wrong.
    """
    of = messages(recurrences)
    same = {frozenset((each.earlier.name, each.later.name)) for each in recurrences}
    same |= {
        frozenset((a.name, b.name)) for a, b in combinations(of, 2) if not a.lenient.isdisjoint(b.lenient)
    }
    found = _pairs(_groups(linked))
    return [
        evaluation.share("pairwise precision", data, np.array([float(pair in same) for pair in found])),
        evaluation.share("pairwise recall", data, np.array([float(pair in found) for pair in same])),
    ]


def _put(matcher: Matcher, entry: Entry) -> None:
    matcher.index.update([entry], matcher.encode_entries([entry]))


def _pairs(groups: Iterable[Iterable[str]]) -> Pairs:
    return frozenset(frozenset(pair) for group in groups for pair in combinations(group, 2))


def _groups(linked: Pairs) -> list[set[str]]:
    group_of: dict[str, set[str]] = {}
    for pair in linked:
        joined = set().union(*(group_of.get(name, {name}) for name in pair))
        group_of.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in group_of.values()}.values())
