"""What people found among the automatic answers that were drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from triage.quality.auditing import OUTCOMES
from triage.quality.intervals import Share, weighted
from triage.tables import Answer, AuditedAnswer, Submission


@dataclass(frozen=True, slots=True)
class Audited:
    """Drawn answers by what became of them, and the share of wrong ones among all automatic answers.

    `dropped`: the message was emptied before anybody judged. `wrong_share` leaves out `unclear`, `waiting`
    and `dropped`; None where nothing was judged right or wrong.
    """

    right: int
    wrong: int
    unclear: int
    waiting: int
    dropped: int
    wrong_share: Share | None

    @property
    def judged(self) -> int:
        """How many a person has judged."""
        return self.right + self.wrong + self.unclear

    @property
    def drawn(self) -> int:
        """How many were drawn."""
        return self.judged + self.waiting + self.dropped


def audited(session: Session, start: datetime, end: datetime) -> Audited:
    """Return what was found among the answers that were drawn from `start` until before `end`."""
    outcome = case(
        (AuditedAnswer.outcome != "", AuditedAnswer.outcome),
        (Submission.state == "erased", "dropped"),
        else_="waiting",
    )
    rows = session.execute(
        select(outcome, AuditedAnswer.share, func.count())
        .join(Answer, Answer.id == AuditedAnswer.answer_id)
        .join(Submission, Submission.id == Answer.submission_id)
        .where(AuditedAnswer.outcome.in_(("", *OUTCOMES)))
        .where(AuditedAnswer.drawn_at >= start, AuditedAnswer.drawn_at < end)
        .group_by(outcome, AuditedAnswer.share)
    ).all()
    numbers: Counter[str] = Counter()
    drawn: Counter[float] = Counter()
    judged: Counter[float] = Counter()
    for found, share, number in rows:
        numbers[found] += number
        drawn[share] += number
        judged[share] += number if found in OUTCOMES else 0
    weights: dict[str, list[float]] = {"right": [], "wrong": []}
    for found, share, number in rows:
        if found in weights:
            # One drawn with a chance of one in twenty stands for twenty, and for those drawn like it that
            # nobody has judged: else a time in which too many were drawn to be judged would count for less.
            weights[found] += [drawn[share] / judged[share] / share] * number
    return Audited(
        **{name: numbers[name] for name in (*OUTCOMES, "waiting", "dropped")},
        wrong_share=weighted(weights["wrong"], weights["right"]),
    )
