"""Wordings already seen: exact copies by digest, near-copies by MinHash and a comparison of the words.

A near-copy may drop vowels, add or lose a passage and change its frame. It may not change a number, a
link, a day, a place or a "no": then it says something else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from models import stance
from models.likeness import LIKENESS
from models.text import canonical_url, clean, normal_numbers, normalise

_PERMUTATIONS = 64
_BANDS = 16  # of four values each: pairs at Jaccard .6 share a band 9 times out of 10, at .3 one time in 8
_SHINGLE = 5
_CHUNK = 2048  # shingles hashed at a time: 1 MB
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

    `digest`: 64 hex digits, equal for texts of the same normal form. `bands`: signed 64-bit keys, at least
    one of which near-copies share; none for short texts, which are recognised by digest only. `text`: the
    normal form.
    """

    digest: str
    bands: tuple[int, ...]
    text: str


def fingerprint(text: str, url: str | None = None) -> Fingerprint:
    """Fingerprint a message; its `url` counts as part of its text. Never raises."""
    normal = normalise(text)
    canonical = (canonical_url(url) or "").lower() if url else ""
    if canonical and canonical not in normal.split():
        normal = f"{normal} {canonical}".strip()
    # A message of pictographs alone has no normal form, but two of them are not the same message.
    digest = hashlib.sha256((normal or f"\0{clean(text)}").encode("utf-8", "replace")).hexdigest()
    bands = _bands(_signature(_shingles(normal))) if _is_comparable(normal) else ()
    return Fingerprint(digest, bands, normal)


def is_near_duplicate(a: Fingerprint, b: Fingerprint) -> bool:
    """Tell whether both say the same in nearly the same words. Symmetric; only `digest` and `text` count."""
    if a.digest == b.digest:
        return True
    if not (_is_comparable(a.text) and _is_comparable(b.text)) or _facts(a.text) != _facts(b.text):
        return False
    return jaccard(a.text, b.text) >= LIKENESS.near_copy_shingles and not _substitutes(a.text, b.text)


def jaccard(a: str, b: str) -> float:
    """Return the share of 5-letter shingles that two normalised texts have in common, vowels left out."""
    first, second = _shingles(a), _shingles(b)
    common = np.intersect1d(first, second, assume_unique=True).size
    return float(common / max(first.size + second.size - common, 1))


def _facts(text: str) -> tuple[object, ...]:
    links = frozenset(word for word in text.split() if "://" in word)
    names = frozenset().union(*stance.names(text).values())
    return frozenset(normal_numbers(text)), links, names, stance.time_words(text), stance.polarity_words(text)


def _is_comparable(text: str) -> bool:
    return sum("://" not in word for word in text.split()) >= LIKENESS.near_copy_words


def _skeleton(word: str) -> str:
    return word[0] + word[1:].translate(_VOWELS)


def _shingles(text: str) -> NDArray[np.uint64]:
    """Hash every window of five characters of the vowel-less text; sorted, each once; never empty."""
    padded = " ".join(_skeleton(word) for word in text.split()).ljust(_SHINGLE)
    codes = np.frombuffer(padded.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, _SHINGLE)
    mixed = (windows * _POWERS).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


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


def _substitutes(a: str, b: str) -> bool:
    """Tell whether somewhere other words stand in place of words: another town, bank or person."""
    first, second = a.split(), b.split()
    removed: list[str] = []
    added: list[str] = []
    for step in Levenshtein.opcodes(first, second):
        if step.tag != "equal":
            removed += first[step.src_start : step.src_end]
            added += second[step.dest_start : step.dest_end]
            continue
        if _differ(removed, added):
            return True
        removed, added = [], []
    return _differ(removed, added)


def _differ(removed: list[str], added: list[str]) -> bool:
    if not removed or not added:
        return False
    before, after = "".join(removed), "".join(added)
    alike = fuzz.ratio(before, after) >= LIKENESS.near_copy_spelling
    return _skeleton(before) != _skeleton(after) and not alike
