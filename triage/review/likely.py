"""Which suggestions are worth one person's word, and which are noise that a second person must look at."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


def is_likely(band: str, probability: float) -> bool:
    """Tell whether a suggestion for a group of this band begins where people are shown matches.

    What is below that threshold is listed too, but one tap on it must not answer everybody.
    """
    return band != "new" and probability >= _shown_from()


@cache
def _shown_from() -> float:
    stored = json.loads(files("models").joinpath("data", "calibration.json").read_text("utf-8"))
    return float(stored["review"])
