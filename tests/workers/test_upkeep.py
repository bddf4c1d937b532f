"""What falls due by time alone is done by a real worker."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from tests.factories import make_fact_check, make_submission
from tests.installation import wait_for
from tests.workers.conftest import Environ, bundled, worker
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.tables import Answer, AuditCursor, AuditedAnswer, Submission


def test_what_closed_long_ago_is_emptied_by_the_clock(
    embedded: Store, settings: Config, environ: Environ
) -> None:
    closed = now() - timedelta(days=31)
    with embedded.write() as session:
        fact_check = make_fact_check(session).id
        for moment in (closed, now()):
            message = make_submission(session, state="answered", created_at=closed)
            session.add(
                Answer(
                    submission_id=message.id, fact_check_id=fact_check, version=1, via="decision",
                    created_at=moment,
                )
            )  # fmt: skip

    def states() -> list[str]:
        with embedded.read() as session:
            return [session.get_one(Submission, number).state for number in (1, 2)]

    with bundled(settings, environ), worker(settings, environ | {"PENJAGA_RETENTION_DAYS": "30"}):
        wait_for("the clock", lambda: states() == ["erased", "answered"], 30)


def test_automatic_answers_are_drawn_by_the_clock(
    embedded: Store, settings: Config, environ: Environ
) -> None:
    with embedded.write() as session:
        fact_check = make_fact_check(session).id
        message = make_submission(session, state="answered").id
        session.merge(AuditCursor(id=1, answer_id=0))
        session.add(
            Answer(submission_id=message, fact_check_id=fact_check, version=1, via="band", created_at=now())
        )

    def drawn() -> list[int]:
        with embedded.read() as session:
            return list(session.scalars(select(AuditedAnswer.answer_id)))

    with bundled(settings, environ), worker(settings, environ | {"PENJAGA_AUDIT_PERCENT": "100"}):
        wait_for("the draw", lambda: drawn() == [1], 30)
