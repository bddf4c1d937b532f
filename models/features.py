"""What speaks for and against a candidate, as numbers that a person could check."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from models import stance
from models.index import Scores, Snapshot
from models.query import Query, skeleton_of, stem_of
from models.retrieval import Candidates, same_claim
from models.runs import longest_run
from models.text import normal_numbers

NAMES = (
    "dense", "part", "word", "char", "z_dense", "z_part", "z_word", "z_char", "fused",
    "behind_dense", "behind_part", "behind_word", "behind_char", "behind_fused",
    "rank_dense", "rank_word", "rank_char", "margin", "crowd", "hubness", "twins",
    "word_coverage", "char_coverage",
    "word_share", "loose_coverage", "window_coverage", "rare_share", "message_covered", "pair_share",
    "longest_run", "run_share",
    "partial_ratio", "token_set", "rarest_missing", "entry_rarity",
    "numbers_agree", "numbers_missing", "numbers_conflict", "links_agree",
    "denied", "negation_differs", "names_missing", "names_differ",
    "query_words", "entry_words", "told", "asks", "foreign",
)  # fmt: skip
"""The columns of `matrix`, in order."""

# Grows when a column comes to mean something else under the same name.
_MEANING = 3
FEATURE_SET = hashlib.sha256(f"{_MEANING} {' '.join(NAMES)}".encode()).hexdigest()[:8]
"""Changes with the columns: features that were stored under another mean something else."""

GROUPS: dict[str, tuple[str, ...]] = {
    "meaning": (
        "dense", "part", "z_dense", "z_part", "behind_dense", "behind_part", "rank_dense",
    ),
    "wording": (
        "word", "char", "z_word", "z_char", "behind_word", "behind_char", "rank_word", "rank_char",
        "word_coverage", "char_coverage", "word_share", "loose_coverage", "rare_share", "message_covered",
        "token_set",
        "rarest_missing",
    ),
    "passage": ("window_coverage", "pair_share", "longest_run", "run_share", "partial_ratio"),
    "numbers": ("numbers_agree", "numbers_missing", "numbers_conflict"),
    "names": ("names_missing", "names_differ"),
}  # fmt: skip
"""Features that one reason stands for; what is about the list or the texts alone belongs to none."""

_MAX_COUNTED = 3
# So much of a wording is laid side by side: of longer ones each twice costs four times.
_ENTRY_WORDS = 120
# Texts of which neither is so short are laid side by side at some places only: at each, long ones take a
# thousand times as long as all else.
_SHORT = 200
_PLACES, _HALVINGS = 8, 5
_RARE_WORDS = 8
_CROWD = 1.0  # spreads by which a rival may lie behind
_KEPT_ENTRIES = 8192  # some 20 MB


@dataclass(frozen=True, slots=True)
class _Wording:
    """A wording of an entry taken apart."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    stem_set: frozenset[str]
    skeletons: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    opening: str
    numbers: frozenset[str]
    links: frozenset[str]
    names: dict[str, frozenset[str]]
    denials: bool
    polarity: tuple[str, ...]


@lru_cache(_KEPT_ENTRIES)
def _wording(normal: str) -> _Wording:
    pieces = normal.split()
    words = tuple(word for word in pieces if "://" not in word)
    stems = tuple(map(stem_of, words))
    return _Wording(
        words=words,
        stems=stems,
        stem_set=frozenset(stems),
        skeletons=tuple(map(skeleton_of, words)),
        pairs=frozenset(pairwise(stems)),
        opening=" ".join(pieces[:_ENTRY_WORDS]),
        numbers=frozenset(normal_numbers(normal)),
        links=frozenset(word for word in pieces if "://" in word),
        names=stance.names(normal),
        denials=bool(stance.normal_denials(normal)),
        polarity=stance.polarity_words(normal),
    )


@dataclass(frozen=True, slots=True)
class _Message:
    """What all candidates of one message share: its stems by how rare they are, and its opening."""

    weights: dict[str, float]
    total: float
    rare: frozenset[str]
    opening: str
    polarity: tuple[str, ...]

    @classmethod
    def of(cls, snapshot: Snapshot, query: Query) -> _Message:
        weights: dict[str, float] = {}
        for word in set(query.words):
            stem = stem_of(word)
            weights[stem] = max(weights.get(stem, 0.0), snapshot.word.rarity(word))
        rare = sorted(weights, key=lambda stem: (-weights[stem], stem))[:_RARE_WORDS]
        return cls(
            weights=weights,
            total=max(sum(weights.values()), 1e-6),
            rare=frozenset(rare),
            opening=" ".join(query.opening),
            polarity=stance.polarity_words(query.normal),
        )


def matrix(snapshot: Snapshot, query: Query, scores: Scores, candidates: Candidates) -> NDArray[np.float64]:
    """Return the features of each candidate, shape (candidates, len(NAMES)), columns as in `NAMES`."""
    rows = candidates.rows
    texts = [_wording(snapshot.wordings[row].normal) for row in rows]
    twins = same_claim(snapshot, rows)
    raw = [candidates.dense, candidates.part, candidates.word, candidates.char]
    message = _Message.of(snapshot, query)
    openings = [text.opening for text in texts]
    compared = np.array(
        [
            _compare(snapshot, query, message, text, *alike)
            for text, alike in zip(texts, _alike(message.opening, openings), strict=True)
        ]
    )
    columns = [
        *raw,
        candidates.z_dense, candidates.z_part, candidates.z_word, candidates.z_char, candidates.fused,
        *(each - each.max() for each in (*raw, candidates.fused)),
        _ranks(candidates.dense), _ranks(candidates.word), _ranks(candidates.char),
        *_rivals(candidates.fused, twins), snapshot.hubness(rows), np.log1p(twins.sum(axis=1) - 1),
        snapshot.word.coverage(scores.word_terms, rows),
        snapshot.char.coverage(scores.char_terms, rows),
        compared,
        np.full(len(rows), np.log1p(len(query.words))),
        np.log1p([len(text.words) for text in texts]),
        np.array([snapshot.wordings[row].told for row in rows], np.float64),
        np.tile((float(query.asks), query.foreign), (len(rows), 1)),
    ]  # fmt: skip
    return np.column_stack(columns).astype(np.float64)


