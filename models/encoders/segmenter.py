"""Text to token ids with little memory: the Unigram segmentation of E5, in plain Python.

The `tokenizers` library gives the same ids, but its trie of this vocabulary of 250,000 pieces
takes some 270 MB and two seconds in each process; a dictionary takes a sixth of either.
Words repeat, so that most are looked up in a cache, and the cost vanishes beside the model's.
"""

from __future__ import annotations

import json
import re
from array import array
from functools import lru_cache
from pathlib import Path

from models.encoders.api import EncoderDamaged
from models.encoders.q4file import Q4File

SPACE_MARK = "\N{LOWER ONE EIGHTH BLOCK}"
_SPACES = re.compile(" {2,}")
_UNKNOWN_PENALTY = 10.0
_CACHED_WORDS = 20_000
_CACHED_LENGTH = 40
_WHOLE = ("pieces", "scores", "normalisation", "begin", "end", "unknown")


def write_vocabulary(source: Q4File, path: Path) -> None:
    """Write what a `Segmenter` needs of `source` as JSON."""
    words = source.vocabulary
    content = {
        "pieces": words.pieces,
        "scores": words.scores,
        "normalisation": {f"{point:x}": text for point, text in source.normalisation.items()},
        "begin": words.begin,
        "end": words.end,
        "unknown": words.unknown,
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


class Segmenter:
    """Splits normalised text into the likeliest pieces.

    A run of characters that no piece covers becomes one unknown token, as in training.
    """

    def __init__(self, path: Path) -> None:
        """Load a file of `write_vocabulary`; EncoderDamaged when it is none."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            pieces, scores, table, begin, end, unknown = (content[name] for name in _WHOLE)
            self._ids = {piece: number for number, piece in enumerate(pieces)}
            self._scores = array("d", scores)
            self._table: dict[int, str] = {int(key, 16): text for key, text in table.items()}
            self._begin, self._end, self._unknown = int(begin), int(end), int(unknown)
            self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY
            self._longest = max(map(len, pieces))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise EncoderDamaged(f"{path}: no vocabulary ({error})") from error
        if len(pieces) != len(self._scores):
            raise EncoderDamaged(f"{path}: {len(self._scores)} scores for {len(pieces)} pieces")
        self._table[0] = " "
        self._cached = lru_cache(_CACHED_WORDS)(self._split)

    def ids(self, text: str, limit: int) -> list[int]:
        """Return at most `limit` token ids of `text`, both end marks included."""
        normal = _SPACES.sub(" ", text.translate(self._table))
        words = (normal[1:] if normal.startswith(" ") else normal).split(" ") if normal else []
        found = [self._begin]
        for word in words:
            split = self._cached if len(word) <= _CACHED_LENGTH else self._split
            found.extend(split(SPACE_MARK + word))
            if len(found) >= limit:
                break
        del found[limit - 1 :]
        found.append(self._end)
        return found

    def _split(self, word: str) -> tuple[int, ...]:
        """Return the ids of the likeliest pieces of one word, by Viterbi's algorithm."""
        size, get, scores = len(word), self._ids.get, self._scores
        best = [0.0] + [float("-inf")] * size
        came_from, piece_at = [0] * (size + 1), [self._unknown] * (size + 1)
        for start in range(size):
            score = best[start]
            if get(word[start]) is None and score + self._unknown_score > best[start + 1]:
                best[start + 1] = score + self._unknown_score
                came_from[start + 1], piece_at[start + 1] = start, self._unknown
            for end in range(start + 1, min(size, start + self._longest) + 1):
                piece = get(word[start:end])
                if piece is not None and score + scores[piece] > best[end]:
                    best[end] = score + scores[piece]
                    came_from[end], piece_at[end] = start, piece
        found: list[int] = []
        end = size
        while end:
            if piece_at[end] != self._unknown or not found or found[-1] != self._unknown:
                found.append(piece_at[end])
            end = came_from[end]
        return tuple(reversed(found))
