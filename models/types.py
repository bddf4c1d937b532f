"""The values that the stages of matching hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Band = Literal["answer", "review", "new"]
"""`answer`: the entry certainly says this; `review`: likely, a person confirms; `new`: nothing known."""

Harm = Literal["disaster", "health", "fraud", "communal", "election", "other"]
HARMS: tuple[Harm, ...] = ("disaster", "health", "fraud", "communal", "election", "other")


@dataclass(frozen=True, slots=True)
class Entry:
    """One searchable archive entry: every wording of its claim, the heading first.

    `texts` holds at least one non-empty string. Explanations that deny the claim do not belong here.
    """

    target_id: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a match or an urgency is what it is: a stable code and the values that a sentence needs.

    The sentence itself (Indonesian, translated) is made where it is shown.
    """

    code: str
    values: dict[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that may say what the message says; `probability` is calibrated, 0 to 1.

    `likely`: at or above where people are shown matches; what is below is only the nearest that there is.
    """

    target_id: str
    probability: float
    reasons: tuple[Reason, ...]
    likely: bool


@dataclass(frozen=True, slots=True)
class MatchResult:
    """All that matching says of one message: best match first; `band` follows from the best match."""

    band: Band
    matches: tuple[Match, ...]
    model_version: str
