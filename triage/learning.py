"""Learning from decisions: a calibration refitted on what people confirmed and rejected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calibration import Calibration
from models.features import FEATURE_SET
from models.training import refit
from models.training.refit import Judged, Measured, TooFewDecisions
from triage import calibrations
from triage.db import Store
from triage.permissions import Actor
from triage.tables import SuggestedMatch

# The newest so many: habits of a village change, and reading more takes memory for nothing.
MOST_DECISIONS = 20_000


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of learning: what was used and what was tried, each as it does on decisions kept aside.

    `identity` is None where there were too few decisions; `why` says so, or why it is not used.
    """

    decisions: int
    identity: str | None
    before: Measured | None
    after: Measured | None
    activated: bool
    why: str


def learn(store: Store, actor: Actor, packaged: Calibration) -> Learned:
    """Refit on decisions; use the result if it is better on those kept aside. May run twice."""
    with store.read() as session:
        judged = decisions(session, packaged.encoder)
        number = calibrations.used(session)
        current = calibrations.read(session, number, packaged)
    try:
        tried = refit.refit(current, judged)
    except TooFewDecisions as error:
        return Learned(len(judged), None, None, None, activated=False, why=str(error))
    aside = [each for each in judged if each.aside]
    before, after = refit.measure(current, aside), refit.measure(tried, aside)
    if not refit.is_better(tried, current, aside):
        why = "not better on the decisions kept aside, or by no more than chance"
        return Learned(len(judged), tried.identity, before, after, activated=False, why=why)
    with store.write() as session:
        if calibrations.used(session) != number:
            why = "another version came into use meanwhile: learn again"
            return Learned(len(judged), tried.identity, before, after, activated=False, why=why)
        data = {"decisions": len(judged), "log_loss": round(after.log_loss, 5)}
        calibrations.use_new(session, actor, tried, data)
    return Learned(
        len(judged), tried.identity, before, after, activated=True, why="better: in use from now on"
    )


def decisions(session: Session, encoder: str) -> list[Judged]:
    """Read what people said of suggestions that were weighed by this encoder and this release's features."""
    rows = session.execute(
        select(SuggestedMatch.features, SuggestedMatch.state, SuggestedMatch.fact_check_id)
        .where(
            SuggestedMatch.state.in_(("confirmed", "rejected")),
            SuggestedMatch.judged_by.is_not(None),
            SuggestedMatch.feature_set == FEATURE_SET,
            SuggestedMatch.model_version.startswith(f"{encoder}+", autoescape=True),
        )
        .order_by(SuggestedMatch.id.desc())
        .limit(MOST_DECISIONS)
    )
    return [
        Judged(np.array(row.features, np.float64), row.state == "confirmed", str(row.fact_check_id))
        for row in rows
    ]
