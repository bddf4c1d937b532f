"""When two texts count as alike: the numbers of `data/likeness.json`, which says where they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares are 0 to 1; `near_copy_spelling` is a percentage of letters, `…_words…` are numbers of words."""

    near_copy_shingles: float
    near_copy_words: int
    near_copy_spelling: float
    excerpt_shingles: float
    excerpt_words: int
    passage_words: int
    passage_words_per_negation: int
    telling_words: int
    fusion_dense: float
    same_claim_word: float


def _read() -> Likeness:
    stored = json.loads(resources.files("models").joinpath("data/likeness.json").read_text("utf-8"))
    near, passage = stored["near_copy"], stored["passage"]
    return Likeness(
        near_copy_shingles=near["shingles"],
        near_copy_words=near["words"],
        near_copy_spelling=near["spelling"],
        excerpt_shingles=stored["excerpt"]["shingles"],
        excerpt_words=stored["excerpt"]["words"],
        passage_words=passage["words"],
        passage_words_per_negation=passage["words_per_negation"],
        telling_words=stored["wording"]["words"],
        fusion_dense=stored["fusion"]["dense"],
        same_claim_word=stored["same_claim"]["word"],
    )


LIKENESS = _read()
"""As stored."""
