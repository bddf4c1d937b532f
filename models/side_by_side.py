"""Two texts beside each other: the passages that stand in both, and the numbers that stand in one alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from models.text import normal_numbers, normalise

Kind = Literal["plain", "shared", "differs"]

_COMPARED = 300  # words of each text; what follows stays unmarked
_LEAST = 3  # words in a row: shorter ones are chance
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: `shared` stands in the other too, `differs` is a number that does not."""

    text: str
    kind: Kind


def side_by_side(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Cut two texts into pieces that, put together, are these texts again.

    Words count as the same in normal form, so that chat spelling makes no difference.
    """
    ours, theirs = _spans(left), _spans(right)
    own, other = ([normal for _, _, normal in spans] for spans in (ours, theirs))
    kinds: tuple[list[Kind], list[Kind]] = ([*_numbers(own, other)], [*_numbers(other, own)])
    for block in SequenceMatcher(None, own, other, autojunk=False).get_matching_blocks():
        if block.size >= min(_LEAST, len(own), len(other)):
            kinds[0][block.a : block.a + block.size] = ["shared"] * block.size
            kinds[1][block.b : block.b + block.size] = ["shared"] * block.size
    return _pieces(left, ours, kinds[0]), _pieces(right, theirs, kinds[1])


def _spans(text: str) -> list[tuple[int, int, str]]:
    found = ((word.start(), word.end(), _normal(word.group())) for word in _WORD.finditer(text))
    return [span for span, _ in zip((span for span in found if span[2]), range(_COMPARED), strict=False)]


@lru_cache(4096)
def _normal(word: str) -> str:
    return normalise(word)


def _numbers(own: Sequence[str], other: Sequence[str]) -> list[Kind]:
    known = frozenset(normal_numbers(" ".join(other)))
    return ["plain" if known.issuperset(normal_numbers(word)) else "differs" for word in own]


def _pieces(text: str, spans: Sequence[tuple[int, int, str]], kinds: Sequence[Kind]) -> tuple[Piece, ...]:
    """Join neighbours of one kind; the space between two marked words is marked with them."""
    pieces: list[Piece] = []
    end = 0
    start = 0
    kind: Kind = "plain"
    for (begin, stop, _), this in zip(spans, kinds, strict=True):
        if this != kind:
            cut = begin if kind == "plain" else end
            pieces.append(Piece(text[start:cut], kind))
            if this != "plain" and cut != begin:
                pieces.append(Piece(text[cut:begin], "plain"))
                cut = begin
            start, kind = cut, this
        end = stop
    cut = len(text) if kind == "plain" else end
    pieces += [Piece(text[start:cut], kind), Piece(text[cut:], "plain")]
    return tuple(piece for piece in pieces if piece.text)
