"""All that is held about one message, for whoever holds its receipt: nothing of others, no name of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import events, receipt_view
from triage.config import Config
from triage.db import Store
from triage.tables import Answer, Event, FactCheckVersion, Submission, SubmissionNote


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """Something that happened to the message; `by`: `reporter`, `system` or `staff`."""

    at: datetime
    name: str
    by: str


@dataclass(frozen=True, slots=True)
class HeldAnswer:
    """What its sender was told, in the words of that day; no headline: asked for what was missing."""

    at: datetime
    headline: str
    verdict: str
    explanation: str
    missing: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldData:
    """A message with all that is stored with it.

    `village`: Kemendagri code; `seen` and `remark`: what its sender added; `counted_by_browser`: a keyed hash
    of the browser's random number is stored with it.
    """

    text: str
    url: str | None
    village: str | None
    seen: str
    remark: str
    channel: str
    received_at: datetime
    state: str
    objected_at: datetime | None
    erased_at: datetime | None
    counted_by_browser: bool
    events: tuple[HeldEvent, ...]
    answers: tuple[HeldAnswer, ...]


_JSON = TypeAdapter(HeldData)


def held(store: Store, config: Config, receipt: str) -> HeldData:
    """Return what is held about a message. Raises `NotFound` if there is no such receipt."""
    with store.read() as session:
        submission = receipt_view.submission_of(session, config, receipt)
        note = session.get(SubmissionNote, submission.id)
        return HeldData(
            text=submission.text,
            url=submission.url,
            village=submission.village,
            seen=note.seen if note else "",
            remark=note.remark if note else "",
            channel=submission.channel,
            received_at=submission.created_at,
            state=submission.state,
            objected_at=submission.objected_at,
            erased_at=submission.erased_at,
            counted_by_browser=submission.reporter_hash is not None,
            events=_events(session, submission),
            answers=_answers(session, submission),
        )


def as_json(data: HeldData) -> bytes:
    """Write it as JSON, times as ISO 8601 in UTC."""
    return _JSON.dump_json(data, indent=1)


def _events(session: Session, submission: Submission) -> tuple[HeldEvent, ...]:
    rows = session.scalars(
        select(Event)
        .where(Event.subject == "submission", Event.subject_id == submission.id)
        .order_by(Event.seq)
    )
    return tuple(HeldEvent(row.at, row.name, _by(row.actor)) for row in rows)


def _by(actor: str) -> str:
    return actor if actor in (events.REPORTER, events.SYSTEM) else "staff"


def _answers(session: Session, submission: Submission) -> tuple[HeldAnswer, ...]:
    rows = session.execute(
        select(Answer, FactCheckVersion)
        .outerjoin(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == Answer.fact_check_id)
            & (FactCheckVersion.number == Answer.version),
        )
        .where(Answer.submission_id == submission.id)
        .order_by(Answer.id)
    )
    return tuple(
        HeldAnswer(
            at=answer.created_at,
            headline=told.title if told else "",
            verdict=told.verdict if told else "",
            explanation=told.explanation if told else "",
            missing=answer.missing,
            withdrawn_at=answer.withdrawn_at,
        )
        for answer, told in rows
    )
