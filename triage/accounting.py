"""Does it add up? Everything ever accepted is answered, waiting, parked or erased; nothing is just gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from triage.tables import Event, Outbox, Submission

WAITING = ("received", "assessed")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Numbers of submissions. `accepted` comes from the event log, the others from what is stored.

    `forgotten`: received, but no work is owed that would assess them.
    """

    accepted: int
    answered: int
    waiting: int
    parked: int
    erased: int
    forgotten: int

    @property
    def adds_up(self) -> bool:
        """True if nothing is missing and nothing is there twice."""
        return (
            self.accepted == self.answered + self.waiting + self.parked + self.erased and not self.forgotten
        )

    def __str__(self) -> str:
        """Write the sum as the operator reads it."""
        return (
            f"accepted {self.accepted} = answered {self.answered} + waiting {self.waiting} "
            f"+ parked {self.parked} + erased {self.erased}; forgotten {self.forgotten}"
        )


def balance(session: Session) -> Accounts:
    """Count every submission once, by its state."""
    accepted = select(func.count()).where(Event.subject == "submission", Event.name == "receive")
    owed = exists().where(Outbox.task == "assess", Outbox.ref == Submission.id)
    forgotten = select(func.count(Submission.id)).where(Submission.state == "received", ~owed)
    states = dict(session.execute(select(Submission.state, func.count()).group_by(Submission.state)).all())
    return Accounts(
        accepted=session.scalar(accepted) or 0,
        answered=states.get("answered", 0),
        waiting=sum(states.get(state, 0) for state in WAITING),
        parked=states.get("parked", 0),
        erased=states.get("erased", 0),
        forgotten=session.scalar(forgotten) or 0,
    )


def overdue_since(session: Session) -> datetime | None:
    """Return when the oldest piece of work fell due that nobody has taken; None if nothing is owed."""
    return session.scalar(select(func.min(Outbox.due_at)).where(Outbox.parked_at.is_(None)))
