"""What speaks for and against a candidate, as numbers that a person could check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from models import stance
from models.index import Scores, Snapshot
from models.retrieval import Candidates, same_claim
from models.text import clean, normal_numbers, normalise

NAMES = (
    "dense", "word", "char", "z_dense", "z_word", "z_char", "fused", "rank_dense", "rank_word", "rank_char",
    "margin", "word_coverage", "char_coverage", "word_share", "longest_run", "run_share", "partial_ratio",
    "token_set", "numbers_agree", "numbers_missing", "numbers_conflict", "rarest_missing", "hubness", "twins",
    "denied", "negation_differs", "names_missing", "names_differ",
    "query_words", "entry_words", "short_query", "long_query",
)  # fmt: skip

_MAX_COUNTED = 3
# So much of a message and of a wording is laid side by side: of longer ones each twice costs four times.
_MESSAGE_WORDS, _ENTRY_WORDS = 400, 120
_STEM = 5  # letters that decide whether two words are forms of one


@dataclass(frozen=True, slots=True)
class Query:
    """A message taken apart once, for all candidates; `opening` is as much of it as is laid side by side."""

    text: str
    normal: str
    opening: tuple[str, ...]
    words: tuple[str, ...]
    stems: frozenset[str]
    numbers: frozenset[str]
    links: frozenset[str]
    names: dict[str, frozenset[str]]
    denials: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Query:
        """Take a message apart. Any string will do."""
        cleaned = clean(text)
        normal = normalise(cleaned)
        parts = normal.split()
        words = tuple(word for word in parts if "://" not in word)
        return cls(
            text=cleaned,
            normal=normal,
            opening=tuple(parts[:_MESSAGE_WORDS]),
            words=words,
            stems=frozenset(map(_stem, words)),
            numbers=frozenset(normal_numbers(normal)),
            links=frozenset(word for word in parts if "://" in word),
            names=stance.names(normal),
            denials=stance.denials(cleaned),
        )


def _stem(word: str) -> str:
    return word[:_STEM]


def matrix(snapshot: Snapshot, query: Query, scores: Scores, candidates: Candidates) -> NDArray[np.float64]:
    """Return the features of each candidate, shape (candidates, len(NAMES)), columns as in `NAMES`."""
    rows = candidates.rows
    texts = [snapshot.wordings[row].normal for row in rows]
    twins = same_claim(snapshot, rows)
    alone = np.array([np.log1p(len(query.words)), 0.0, len(query.words) < 6, len(query.words) > 60])
    lengths = np.tile(alone, (len(rows), 1))
    lengths[:, 1] = [np.log1p(text.count(" ") + 1) for text in texts]
    opening = " ".join(query.opening)
    compared = np.array([_compare(snapshot, query, opening, text) for text in texts])
    columns = [
        candidates.dense, candidates.word, candidates.char,
        candidates.z_dense, candidates.z_word, candidates.z_char, candidates.fused,
        _ranks(candidates.dense), _ranks(candidates.word), _ranks(candidates.char),
        _margins(candidates.fused, twins),
        snapshot.word.coverage(scores.word_terms, rows),
        snapshot.char.coverage(scores.char_terms, rows),
        compared[:, :9], snapshot.hubness[rows], np.log1p(twins.sum(axis=1) - 1), compared[:, 9:], lengths,
    ]  # fmt: skip
    return np.column_stack(columns).astype(np.float64)


def _ranks(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    ranks = np.empty(scores.size)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(scores.size)
    return 1.0 / (1.0 + ranks)


def _margins(fused: NDArray[np.float32], twins: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return by how much each candidate beats the best one that makes another claim."""
    others = np.where(twins, -np.inf, fused[None, :]).max(axis=1, initial=-10.0)
    margins: NDArray[np.float64] = np.clip(fused - others, -10.0, 10.0).astype(np.float64)
    return margins


def _compare(snapshot: Snapshot, query: Query, opening: str, text: str) -> tuple[float, ...]:
    words = text.split()
    shared = [word for word in words if _stem(word) in query.stems]
    missing = [word for word in words if _stem(word) not in query.stems]
    run = longest_run(query.opening, words)
    entry = " ".join(words[:_ENTRY_WORDS])
    own = frozenset(normal_numbers(text))
    absent = own - query.numbers
    names = stance.names(text)
    return (
        len(set(shared)) / max(len(set(query.words)), 1),
        min(len(run), 12),
        len(run) / max(len(words), 1),
        fuzz.partial_ratio(entry, opening) / 100,
        fuzz.token_set_ratio(entry, opening) / 100,
        min(len(own & query.numbers), _MAX_COUNTED),
        min(len(absent), _MAX_COUNTED),
        float(bool(absent) and bool(query.numbers - own)),
        max((snapshot.word.rarity(word) for word in missing), default=0.0),
        float(bool(query.denials) and not stance.normal_denials(text)),
        float(stance.polarity_words(text) != stance.polarity_words(query.normal)),
        min(sum(len(found - query.names[kind]) for kind, found in names.items()), _MAX_COUNTED),
        float(stance.names_differ(query.names, names) is not None),
    )


def longest_run(opening: Sequence[str], words: Sequence[str]) -> Sequence[str]:
    """Return the longest run of a wording's `words` that stands word for word in a message's `opening`."""
    compared = words[:_ENTRY_WORDS]
    found = SequenceMatcher(None, compared, opening, autojunk=False).find_longest_match()
    return compared[found.a : found.a + found.size]
