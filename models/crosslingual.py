"""Whether a sentence in Javanese or Madurese finds the Indonesian one that says the same, among thousands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models import evaluation
from models.benchmark import Sentence
from models.encoders import Encoder
from models.evaluation import Figure
from models.matching import Matcher
from models.text import clean
from models.types import Entry

CANDIDATES = 5_000
LANGUAGES = ("jv", "mad")


def candidates(sentences: Sequence[Sentence]) -> list[str]:
    """Return Indonesian sentences to be found in: all that were held out, then others, each once."""
    order = sorted(sentences, key=lambda each: not each.held_out)
    return list(dict.fromkeys(each.indonesian for each in order))[:CANDIDATES]


def by_encoder(encoder: Encoder, sentences: Sequence[Sentence]) -> list[Figure]:
    """Return how often the likest vector among the candidates is the right one, by language."""
    there = candidates(sentences)
    vectors = encoder.encode([clean(text) for text in there], "passage")
    figures = []
    for language in LANGUAGES:
        asked = _held_out(sentences, language)
        likest = (encoder.encode([clean(each.said) for each in asked], "query") @ vectors.T).argmax(axis=1)
        right = np.array([there[place] == each.indonesian for place, each in zip(likest, asked, strict=True)])
        figures.append(_figure("encoder alone", language, len(there), right))
    return figures


def by_matching(matcher: Matcher, sentences: Sequence[Sentence]) -> list[Figure]:
    """Return the same for the whole of matching; `matcher` must be empty, and is filled."""
    there = candidates(sentences)
    entries = [Entry(str(place), (text,)) for place, text in enumerate(there)]
    matcher.index.update(entries, matcher.encode_entries(entries))
    figures = []
    for language in LANGUAGES:
        asked = _held_out(sentences, language)
        found = matcher.match([each.said for each in asked], top=1)
        right = np.array(
            [
                bool(result.matches) and there[int(result.matches[0].target_id)] == each.indonesian
                for result, each in zip(found, asked, strict=True)
            ]
        )
        figures.append(_figure("matching", language, len(there), right))
    return figures


def _held_out(sentences: Sequence[Sentence], language: str) -> list[Sentence]:
    return [each for each in sentences if each.held_out and each.language == language]


def _figure(how: str, language: str, among: int, right: np.ndarray) -> Figure:
    data = f"lang_pairs.train held out ({language} -> id, {among:,} candidates)"
    return evaluation.share(f"{how} S@1", data, right)
