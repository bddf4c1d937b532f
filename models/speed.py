"""What each step of matching costs, beside ways in which others do the same, in one run on one machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from models import calibration, features, fingerprint, retrieval
from models.encoders import Encoder
from models.features import Query
from models.index import MatchIndex, Snapshot
from models.text import normalise
from models.types import Entry

ENTRIES = 27_000
_QUERIES = 40
_REPEATS = 3
_TOP = 10
_WHAT = (
    "Bantuan untuk lansia", "Undian kulkas", "Kuota gratis", "Gempa besar", "Lahar dingin", "Penculik anak",
    "Vaksin campak", "Rebusan daun sirih", "Kartu sehat baru", "Tarif parkir", "Telur plastik", "Air sumur",
    "Surat suara", "Listrik padam", "Jembatan gantung", "Pendaftaran prajurit", "Obat nyamuk",
)  # fmt: skip
_DOES = (
    "dibagikan lewat tautan berikut", "datang nanti malam", "membuat ginjal rusak", "ditutup selama sebulan",
    "menyembuhkan kencing manis", "sudah dicoblos semua", "hanya untuk kartu lama", "naik dua kali lipat",
    "berkeliling memakai mobil putih", "dihapus mulai tahun depan", "menelan korban di kampung sebelah",
)  # fmt: skip
_WHERE = (
    "Gempol", "Purwosari", "Bangil", "Sukorejo", "Nguling", "Tosari", "Kejayan", "Wonorejo", "Beji",
    "Lekok", "Grati", "Winongan", "Pandaan", "Prigen", "Tutur", "Puspo", "Lumbang", "Rejoso", "Kraton",
)  # fmt: skip
_SAID = ("", "Katanya ", "Info warga: ", "Dari grup sebelah, ", "Awas, ", "Mohon dibaca, ", "Kata petugas, ")


@dataclass(frozen=True, slots=True)
class Cost:
    """Median milliseconds per message of one step, ours or a peer's."""

    step: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Steps of matching, and peers that do the lexical search over the same entries."""

    entries: int
    steps: tuple[Cost, ...]
    peers: tuple[Cost, ...]

    def of(self, step: str) -> float:
        """Return the milliseconds of a step."""
        return next(cost.milliseconds for cost in self.steps if cost.step == step)


def titles(count: int) -> list[str]:
    """Return made-up claims, all different for some hundred thousand."""
    found = []
    for number, (said, what, does, where) in enumerate(product(_SAID, _WHAT, _DOES, _WHERE)):
        if number == count:
            break
        found.append(f"{said}{what} nomor {number % 97} {does} di {where}")
    return found


def compare(encoder: Encoder, entries: int = ENTRIES) -> Costs:
    """Time every step for messages against that many made-up entries, and the peers on the same."""
    texts = titles(entries)
    messages = [
        f"Tolong sebarkan ya!! {texts[number * 611 % len(texts)]}, sudah ramai" for number in range(_QUERIES)
    ]
    index = MatchIndex(encoder.dimension)
    # What vectors say does not change what comparing them costs; encoding so many would take minutes.
    vectors = np.random.default_rng(7).standard_normal((len(texts), encoder.dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index.update([Entry(str(number), (text,)) for number, text in enumerate(texts)], vectors)
    snapshot = index.snapshot()
    assert snapshot is not None  # noqa: S101 - it was just filled
    normal = [normalise(message) for message in messages]
    steps = {
        "normalise": lambda: [normalise(message) for message in messages],
        "fingerprint": lambda: [fingerprint.fingerprint(message) for message in messages],
        "encode": lambda: encoder.encode(messages, "query"),
        "lexical search": lambda: _lexical(snapshot, normal),
        "retrieve and compare": lambda: _compare(snapshot, messages, vectors[: len(messages)]),
    }
    return Costs(
        len(texts),
        tuple(Cost(name, _median_ms(run)) for name, run in steps.items()),
        tuple(Cost(name, _median_ms(run)) for name, run in _peers(texts, normal).items()),
    )


def _lexical(snapshot: Snapshot, normal: Sequence[str]) -> None:
    for channel in (snapshot.word, snapshot.char):
        for terms in channel.terms(normal):
            scores = channel.scores(terms)
            np.argpartition(-scores, _TOP)[:_TOP]


def _compare(snapshot: Snapshot, messages: Sequence[str], vectors: np.ndarray) -> None:
    fitted = calibration.load()
    queries = [Query.of(message) for message in messages]
    all_scores = snapshot.scores([query.normal for query in queries], list(vectors[:, np.newaxis]))
    for query, scores in zip(queries, all_scores, strict=True):
        candidates = retrieval.select(snapshot, scores, fitted.background)
        fitted.probabilities(features.matrix(snapshot, query, scores, candidates))


def _peers(texts: Sequence[str], normal: Sequence[str]) -> dict[str, Callable[[], object]]:
    entries = [normalise(text) for text in texts]
    vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32)
    neighbours = NearestNeighbors(n_neighbors=_TOP, metric="cosine", algorithm="brute")
    neighbours.fit(vectoriser.fit_transform(entries))
    return {
        "rapidfuzz token_set_ratio, full scan": lambda: [
            process.extract(text, entries, scorer=fuzz.token_set_ratio, limit=_TOP) for text in normal
        ],
        "scikit-learn NearestNeighbors, character tf-idf": lambda: neighbours.kneighbors(
            vectoriser.transform(normal)
        ),
    }


def _median_ms(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        run()
        taken.append(1000 * (time.perf_counter() - started) / _QUERIES)
    return median(taken)
