"""Matching a message against the archive: retrieve, compare, weigh, decide the band, say why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import calibration as calibrations
from models import explain, features, retrieval
from models.calibration import Calibration
from models.encoders import Encoder
from models.features import Query
from models.index import MatchIndex, Scores, Snapshot
from models.text import clean
from models.types import Band, Entry, Match, MatchResult

_BATCH = 64  # queries worked on at a time; bounds memory, not results


class Matcher:
    """An archive in memory and the means to find in it what a message says.

    `index` is filled by the caller: `matcher.index.update(entries, matcher.encode_entries(entries))`.
    `calibrated` is False when the calibration was fitted on another encoder: then no match is ever
    answered by itself, since its probabilities mean little.
    """

    def __init__(self, encoder: Encoder, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._calibration = calibration or calibrations.load()
        self.index = MatchIndex(encoder.dimension)
        self.calibrated = self._calibration.encoder == encoder.name
        self.model_version = f"{encoder.name}+{self._calibration.identity}"

    def encode_entries(self, entries: Sequence[Entry]) -> NDArray[np.float32]:
        """Encode every text of the entries, in order; shape (texts, dimension)."""
        return self._encoder.encode([clean(text) for entry in entries for text in entry.texts], "passage")

    def match(self, texts: Sequence[str], top: int = 10) -> list[MatchResult]:
        """Match messages; one result for each, in order, with at most `top` matches, best first.

        A text without words gets band `new` and no matches, as does every text while the archive is empty.
        """
        results: list[MatchResult] = []
        snapshot = self.index.snapshot()
        for start in range(0, len(texts), _BATCH):
            queries = [Query.of(text) for text in texts[start : start + _BATCH]]
            if snapshot is None:
                results += [self._nothing() for _ in queries]
                continue
            vectors = self._encoder.encode([query.text for query in queries], "query")
            all_scores = snapshot.scores([query.normal for query in queries], vectors)
            for query, scores in zip(queries, all_scores, strict=True):
                results.append(
                    self._result(snapshot, query, scores, top) if query.normal else self._nothing()
                )
        return results

    def _nothing(self) -> MatchResult:
        return MatchResult("new", (), self.model_version)

    def _result(self, snapshot: Snapshot, query: Query, scores: Scores, top: int) -> MatchResult:
        candidates = retrieval.select(snapshot, scores, self._calibration.background)
        compared = features.matrix(snapshot, query, scores, candidates)
        probabilities = self._calibration.probabilities(compared)
        added = self._calibration.contributions(compared)
        matches: dict[str, Match] = {}
        band: Band = "new"
        for place in np.argsort(-probabilities, kind="stable").tolist():
            wording, probability = snapshot.wordings[candidates.rows[place]], float(probabilities[place])
            if len(matches) == top or wording.target_id in matches:
                continue
            against = explain.objections(query, wording.normal)
            if not matches:
                band = self._band(probability, certain=not against)
            likely = probability >= self._calibration.review
            # On what is no match anyway, objections would only be noise.
            told = against if likely else ()
            why = explain.reasons(snapshot, query, wording.normal, added[place], told)
            matches[wording.target_id] = Match(wording.target_id, probability, why, likely)
        return MatchResult(band, tuple(matches.values()), self.model_version)

    def _band(self, probability: float, *, certain: bool) -> Band:
        if probability >= self._calibration.answer and certain and self.calibrated:
            return "answer"
        return "review" if probability >= self._calibration.review else "new"
