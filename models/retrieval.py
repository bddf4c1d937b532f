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

    def standardise(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `scores` of one query against the whole archive in spreads above their mean."""
        total = scores.size + self.WEIGHT
        mean = (float(scores.sum()) + self.WEIGHT * self.mean) / total
        standard: NDArray[np.float32] = scores - np.float32(mean)
        squares = float(standard @ standard) + self.WEIGHT * (self.spread**2 + (self.mean - mean) ** 2)
        standard /= np.float32(max((squares / total) ** 0.5, 1e-6))
        return standard


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
    z = {name: background[name].standardise(getattr(scores, name)) for name in ("dense", "word", "char")}
    z["part"] = z["dense"] if scores.part is scores.dense else background["dense"].standardise(scores.part)
    dense = LIKENESS.fusion_dense
    fused = dense * z["dense"] + (1 - dense) / 2 * (z["word"] + z["char"])
    chosen = [_best_entries(snapshot, fused, _FUSED)]
    chosen += [
        _best_entries(snapshot, each, _EACH) for each in {id(each): each for each in z.values()}.values()
    ]
    rows = snapshot.rows_of(np.unique(np.concatenate(chosen)))
    rows = rows[np.argsort(-fused[rows], kind="stable")][:_ROWS]
    return Candidates(
        rows, scores.dense[rows], scores.part[rows], scores.word[rows], scores.char[rows],
        z["dense"][rows], z["part"][rows], z["word"][rows], z["char"][rows], fused[rows],
    )  # fmt: skip


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
