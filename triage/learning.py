"""Learning from decisions: a calibration refitted on what people confirmed and rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from models.calibration import Calibration
from models.explain import OBJECTIONS
from models.features import FEATURE_SET
from models.training import decisions, refit
from models.training.decisions import Judged, Measured, Parts
from triage import calibrations
from triage.columns import now
from triage.db import Store
from triage.permissions import Actor
from triage.states import ANSWERABLE
from triage.tables import ClaimGroup, Decision, SuggestedMatch

# The newest so many: habits of a village change, and reading more takes memory for nothing.
MOST_DECISIONS = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What the store tells of matches. `kinds`: how many of each; `left_out`: people judged them, but they
    were weighed by another encoder, or by features of another release.
    """

    judged: tuple[Judged, ...]
    kinds: Counter[str]
    left_out: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What was learned beside what is in use, each as it does on the decisions kept aside.

    `guarded`: it answers nothing that the program's own numbers would not; `newly` of the matches kept aside
    it would answer without that guard. `shortcoming`: why it is not better, empty when it is.
    """

    tried: str
    before: Measured
    after: Measured
    guarded: bool
    newly: int
    shortcoming: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning: how many decisions taught and judged, and what is in use when it is done.

    `trial` is None where there were too few decisions.
    """

    found: Found
    taught: int
    aside: int
    current: str
    trial: Trial | None
    activated: bool
    why: str


def learn(store: Store, actor: Actor, packaged: Calibration, say: Callable[[str], None]) -> Learned:
    """Refit on decisions; use the result if it is better on those kept aside. May run twice.

    `say` is told of each step.
    """
    say("reading decisions")
    with store.read() as session:
        found = collect(session, packaged.encoder)
        use = calibrations.newest(session)
        current = calibrations.read(session, use, packaged).calibration
    parts = Parts(found.judged)
    taught, aside = _by_people(parts.taught), _by_people(parts.aside)

    def outcome(in_use: str, trial: Trial | None, why: str, *, activated: bool = False) -> Learned:
        return Learned(found, taught, aside, in_use, trial, activated, why)

    if parts.lacking:
        return outcome(current.identity, None, f"too few decisions: {parts.lacking}")
    say(f"refitting on {taught} decisions")
    tried, trial = _tried(packaged, current, parts)
    if trial.shortcoming:
        return outcome(current.identity, trial, trial.shortcoming)
    with store.write() as session:
        if calibrations.number(calibrations.newest(session)) != calibrations.number(use):
            return outcome(current.identity, trial, "something else came into use meanwhile: learn again")
        calibrations.bring_into_use(session, actor, tried, packaged, tried.figures)
    return outcome(tried.identity, trial, "better: in use from now on", activated=True)


def _tried(packaged: Calibration, current: Calibration, parts: Parts) -> tuple[Calibration, Trial]:
    learned = refit.refit(packaged, parts, f"{now():%Y-%m}")
    after = decisions.measure(learned, parts.aside)
    tried = replace(learned, figures=_figures(after))
    same = tried.identity == current.identity
    return tried, Trial(
        tried=tried.identity,
        before=decisions.measure(current, parts.aside),
        after=after,
        guarded=tried.guard is not None,
        newly=int(refit.newly_answered(tried, packaged, parts.aside).sum()),
        shortcoming="nothing new: it is in use already"
        if same
        else decisions.shortcoming(tried, current, parts.aside),
    )


def collect(session: Session, encoder: str) -> Found:
    """Read what is known of suggestions that were weighed by this encoder and this release's features.

    Right: what people confirmed. Wrong: what they rejected or took back, and likely ones that they passed
    over for a fact-check of their own which a second person approved. What was answered at once and stands
    counts as right for answers as a whole.
    """
    usable = and_(
        SuggestedMatch.feature_set == FEATURE_SET,
        SuggestedMatch.model_version.startswith(f"{encoder}+", autoescape=True),
    )
    rows = session.execute(_told().where(usable).order_by(SuggestedMatch.id.desc()).limit(MOST_DECISIONS))
    read = [(_judged(row), _kind(row)) for row in rows]
    left_out = session.scalar(select(func.count(SuggestedMatch.id)).where(_BY_PEOPLE, not_(usable)))
    return Found(tuple(judged for judged, _ in read), Counter(kind for _, kind in read), left_out or 0)


_BY_PEOPLE = and_(SuggestedMatch.state.in_(("confirmed", "rejected")), SuggestedMatch.judged_by.is_not(None))


def _told() -> Select[Any]:
    of_their_own = exists().where(
        Decision.group_id == ClaimGroup.id, Decision.kind == "new", Decision.state == "approved"
    )
    undecided = SuggestedMatch.state == "suggested"
    answered: ColumnElement[bool] = ClaimGroup.state.in_(ANSWERABLE)
    passed_over = and_(
        undecided,
        answered,
        SuggestedMatch.likely,
        SuggestedMatch.fact_check_id != ClaimGroup.fact_check_id,
        of_their_own,
    )
    stands = and_(
        undecided,
        answered,
        ClaimGroup.band == "answer",
        # Where no sender is left who could have objected, nothing is said to stand.
        ClaimGroup.submissions > 0,
        SuggestedMatch.fact_check_id == ClaimGroup.fact_check_id,
    )
    return (
        select(
            SuggestedMatch.features,
            SuggestedMatch.state,
            SuggestedMatch.fact_check_id,
            SuggestedMatch.reasons,
            func.coalesce(ClaimGroup.merged_into, ClaimGroup.id).label("message"),
            (SuggestedMatch.fact_check_id == ClaimGroup.fact_check_id).label("answers"),
        )
        .join(ClaimGroup, ClaimGroup.id == SuggestedMatch.group_id)
        .where(or_(_BY_PEOPLE, passed_over, stands))
    )


def _kind(row: Row[Any]) -> str:
    if row.state != "suggested":
        return str(row.state)
    return "stands" if row.answers else "passed over"


def _judged(row: Row[Any]) -> Judged:
    kind = _kind(row)
    return Judged(
        features=np.array(row.features, np.float64),
        right=kind in ("confirmed", "stands"),
        about=str(row.fact_check_id),
        message=str(row.message),
        barred=any(reason["code"] in OBJECTIONS for reason in row.reasons),
        by_people=kind != "stands",
    )


def _by_people(judged: list[Judged]) -> int:
    return sum(each.by_people for each in judged)


def _figures(measured: Measured) -> dict[str, float]:
    return {
        "kept_aside": measured.decisions,
        "log_loss": round(measured.log_loss, 5),
        "calibration_error": round(measured.calibration_error, 5),
        "answered": measured.answered,
        "answered_wrong": measured.answered_wrong,
    }
