"""Verdicts: ours, and how each maps to Mafindo's seven classes and to a ClaimReview rating.

The mapping is data (`triage/data/verdicts.json`); this module gives it types.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rating` is ClaimReview's 1 (false) to 5 (true), None where a claim cannot be rated."""

    code: str
    label: str
    meaning: str
    mafindo: str
    rating: int | None
    alternate_name: str
    publishable: bool


@cache
def verdicts() -> dict[str, Verdict]:
    """Return all verdicts by code, in the order in which people choose among them."""
    rows = json.loads(files("triage").joinpath("data/verdicts.json").read_text("utf-8"))
    return {row["code"]: Verdict(**row) for row in rows}
