"""Does it add up? Everything ever accepted is answered, waiting, parked or erased; nothing is just gone.

Asked for often, so each number comes out of an index: no table is read from end to end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from triage.broker import OutboxTask
from triage.states import ANSWERABLE
from triage.tables import (
    ArchiveImport,
    ClaimGroup,
    ClaimText,
    ClaimVector,
    Decision,
    Event,
    FactCheck,
    Outbox,
    Submission,
)

WAITING = ("received", "assessed")


@dataclass(frozen=True, slots=True)
class Accounts:
    """Numbers of submissions. `accepted` comes from the event log, the others from what is stored.

    `unowed`: by task, how much ought to be done that no outbox row would do. Archive wordings without a
    vector are not among it (`unencoded`).
    """

    accepted: int
    answered: int
    waiting: int
    parked: int
    erased: int
    unowed: dict[OutboxTask, int]

    @property
    def forgotten(self) -> int:
        """How many things wait for work that nobody owes."""
        return sum(self.unowed.values())

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
    """Count every submission once, by its state, and what waits without being owed."""
    # In the statement as it stands: SQLite takes a partial index for no parameter.
    received = Event.name == literal("receive", literal_execute=True)
    states = dict(session.execute(select(Submission.state, func.count()).group_by(Submission.state)).all())
    return Accounts(
        accepted=session.scalar(select(func.count(Event.seq)).where(received)) or 0,
        answered=states.get("answered", 0),
        waiting=sum(states.get(state, 0) for state in WAITING),
        parked=states.get("parked", 0),
        erased=states.get("erased", 0),
        unowed={
            "assess": _number(session, _unassessed()),
            "publish": _number(session, _unpublished()),
            "answer": _number(session, _untold()) + _number(session, _left_out()),
            "import": _number(session, _unimported()),
        },
    )


def unencoded(session: Session) -> int:
    """Count archive wordings without any vector that nobody owes: matching finds them by words alone.

    Looks at the whole archive. A worker that starts owes them by itself.
    """
    if session.scalar(select(Outbox.id).where(Outbox.task == "embed").limit(1)) is not None:
        return 0
    vector = exists().where(ClaimVector.claim_text_id == ClaimText.id)
    texts = select(func.count(ClaimText.id)).join(FactCheck).where(FactCheck.searchable.is_(True), ~vector)
    return session.scalar(texts) or 0


def overdue_since(session: Session) -> datetime | None:
    """Return when the oldest piece of work fell due that nobody has taken; None if nothing is owed."""
    return session.scalar(select(func.min(Outbox.due_at)).where(Outbox.parked_at.is_(None)))


def _number(session: Session, found: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _unowed(task: OutboxTask, ref: object) -> ColumnElement[bool]:
    return ~exists().where(Outbox.task == task, Outbox.ref == ref)


def _unassessed() -> Select[int]:
    """Select submissions that wait to be read, or for a person to put them back, without a row for it."""
    return select(Submission.id).where(
        Submission.state.in_(("received", "parked")), _unowed("assess", Submission.id)
    )


def _unpublished() -> Select[int]:
    return (
        select(Decision.id)
        .join(ClaimGroup, ClaimGroup.id == Decision.group_id)
        .where(
            ClaimGroup.state == "approved",
            *_to_be_published(),
            _unowed("publish", Decision.id),
        )
    )


def _to_be_published() -> tuple[ColumnElement[bool], ...]:
    return (
        Decision.state == "approved",
        Decision.kind.in_(("new", "correct")),
        # Once it is published, it has a number.
        Decision.fact_check_id.is_(None),
    )


def _untold() -> Select[int]:
    """Select groups that are decided, with the answer there, whose senders nobody is about to tell."""
    decided = ClaimGroup.state.in_(("assessed", "approved", "published"))
    # What an approved correction says is not there yet: it is published first.
    corrected = exists().where(Decision.group_id == ClaimGroup.id, *_to_be_published())
    return select(ClaimGroup.id).where(
        decided, ClaimGroup.fact_check_id.is_not(None), ~corrected, _unowed("answer", ClaimGroup.id)
    )


def _left_out() -> Select[int]:
    """Select messages that wait in an answered group, which nobody is about to tell either."""
    return (
        select(Submission.id)
        .join(ClaimGroup, ClaimGroup.id == Submission.group_id)
        .where(
            Submission.state == "assessed",
            ClaimGroup.state.in_(ANSWERABLE),
            ClaimGroup.fact_check_id.is_not(None),
            _unowed("answer", ClaimGroup.id),
        )
    )


def _unimported() -> Select[int]:
    return select(ArchiveImport.id).where(
        ArchiveImport.state == "queued", _unowed("import", ArchiveImport.id)
    )
