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

    `texts` holds at least one non-empty string. `explanation`: what the fact-check says about it, quoting
    the claim and denying it; it helps to find the entry, but is no way of making the claim. `unproven`: what
    one person alone called the same: found by, but it takes another of `texts` to answer with the entry.
    """

    target_id: str
    texts: tuple[str, ...]
    explanation: str = ""
    unproven: tuple[str, ...] = ()

    @property
    def searched(self) -> tuple[str, ...]:
        """All that a message is compared with, the explanation last where there is one."""
        explained = (self.explanation,) if self.explanation else ()
        return (*self.texts, *self.unproven, *explained)


@dataclass(frozen=True, slots=True)
class Wording:
    """One text of an entry: as written, and in normal form.

    `told`: it explains, and makes no claim. `unproven`: one person alone called it the same.
    """

    target_id: str
    text: str
    normal: str
    told: bool = False
    unproven: bool = False


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
    `features`: what it was weighed by, as `models.features.NAMES`, to learn from what people say of it.
    `certain`: it would be the answer if it were the only match.
    """

    target_id: str
    probability: float
    reasons: tuple[Reason, ...]
    likely: bool
    features: tuple[float, ...] = ()
    certain: bool = False


@dataclass(frozen=True, slots=True)
class MatchResult:
    """All that matching says of one message: best match first; `band` follows from the best match."""

    band: Band
    matches: tuple[Match, ...]
    model_version: str
