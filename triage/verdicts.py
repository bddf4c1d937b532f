"""Verdicts: ours, and how each maps to Mafindo's seven classes and to a ClaimReview rating.

The mapping is data (`triage/data/verdicts.json`); this module gives it types.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

# What colour a verdict has: never colour alone, its sign stands beside the word.
Tone = Literal["false", "doubt", "true", "open"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rating` is ClaimReview's 1 (false) to 5 (true), None where a claim cannot be rated."""

    code: str
    label: str
    sign: str
    tone: Tone
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


def publishable() -> tuple[str, ...]:
    """Return the codes of what everybody may read."""
    return tuple(code for code, verdict in verdicts().items() if verdict.publishable)


def verdict_sign(verdict: Verdict | None) -> tuple[str, Tone]:
    """Return the sign of a verdict and the tone of its colour; None: the source gives none of ours."""
    return (verdict.sign, verdict.tone) if verdict else ("i", "open")