def _ranks(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    ranks = np.empty(scores.size)
    ranks[np.argsort(-scores, kind="stable")] = np.arange(scores.size)
    return 1.0 / (1.0 + ranks)


def _rivals(
    fused: NDArray[np.float32], twins: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by how much each candidate beats the best of another claim, and how many come near.

    Where there is no other claim it beats nothing: else whatever stands alone in an archive would be the one.
    """
    others = np.where(twins, -np.inf, fused[None, :])
    best = np.where(twins.all(axis=1), fused, others.max(axis=1))
    margins = np.clip(fused - best, -10.0, 10.0).astype(np.float64)
    near = (others > fused[:, None] - _CROWD).sum(axis=1)
    return margins, np.log1p(near)


def _alike(opening: str, openings: Sequence[str]) -> NDArray[np.float64]:
    """Return how alike a message's opening is to each of others, 0 to 1: its best passage, and its words.

    Together, so that other threads go on meanwhile: this is the longest part of comparing.
    """
    passages = np.empty(len(openings))
    short = [min(len(opening), len(other)) <= _SHORT for other in openings]
    passages[short] = _ratios(fuzz.partial_ratio, opening, list(compress(openings, short)))
    for place, other in enumerate(openings):
        if not short[place]:
            passages[place] = _likest_passage(opening, other)
    return np.column_stack([passages, _ratios(fuzz.token_set_ratio, opening, openings)])


def _ratios(scorer: Callable[..., float], opening: str, others: Sequence[str]) -> NDArray[np.float64]:
    ratios: NDArray[np.float64] = process.cdist([opening], others, scorer=scorer, dtype=np.float64)[0]
    return ratios / 100


def _likest_passage(one: str, other: str) -> float:
    """Return how alike the shorter of two long texts is to the likest passage of the other, 0 to 1.

    On the average half a percent below `partial_ratio`: passages begin at some places, then nearer and nearer
    to the best of them.
    """
    shorter, longer = sorted((one, other), key=len)
    last = len(longer) - len(shorter)
    step = max(len(shorter) // _PLACES, 1)
    places = [*range(0, last, step), last]
    best, at = 0.0, 0
    for _ in range(_HALVINGS):
        ratios = _ratios(fuzz.ratio, shorter, [longer[place : place + len(shorter)] for place in places])
        if ratios.max() > best:
            best, at = float(ratios.max()), places[int(ratios.argmax())]
        step = max(step // 2, 1)
        places = [place for place in (at - step, at + step) if 0 <= place <= last]
        if not places:
            break
    return best


def _compare(
    snapshot: Snapshot, query: Query, message: _Message, text: _Wording, passage: float, shared: float
) -> tuple[float, ...]:
    weights = snapshot.word.rarities(text.words)
    total = max(sum(weights), 1e-6)
    common = text.stem_set & query.stems
    loose = missing = 0.0
    for weight, stem, skeleton in zip(weights, text.stems, text.skeletons, strict=True):
        if stem in common:
            loose += weight
            continue
        missing = max(missing, weight)
        if skeleton in query.skeletons:
            loose += weight
    run = longest_run(query.opening, text.words)
    absent = text.numbers - query.numbers
    return (
        len(common) / max(len(query.stems), 1),
        loose / total,
        _window(query, text.stems, weights) / total,
        len(message.rare & common) / max(len(message.rare), 1),
        sum(map(message.weights.__getitem__, common)) / message.total,
        len(text.pairs & query.pairs) / max(len(text.pairs), 1),
        min(len(run), 12),
        len(run) / max(len(text.words), 1),
        passage,
        shared,
        missing,
        total / max(len(weights), 1),
        min(len(text.numbers & query.numbers), _MAX_COUNTED),
        min(len(absent), _MAX_COUNTED),
        float(bool(absent) and bool(query.numbers - text.numbers)),
        float(bool(text.links & query.links)),
        float(bool(query.denials) and not text.denials),
        float(text.polarity != message.polarity),
        min(sum(len(found - query.names[kind]) for kind, found in text.names.items()), _MAX_COUNTED),
        float(stance.names_differ(query.names, text.names) is not None),
    )


def _window(query: Query, stems: Sequence[str], weights: Sequence[float]) -> float:
    """Return the weight of the stems that stand together in one passage of the message, at its best."""
    weight_of = dict(zip(stems, weights, strict=True))
    found = sorted((place, stem) for stem in weight_of for place in query.places.get(stem, ()))
    width = 2 * len(stems) + 4
    inside: dict[str, int] = {}
    best = held = 0.0
    first = 0
    for place, stem in found:
        if not inside.get(stem):
            held += weight_of[stem]
        inside[stem] = inside.get(stem, 0) + 1
        while place - found[first][0] > width:
            gone = found[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                held -= weight_of[gone]
            first += 1
        best = max(best, held)
    return best
