"""Drawing automatic answers at random, for people to judge.

Of each answer that the program gave by itself, a keyed hash of its number decides whether it is drawn. Each
has the same chance, whatever it says and whenever it came, and independently of all others, so what people
find among the drawn ones holds for all. Who does not know the secret can neither tell beforehand which will
be drawn nor send something that will not be; who looks at the same answer again decides the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.receipts import keyed_hash
from triage.tables import Answer, AuditCursor, AuditedAnswer, Decision, Submission

# Answers that one step looks at.
STEP = 5_000
_CURSOR = 1
_PURPOSE = "audit"
_DIGITS = 16
# Of decisions that answered somebody, whatever became of them since.
_TOOK_EFFECT = ("approved", "withdrawn", "retracted")


def draw(store: Store, config: Config) -> None:
    """Look at the answers that were given since the last time. Safe to run twice, on any number of workers.

    What was answered before the first drawing is left alone.
    """
    while _step(store, config):
        pass


def is_drawn(secret: str, share: float, answer_id: int) -> bool:
    """Tell whether an answer is among the `share` (0 to 1) that is drawn."""
    found: int = int(keyed_hash(secret, _PURPOSE, str(answer_id))[:_DIGITS], 16)
    return found < int(share * 16**_DIGITS)


def _step(store: Store, config: Config) -> bool:
    """Look at the next answers; False if there are none, or another worker looks at them just now."""
    with store.read() as session:
        cursor = session.get(AuditCursor, _CURSOR)
        newest = session.scalar(select(func.max(Answer.id))) or 0
        if cursor is not None and cursor.answer_id >= newest:
            return False
        start = newest if cursor is None else cursor.answer_id
        end = min(newest, start + STEP)
        found = session.scalars(_automatic(start, end)).all()
    drawn = [number for number in found if is_drawn(config.secret, config.audit_share, number)]
    with store.write() as session:
        return _write(session, None if cursor is None else start, end, drawn, config.audit_share)


def _write(session: Session, start: int | None, end: int, drawn: Sequence[int], share: float) -> bool:
    cursor = session.get(AuditCursor, _CURSOR)
    if (cursor.answer_id if cursor else None) != start:
        return False
    session.merge(AuditCursor(id=_CURSOR, answer_id=end))
    session.add_all(AuditedAnswer(answer_id=number, drawn_at=now(), share=share) for number in drawn)
    return True


def _automatic(start: int, end: int) -> Select[int]:
    """Select the answers after `start` up to `end` that no person had decided, of messages still there."""
    decided = exists().where(
        Decision.group_id == Submission.group_id,
        Decision.state.in_(_TOOK_EFFECT),
        # From when a second person had read it, where one had to: until then the program answered by itself.
        func.coalesce(Decision.reviewed_at, Decision.created_at) <= Answer.created_at,
    )
    return (
        select(Answer.id)
        .join(Submission, Submission.id == Answer.submission_id)
        .where(
            Answer.id > start,
            Answer.id <= end,
            Answer.fact_check_id.is_not(None),
            or_(Answer.via == "band", and_(Answer.via == "known", ~decided)),
            Submission.state != "erased",
        )
        .order_by(Answer.id)
    )
