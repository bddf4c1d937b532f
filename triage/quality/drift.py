"""Whether stated probabilities still hold: what people said of suggestions, beside what had been stated.

Only the best suggestion of a message counts, and only where it was likely: that one is put before people, who
say yes or no to it, or pass it over for a check of their own. What lies further down is mostly judged after
the first was rejected, which says nothing about its probability. For the same reason messages are left out
that the program had answered or whose sender objected: they come to people because something seemed wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.evaluation import gap_by_chance, mean_gap
from triage import calibrations
from triage.quality.intervals import Fit, Share, exact, spiegelhalter
from triage.states import ANSWERABLE
from triage.tables import Answer, ClaimGroup, Decision, Submission, SuggestedMatch
from triage.trends.calendar import day_of

# Fewer judgements than this tell nothing of a calibration.
LEAST = 30
# Pages are looked at often: an alarm should be none by chance more than once in a hundred looks.
ALARM = 0.01
# The newest so many, as learning takes.
MOST = 20_000
_EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_LESS = 1e-6
Finding = Literal["few", "fits", "too sure", "too unsure", "differs"]


class Judgement(NamedTuple):
    """One best suggestion: what was stated, what people said, and when."""

    stated: float
    same: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """Judgements of one bin or month: how many, the mean of what was stated, and the share that was right."""

    number: int
    stated: float
    same: Share

    @property
    def small(self) -> bool:
        """Whether these are too few to say anything."""
        return self.number < LEAST


@dataclass(frozen=True, slots=True)
class Drift:
    """How stated probabilities did.

    `bins`: by what was stated, from and to. `months`: by the first day. `brier`, `error` (expected
    calibration error), `by_chance` (about what that error comes to where all probabilities hold), `fit`: of
    all; None of none. `promised`: the error that was stated, where one was.
    """

    all: Part | None
    bins: tuple[tuple[float, float, Part], ...]
    months: tuple[tuple[date, Part], ...]
    brier: float | None
    error: float | None
    by_chance: float | None
    fit: Fit | None
    promised: float | None

    @property
    def finding(self) -> Finding:
        """What all this comes to."""
        if self.all is None or self.all.small or self.fit is None:
            return "few"
        if self.fit.chance >= ALARM:
            return "fits"
        if self.all.same.high < self.all.stated:
            return "too sure"
        return "too unsure" if self.all.same.low > self.all.stated else "differs"


def drift(session: Session, region: str, start: datetime, end: datetime) -> Drift:
    """Return how probabilities did of which people said something from `start` until before `end`."""
    found = _judgements(session, start, end)
    bins = [
        (low, high, [one for one in found if low <= one.stated < high or one.stated == high == 1])
        for low, high in pairwise(_EDGES)
    ]
    months: defaultdict[date, list[Judgement]] = defaultdict(list)
    for judgement in found:
        months[day_of(region, judgement.at).replace(day=1)].append(judgement)
    stated, same = np.array([one.stated for one in found]), np.array([one.same for one in found], np.float64)
    return Drift(
        all=_part(found) if found else None,
        bins=tuple((low, high, _part(those)) for low, high, those in bins if those),
        months=tuple((first, _part(months[first])) for first in sorted(months)),
        brier=float(np.mean((stated - same) ** 2)) if found else None,
        error=mean_gap(stated, same) if found else None,
        by_chance=gap_by_chance(stated) if found else None,
        fit=spiegelhalter([_open(one.stated) for one in found], [one.same for one in found]),
        promised=calibrations.stated_error(session),
    )


def _part(found: Sequence[Judgement]) -> Part:
    number = len(found)
    same = exact(sum(one.same for one in found), number)
    return Part(number, sum(one.stated for one in found) / number, same)


def _open(stated: float) -> float:
    """Keep a probability from 0 and 1, of which one surprise would outweigh everything."""
    return min(max(stated, _LESS), 1 - _LESS)


def _judgements(session: Session, start: datetime, end: datetime) -> list[Judgement]:
    within = and_(SuggestedMatch.judged_at >= start, SuggestedMatch.judged_at < end)
    said = (
        _best(SuggestedMatch.judged_at)
        .where(within, SuggestedMatch.state.in_(("confirmed", "rejected")))
        .order_by(SuggestedMatch.judged_at.desc())
        .limit(MOST)
    )
    passed_over = (
        _best(Decision.reviewed_at)
        .join(Decision, Decision.group_id == SuggestedMatch.group_id)
        .where(
            Decision.reviewed_at >= start,
            Decision.reviewed_at < end,
            Decision.kind == "new",
            Decision.state == "approved",
            SuggestedMatch.state == "suggested",
            # Not by the index of states, which would read all that was ever answered.
            func.coalesce(ClaimGroup.state, "").in_(ANSWERABLE),
            SuggestedMatch.fact_check_id != ClaimGroup.fact_check_id,
        )
        .order_by(Decision.reviewed_at.desc())
        .limit(MOST)
    )
    found = [
        Judgement(row.probability, row.state == "confirmed", row.at)
        for query in (said, passed_over)
        for row in session.execute(query)
    ]
    # Of both together: the newest of one beside all of the other would be another mixture.
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _best(at: InstrumentedAttribute[datetime | None]) -> Select[float, str, datetime | None]:
    """Select the best suggestions of messages that came to people by themselves."""
    read = Submission.id == ClaimGroup.representative_id
    # Before: another message can stand for the claim by now, one that came when people had decided already.
    told = exists().where(
        Answer.submission_id == ClaimGroup.representative_id,
        Answer.via.in_(("band", "known")),
        Answer.created_at < at,
    )
    objected = exists().where(read, Submission.objected_at.is_not(None))
    return (
        select(SuggestedMatch.probability, SuggestedMatch.state, at.label("at"))
        .join(ClaimGroup, ClaimGroup.id == SuggestedMatch.group_id)
        .where(SuggestedMatch.rank == 1, SuggestedMatch.likely.is_(True), ~told, ~objected)
    )
