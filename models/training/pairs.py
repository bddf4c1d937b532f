"""What the encoder is trained on: texts that say the same, in batches where no two rows make one claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from zlib import crc32

import numpy as np

from models import benchmark, noise
from models.benchmark import Pair
from models.index import Snapshot
from models.text import normalise
from models.training.labels import Labels, label

_NOISY = 0.3  # of the messages of a round read as if a phone had mangled them
_MAX_TEXT = 1200  # characters; more than an encoder reads
_EXPLAINED = 300  # characters of an explanation that stand for a message
_CONFUSABLE = 12  # likest entries of other claims, of which each round takes one
_POOL = 16  # batches whose texts are sorted by length together: padding costs as much as words
_LEFT_OVER = 4  # a batch of less than such a part of the size teaches too little


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what should lie near it; `others` should not.

    `claims`: what the texts may be about. Examples that share a claim never meet in a batch.
    """

    query: str
    passages: tuple[str, ...]
    others: tuple[str, ...]
    claims: frozenset[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts row by row; `others` has one for each row, or is empty."""

    queries: list[str]
    passages: list[str]
    others: list[str]


def messages(snapshot: Snapshot, pairs: Sequence[Pair]) -> list[Example]:
    """Return an example per message: the entries that answer it, and the likest that can hardly do so."""
    text_of = {wording.target_id: wording.text for wording in snapshot.wordings}
    labels = label(snapshot, pairs)
    found = []
    for pair, about in zip(pairs, labels, strict=True):
        passages = tuple(text_of[each] for each in sorted(pair.lenient) if each in text_of)
        scores = snapshot.word.scores(snapshot.word.terms(normalise(pair.query)))
        scores[list(about.unsure)] = -1.0
        others = tuple(snapshot.wordings[row].text for row in np.argsort(-scores)[:_CONFUSABLE])
        found.append(Example(pair.query[:_MAX_TEXT], passages, others, about.right))
    return found


def archive(snapshot: Snapshot, folder: Path) -> list[Example]:
    """Return what the archive says of itself: explanations and their titles, titles of one hoax."""
    text_of = {wording.target_id: wording.text for wording in snapshot.wordings}
    told, same = [], []
    for row in benchmark.rows(folder / "id_archive.jsonl"):
        own, text = row.text("target_id"), row.text("text").strip()
        alike = frozenset(row.texts("alt_target_ids")) & text_of.keys()
        if text:
            told.append((Pair(text[:_EXPLAINED], own, alike | {own}, ""), (text_of[own],)))
        if twins := sorted(alike - {own}):
            same.append((Pair(text_of[own], own, alike | {own}, ""), tuple(text_of[each] for each in twins)))
    chosen = told + same
    labels: list[Labels] = label(snapshot, [pair for pair, _ in chosen])
    return [
        Example(pair.query, passages, (), about.right)
        for (pair, passages), about in zip(chosen, labels, strict=True)
    ]


def languages(folder: Path) -> list[Example]:
    """Return sentences in Javanese and Madurese with what they say in Indonesian, none that is held out."""
    return [
        Example(each.said, (each.indonesian,), (), frozenset([_claim(each.indonesian)]))
        for each in benchmark.sentences(folder)
        if not each.held_out
    ]


def styles(folder: Path) -> list[Example]:
    """Return informal sentences with the same said formally."""
    return [
        Example(row.text("informal"), (row.text("formal"),), (), frozenset([_claim(row.text("formal"))]))
        for row in benchmark.rows(folder / "style_pairs.jsonl")
    ]


def batches(examples: Sequence[Example], size: int, random: Random, *, noisy: bool = False) -> list[Batch]:
    """Put examples in batches of at most `size`, texts of like length together.

    What is left over of claims that recur so often that they would meet is left out of this round.
    """
    order = list(examples)
    random.shuffle(order)
    pools = [
        sorted(order[start : start + size * _POOL], key=_length)
        for start in range(0, len(order), size * _POOL)
    ]
    groups = _apart([example for pool in pools for example in pool], size)
    return [_batch(group, random, noisy=noisy) for group in groups if len(group) * _LEFT_OVER >= size]


def _length(example: Example) -> int:
    return len(example.query) + max(map(len, example.passages))


def _apart(order: Sequence[Example], size: int) -> list[list[Example]]:
    """Split examples so that no two of a group share a claim."""
    done: list[list[Example]] = []
    open_groups: list[tuple[list[Example], set[int]]] = []
    for example in order:
        free = next((each for each in open_groups if each[1].isdisjoint(example.claims)), None)
        if free is None:
            free = ([], set())
            open_groups.append(free)
        free[0].append(example)
        free[1].update(example.claims)
        if len(free[0]) == size:
            open_groups.remove(free)
            done.append(free[0])
    return done + [group for group, _ in open_groups]


def _batch(group: Sequence[Example], random: Random, *, noisy: bool) -> Batch:
    kinds = list(noise.KINDS.values())
    queries = [
        random.choice(kinds)(each.query, random) if noisy and random.random() < _NOISY else each.query
        for each in group
    ]
    others = [random.choice(each.others) for each in group if each.others]
    return Batch(
        queries,
        [random.choice(each.passages) for each in group],
        others if len(others) == len(group) else [],
    )


def _claim(sentence: str) -> int:
    """Return a number below zero, where no row of the archive is, the same for the same sentence."""
    return -1 - crc32(normalise(sentence).encode())
