"""Matching once more: what was matched by words alone, while there was no encoder, is matched as always.

What somebody has decided on, judged or split meanwhile stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.matching import by_words_alone
from models.types import MatchResult
from triage import grouping, outbox, urgency
from triage.assess import Matching
from triage.columns import now
from triage.db import Store
from triage.errors import EncoderAway
from triage.events import SYSTEM
from triage.intake import whole
from triage.outbox import Job
from triage.states import move
from triage.suggesting import LATER, answering, doubt, suggest
from triage.tables import ClaimGroup, Submission, SuggestedMatch


def rematch(store: Store, matching: Matching, jobs: Sequence[Job]) -> None:
    """Match the groups that the jobs name again; who sent what is known for certain now is told.

    Raises `EncoderAway`, nothing changed, if there still is no encoder for one of them.
    """
    texts = _texts(store, jobs)
    results = dict(zip(texts, matching.match(list(texts.values())), strict=True)) if texts else {}
    if any(by_words_alone(result.model_version) for result in results.values()):
        raise EncoderAway("The encoder said nothing of this message.")
    for job in jobs:
        with store.write() as session:
            if outbox.settle(session, job):
                _put_right(session, session.get_one(ClaimGroup, job.ref), results.get(job.ref))


def _texts(store: Store, jobs: Sequence[Job]) -> dict[int, str]:
    """Return what stands for each group that is open to it, by its number."""
    read_in = Submission.id == ClaimGroup.representative_id
    with store.read() as session:
        rows = session.execute(
            select(ClaimGroup.id, ClaimGroup.model_version, Submission.text, Submission.url)
            .join(Submission, read_in)
            .where(ClaimGroup.id.in_([job.ref for job in jobs]), ClaimGroup.state == "queued")
        ).all()
    return {row.id: whole(row.text, row.url) for row in rows if by_words_alone(row.model_version)}


def _put_right(session: Session, group: ClaimGroup, result: MatchResult | None) -> None:
    if not by_words_alone(group.model_version):
        return
    if group.state == "leased":
        # Somebody reads it just now: what they see does not change under their hands.
        outbox.add(session, "rematch", group.id, after=LATER)
    elif group.state == "queued" and result is None:
        # It came back to the queue since its text was read.
        outbox.add(session, "rematch", group.id)
    elif group.state == "queued" and result is not None and not grouping.touched(session, [group]):
        _replace(session, group, result)


def _replace(session: Session, group: ClaimGroup, result: MatchResult) -> None:
    certain = answering(session, result)
    session.execute(delete(SuggestedMatch).where(SuggestedMatch.group_id == group.id))
    group.band = "review" if result.band == "answer" and certain is None else result.band
    group.doubt, group.model_version = doubt(result), result.model_version
    move(session, group, "rematch", SYSTEM, {"band": group.band})
    suggest(session, group, result)
    if certain is not None:
        group.fact_check_id = certain
        outbox.add(session, "answer", group.id)
    else:
        urgency.update(group, now())
        move(session, group, "queue", SYSTEM, {"band": group.band})
