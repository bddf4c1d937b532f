"""What is kept of a wording to recognise it again: exact copies by digest, near-copies by keys they share.

Whether two that share a key say the same, `models.near_copies` tells.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.likeness import LIKENESS
from models.text import canonical_url, clean, normalise

_PERMUTATIONS = 64
_BANDS = 16  # of four values each: pairs at Jaccard .6 share a band 9 times out of 10, at .3 one time in 8
_SHINGLE = 5
_CHUNK = 2048  # shingles hashed at a time: 1 MB
# An excerpt has few shingles in common with the whole, so runs of words are kept, too: of each seven words
# that two texts share in a row, at least one run. Of long texts those with the least hashes are kept, of
# which an excerpt's are some.
_RUN = 4
_NEIGHBOURS = 4
_MAX_RUNS = 48
_KEPT = 1024  # messages; some 20 MB when all are as long as a message may be
_VOWELS = str.maketrans("", "", "aeiou")


def _constants(label: str, count: int) -> NDArray[np.uint64]:
    # From a hash, not a random generator: bands are kept in stores longer than generators keep a stream.
    digests = (
        hashlib.blake2b(f"{label} {number}".encode(), digest_size=8).digest() for number in range(count)
    )
    return np.array([int.from_bytes(digest, "big") | 1 for digest in digests], dtype=np.uint64)


_MULTIPLIERS = _constants("multiplier", _PERMUTATIONS)
_OFFSETS = _constants("offset", _PERMUTATIONS)
_POWERS = _constants("power", _SHINGLE)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is kept of a wording to recognise it again.

    `digest`: 64 hex digits, equal for texts of the same normal form. `bands`: at most 64 signed 64-bit keys,
    at least one of which near-copies and excerpts share; none for short texts, which are recognised by digest
    only. `text`: the normal form.
    """

    digest: str
    bands: tuple[int, ...]
    text: str


# A message that spreads comes word for word again and again.
@lru_cache(_KEPT)
def fingerprint(text: str, url: str | None = None) -> Fingerprint:
    """Fingerprint a message; its `url` counts as part of its text. Never raises."""
    normal = normalise(text)
    canonical = (canonical_url(url) or "").lower() if url else ""
    if canonical and canonical not in normal.split():
        normal = f"{normal} {canonical}".strip()
    # A message of pictographs alone has no normal form, but two of them are not the same message.
    digest = hashlib.sha256((normal or f"\0{clean(text)}").encode("utf-8", "replace")).hexdigest()
    bands = (*_bands(_signature(shingles(normal))), *_runs(normal)) if is_comparable(normal) else ()
    return Fingerprint(digest, bands, normal)


def is_comparable(text: str) -> bool:
    """Tell whether a normalised text is long enough to have near-copies."""
    return length(text) >= LIKENESS.near_copy_words


def length(text: str) -> int:
    """Return the number of words of a normalised text, links not counted."""
    return sum("://" not in word for word in text.split())


def skeleton(word: str) -> str:
    """Return a word of a normalised text without the vowels that people leave out."""
    return word[0] + word[1:].translate(_VOWELS)


def shingles(text: str) -> NDArray[np.uint64]:
    """Hash every window of five characters of the vowel-less text; sorted, each once; never empty."""
    padded = " ".join(skeleton(word) for word in text.split()).ljust(_SHINGLE)
    codes = np.frombuffer(padded.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, _SHINGLE)
    mixed = (windows * _POWERS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _runs(text: str) -> tuple[int, ...]:
    """Return keys of runs of words: the least of a few neighbouring ones, so that excerpts keep the same."""
    words = [skeleton(word) for word in text.split()]
    hashes = np.array(
        [_key(" ".join(words[start : start + _RUN])) for start in range(len(words) - _RUN + 1)],
        dtype=np.int64,
    )
    neighbours = np.lib.stride_tricks.sliding_window_view(hashes, min(_NEIGHBOURS, hashes.size))
    return tuple(np.unique(neighbours.min(axis=1))[:_MAX_RUNS].tolist())


def _key(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big", signed=True)


def _signature(shingles: NDArray[np.uint64]) -> NDArray[np.uint32]:
    minima = np.full(_PERMUTATIONS, 2**64 - 1, dtype=np.uint64)
    for start in range(0, shingles.size, _CHUNK):
        hashed = _MULTIPLIERS[:, None] * shingles[start : start + _CHUNK] + _OFFSETS[:, None]
        minima = np.minimum(minima, hashed.min(axis=1))
    return (minima >> np.uint64(32)).astype(np.uint32)


def _bands(signature: NDArray[np.uint32]) -> tuple[int, ...]:
    rows = signature.astype("<u4").reshape(_BANDS, -1)
    return tuple(
        int.from_bytes(
            hashlib.blake2b(bytes([number]) + row.tobytes(), digest_size=8).digest(), "big", signed=True
        )
        for number, row in enumerate(rows)
    )
