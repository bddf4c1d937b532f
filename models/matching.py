"""Matching a message against the archive: retrieve, compare, weigh, decide the band, say why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models import calibration as calibrations
from models import cores, explain, features, retrieval
from models.calibration import Calibration
from models.elsewhere import VectorSearch
from models.encoders import Encoder
from models.encoders.words_alone import WORDS_ALONE, WordsAlone
from models.index import MatchIndex, Scores, Snapshot
from models.query import Query
from models.text import clean
from models.types import Band, Entry, Match, MatchResult, Reason

_BATCH = 64  # queries worked on at a time; bounds memory, not results
_AHEAD = 8  # of these so many are encoded at a time
_OF_VECTORS = [features.NAMES.index(name) for name in (*features.GROUPS["meaning"], "hubness")]


def encode_entries(encoder: Encoder, entries: Sequence[Entry]) -> NDArray[np.float32]:
    """Encode everything that messages are compared with, in order; shape (texts, dimension)."""
    return encoder.encode([clean(text) for entry in entries for text in entry.searched], "passage")


def encode_queries(encoder: Encoder, queries: Sequence[Query]) -> list[NDArray[np.float32]]:
    """Encode messages: for each its whole and its passages, shape (1 + passages, dimension)."""
    counts = [1 + len(query.parts) for query in queries]
    texts = [text for query in queries for text in (query.text, *query.parts)]
    return np.split(encoder.encode(texts, "query"), np.cumsum(counts)[:-1])


def by_words_alone(model_version: str) -> bool:
    """Tell whether a result of this version was found without an encoder."""
    return model_version.startswith(f"{WORDS_ALONE}+")


class Matcher:
    """An archive in memory and the means to find in it what a message says.

    `index` is filled by the caller: `matcher.index.update(entries, matcher.encode_entries(entries))`.
    `calibrated` is False when the calibration was fitted on another encoder, or there is none (`WordsAlone`):
    then no match is ever answered by itself, since its probabilities mean little. With a `search` the vectors
    are searched there instead of in memory.
    """

    def __init__(
        self,
        encoder: Encoder,
        calibration: Calibration | None = None,
        search: VectorSearch | None = None,
    ) -> None:
        self.encoder = encoder
        self._calibration = calibration or calibrations.load()
        self.index = MatchIndex(encoder.dimension, search)
        self._comparing = ThreadPoolExecutor(cores.available(), "comparing")
        self.calibrated = self._calibration.encoder == encoder.name
        self.model_version = f"{encoder.name}+{self._calibration.identity}"

    def with_calibration(self, calibration: Calibration) -> Matcher:
        """Return a matcher of the same archive and encoder that weighs by other numbers."""
        return self._beside(self.encoder, calibration)

    def by_words(self) -> Matcher:
        """Return a matcher of the same archive that asks no encoder: only words and letters are compared.

        It puts what meaning would have said at what it says of any entry, so that its probabilities are low,
        and never answers.
        """
        return self._beside(WordsAlone(self.index.dimension), self._calibration)

    def _beside(self, encoder: Encoder, calibration: Calibration) -> Matcher:
        other = Matcher(encoder, calibration)
        other.index, other._comparing = self.index, self._comparing
        return other

    def emptied(self) -> Matcher:
        """Return a matcher with the same encoder and numbers, and an archive of its own, still empty."""
        return Matcher(self.encoder, self._calibration)

    def encode_entries(self, entries: Sequence[Entry]) -> NDArray[np.float32]:
        """Encode everything that messages are compared with, in order; shape (texts, dimension)."""
        return encode_entries(self.encoder, entries)

    def match(self, texts: Sequence[str], top: int = 10) -> list[MatchResult]:
        """Match messages; one result for each, in order, with at most `top` matches, best first.

        A text without words gets band `new` and no matches, as does every text while the archive is empty.
        """
        snapshot = self.index.snapshot()
        if snapshot is None:
            return [self._nothing() for _ in texts]
        results: list[MatchResult] = []
        with cores.small_products():
            for start in range(0, len(texts), _BATCH):
                queries = [Query.of(text) for text in texts[start : start + _BATCH]]
                for query, vectors in self._encoded(queries):
                    scores = snapshot.scores(query, vectors, self._comparing)
                    results.append(
                        self._result(snapshot, query, scores, top) if query.normal else self._nothing()
                    )
        return results

    def _encoded(self, queries: Sequence[Query]) -> Iterator[tuple[Query, NDArray[np.float32]]]:
        """Yield messages with their vectors; while some are compared, the next are encoded."""
        parts = [queries[start : start + _AHEAD] for start in range(0, len(queries), _AHEAD)]
        encode = partial(encode_queries, self.encoder)
        if len(parts) == 1:
            yield from zip(queries, encode(queries), strict=True)
            return
        with ThreadPoolExecutor(1, "encoding-ahead") as ahead:
            for part, vectors in zip(parts, ahead.map(encode, parts), strict=True):
                yield from zip(part, vectors, strict=True)

    def _nothing(self) -> MatchResult:
        return MatchResult("new", (), self.model_version)

    def _result(self, snapshot: Snapshot, query: Query, scores: Scores, top: int) -> MatchResult:
        blind = isinstance(self.encoder, WordsAlone)
        if blind:
            scores = self._without_meaning(scores)
        candidates = retrieval.select(snapshot, scores, self._calibration.background)
        compared = features.matrix(snapshot, query, scores, candidates)
        if blind:
            compared[:, _OF_VECTORS] = self._calibration.neutral[_OF_VECTORS]
        probabilities = self._calibration.probabilities(compared)
        best = self._best(snapshot, candidates.rows, probabilities, top)
        influences = self._calibration.influences(compared[best])
        matches: dict[str, Match] = {}

        def against(place: int) -> tuple[Reason, ...]:
            return explain.objections(snapshot, query, int(candidates.rows[place]), compared[place])

        def certain(place: int, told: tuple[Reason, ...]) -> bool:
            proven = self._proven(snapshot, candidates.rows, compared, probabilities, place)
            return proven is not None and not (told if proven == place else against(proven))

        for number, place in enumerate(best):
            wording, probability = snapshot.wordings[candidates.rows[place]], float(probabilities[place])
            likely = probability >= self._calibration.review
            # On what is no match anyway, objections would only be noise.
            told = against(place) if likely else ()
            influence = {group: float(each[number]) for group, each in influences.items()}
            why = explain.reasons(snapshot, query, wording, influence, told)
            matches[wording.target_id] = Match(
                wording.target_id,
                probability,
                why,
                likely,
                # Nothing is to be learned from what meaning has not been asked.
                () if blind else tuple(compared[place].round(5).tolist()),
                certain=likely and certain(place, told),
            )
        found = tuple(matches.values())
        return MatchResult(_band(found[0]) if found else "new", found, self.model_version)

    def _without_meaning(self, scores: Scores) -> Scores:
        """Put every wording at the likeness that unrelated texts have, so that it moves none."""
        usual = np.full_like(scores.dense, self._calibration.background["dense"].mean)
        return replace(scores, dense=usual, part=usual)

    @staticmethod
    def _best(
        snapshot: Snapshot, rows: NDArray[np.intp], probabilities: NDArray[np.float64], top: int
    ) -> list[int]:
        """Return the places of the best candidate of each entry, best first, at most `top`."""
        found: dict[str, int] = {}
        for place in np.argsort(-probabilities, kind="stable").tolist():
            if len(found) == top:
                break
            found.setdefault(snapshot.wordings[rows[place]].target_id, place)
        return list(found.values())

    def _proven(
        self,
        snapshot: Snapshot,
        rows: NDArray[np.intp],
        compared: NDArray[np.float64],
        probabilities: NDArray[np.float64],
        best: int,
    ) -> int | None:
        """Return the place of the best entry's likest proven wording, if that is sure enough to answer."""
        entry = snapshot.wordings[rows[best]].target_id
        proven = [
            place
            for place, row in enumerate(rows)
            if snapshot.wordings[row].target_id == entry and not snapshot.wordings[row].unproven
        ]
        if not self.calibrated or not proven:
            return None
        place = max(proven, key=lambda each: float(probabilities[each]))
        sure = probabilities[place] >= self._calibration.answer
        return place if sure and self._calibration.vouched(compared[place, np.newaxis])[0] else None


def _band(best: Match) -> Band:
    if not best.likely:
        return "new"
    return "answer" if best.certain else "review"
