"""The terms by which texts in normal form are compared: their words, and groups of four letters.

A term is known by a number of 64 bits made from its letters: no table of terms has to be kept or shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["word", "char"]

_GROUP = 4
_SPACE = ord(" ")
_BASE = np.uint64(0x9E3779B97F4A7C15)  # any odd number with its bits well mixed


class Occurrences(NamedTuple):
    """Every occurrence of a term: the text that it is in, and the term, both of shape (occurrences,)."""

    rows: NDArray[np.int32]
    terms: NDArray[np.uint64]


def occurrences(kind: Kind, texts: Sequence[str]) -> Occurrences:
    """Return the terms of normalised `texts`, in order of the texts; any string will do.

    Words are what spaces part. Groups are of four letters within a word, which has a space on either side.
    """
    spaced = f" {' '.join(texts)} "
    letters = np.frombuffer(spaced.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    owners = np.repeat(
        np.arange(len(texts), dtype=np.int32), np.fromiter(map(len, texts), np.intp, len(texts)) + 1
    )
    starts, terms = _SPLIT[kind](letters)
    return Occurrences(owners[starts], terms)


def _words(letters: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    inside = letters != _SPACE
    starts = np.flatnonzero(inside[1:] & ~inside[:-1]) + 1
    if not starts.size:
        return starts, np.empty(0, np.uint64)
    lengths = np.flatnonzero(inside[:-1] & ~inside[1:]) + 1 - starts
    firsts = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum()) - np.repeat(firsts, lengths)
    return starts, np.add.reduceat(letters[inside] * _powers(int(lengths.max()))[places], firsts)


def _groups(letters: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    inside = letters != _SPACE
    starts = np.flatnonzero(inside[1:-2] & inside[2:-1])
    terms = np.zeros(starts.size, np.uint64)
    for place, power in enumerate(_powers(_GROUP)):
        terms += letters[starts + place] * power
    return starts, terms


def _powers(count: int) -> NDArray[np.uint64]:
    return np.multiply.accumulate(np.full(count, _BASE))


_SPLIT: dict[Kind, Callable[[NDArray[np.uint64]], tuple[NDArray[np.intp], NDArray[np.uint64]]]] = {
    "word": _words,
    "char": _groups,
}
