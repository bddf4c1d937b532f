"""From the scores of a whole archive to the few entries worth a closer look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.index import Scores, Snapshot
from models.likeness import LIKENESS

_FUSED = 30  # candidates by the fused score, and
_EACH = 5  # more by each score alone, which the fusion may have buried
_BLOCK = 128  # scores of which only the highest is looked at first
_ROWS = 60  # wordings of these entries that are compared in full


@dataclass(frozen=True, slots=True)
class Background:
    """Mean and spread of a score between unrelated texts, as measured on the data of the calibration."""

    mean: float
    spread: float

    # A small archive says little about unrelated texts: this many texts' worth of the background joins in.
    WEIGHT = 500.0

    def of(self, scores: NDArray[np.float32], weights: NDArray[np.float32] | None = None) -> Background:
        """Return mean and spread of the scores of one query against a whole archive, with this behind it.

        With `weights` the scores are a sample, each of which stands for so many.
        """
        every = scores if weights is None else weights * scores
        total = (scores.size if weights is None else float(weights.sum())) + self.WEIGHT
        mean = (float(every.sum()) + self.WEIGHT * self.mean) / total
        squares = float(every @ scores) + self.WEIGHT * (self.spread**2 + self.mean**2)
        return Background(mean, max(squares / total - mean**2, 1e-12) ** 0.5)

    def standardise(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `scores` in spreads above the mean."""
        return (scores - np.float32(self.mean)) / np.float32(self.spread)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Wordings that may say what a query says, best fused score first; each array has shape (candidates,).

    `rows`: their rows in the archive. `dense`, `part`, `word`, `char`: raw cosines; `z_*`: standardised.
    """

    rows: NDArray[np.intp]
    dense: NDArray[np.float32]
    part: NDArray[np.float32]
    word: NDArray[np.float32]
    char: NDArray[np.float32]
    z_dense: NDArray[np.float32]
    z_part: NDArray[np.float32]
    z_word: NDArray[np.float32]
    z_char: NDArray[np.float32]
    fused: NDArray[np.float32]


def select(snapshot: Snapshot, scores: Scores, background: dict[str, Background]) -> Candidates:
    """Choose the candidates of one query: the best by all scores together, and a few by each alone."""
    raw = {"dense": scores.dense, "word": scores.word, "char": scores.char}
    if scores.part is not scores.dense:
        raw["part"] = scores.part
    own = _backgrounds(scores, raw, background)
    fused = _fused(scores, own)
    chosen = [_best_entries(snapshot, fused, _FUSED)]
    chosen += [_best_entries(snapshot, each, _EACH) for each in raw.values()]
    if scores.marks is not None:
        chosen.append(_marked(snapshot, scores.marks))
    rows = snapshot.rows_of(np.unique(np.concatenate(chosen)))
    if scores.sample is not None:
        # Without a cosine there is nothing to weigh.
        rows = rows[np.isfinite(scores.dense[rows])]
    rows = rows[np.argsort(-fused[rows], kind="stable")][:_ROWS]
    dense, part, word, char = (scores.dense[rows], scores.part[rows], scores.word[rows], scores.char[rows])
    return Candidates(
        rows, dense, part, word, char,
        own["dense"].standardise(dense), own.get("part", own["dense"]).standardise(part),
        own["word"].standardise(word), own["char"].standardise(char), fused[rows],
    )  # fmt: skip


def _backgrounds(
    scores: Scores, raw: dict[str, NDArray[np.float32]], background: dict[str, Background]
) -> dict[str, Background]:
    sample = scores.sample
    if sample is None:
        return {name: background["dense" if name == "part" else name].of(each) for name, each in raw.items()}
    own = {name: background[name].of(raw[name]) for name in ("word", "char")}
    own["dense"] = background["dense"].of(sample.dense, sample.weights)
    if "part" in raw:
        own["part"] = background["dense"].of(sample.part, sample.weights)
    return own


def _fused(scores: Scores, own: dict[str, Background]) -> NDArray[np.float32]:
    """Return the weighted sum of the standardised scores, shape (wordings,)."""
    lexical = (1 - LIKENESS.fusion_dense) / 2
    weights = {"dense": LIKENESS.fusion_dense, "word": lexical, "char": lexical}
    factors = {name: weight / own[name].spread for name, weight in weights.items()}
    # One pass for each score: of a large archive every pass more takes as long as comparing it.
    fused = scores.dense * np.float32(factors["dense"])
    fused -= np.float32(sum(factor * own[name].mean for name, factor in factors.items()))
    fused += scores.word * np.float32(factors["word"])
    fused += scores.char * np.float32(factors["char"])
    return fused


def _marked(snapshot: Snapshot, marks: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the entries that share most by their numbers, links and names; none that shares nothing."""
    held = np.flatnonzero(marks > 0)
    highest = held[_highest(marks[held], _EACH * _EACH)]
    owners = np.searchsorted(snapshot.starts, highest, side="right") - 1
    entries, firsts = np.unique(owners, return_index=True)
    return entries[np.argsort(firsts)[:_EACH]]


def same_claim(snapshot: Snapshot, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tell which of `rows` make the same claim, shape (len(rows), len(rows)): texts of one entry, or of
    entries in nearly the same words.
    """
    owners = np.searchsorted(snapshot.starts, rows, side="right")
    alike: NDArray[np.bool_] = snapshot.word.likeness(rows) >= LIKENESS.same_claim_word
    alike |= owners[:, None] == owners[None, :]
    return alike


def _best_entries(snapshot: Snapshot, scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the entries of the highest scores, which are those of wordings; any order."""
    rows = count
    while True:
        # Unique keeps the first of each, and the highest scores come first.
        highest = _top(scores, rows)
        owners = np.searchsorted(snapshot.starts, highest, side="right") - 1
        entries, firsts = np.unique(owners, return_index=True)
        if entries.size >= count or highest.size == scores.size:
            return entries[np.argsort(firsts)[:count]]
        rows *= 2


def _top(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the places of the highest scores, highest first."""
    blocks = scores.size // _BLOCK
    if blocks <= count:
        return _highest(scores, count)
    # The highest are all in the blocks whose highest is highest, or in what is left over behind the last.
    highest = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    chosen = np.sort(np.argpartition(-highest, count)[:count])
    inside = chosen[:, np.newaxis] * _BLOCK + np.arange(_BLOCK)
    places = np.append(inside.ravel(), np.arange(blocks * _BLOCK, scores.size))
    return places[_highest(scores[places], count)]


def _highest(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    places = np.arange(scores.size)
    if scores.size > count:
        places = np.flatnonzero(scores >= np.partition(scores, -count)[-count])
    return places[np.argsort(-scores[places], kind="stable")[:count]]
