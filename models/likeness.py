"""When two texts count as alike: the numbers of `data/likeness.json`, which says where they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares are 0 to 1; `near_copy_spelling` is a percentage of letters, `near_copy_words` a number."""

    near_copy_shingles: float
    near_copy_words: int
    near_copy_spelling: float
    fusion_dense: float
    same_claim_word: float


def _read() -> Likeness:
    stored = json.loads(resources.files("models").joinpath("data/likeness.json").read_text("utf-8"))
    near = stored["near_copy"]
    return Likeness(
        near_copy_shingles=near["shingles"],
        near_copy_words=near["words"],
        near_copy_spelling=near["spelling"],
        fusion_dense=stored["fusion"]["dense"],
        same_claim_word=stored["same_claim"]["word"],
    )


LIKENESS = _read()
"""As stored."""
