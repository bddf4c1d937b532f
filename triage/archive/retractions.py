"""Fact-checks that their publisher took back: they are matched no more, and who was told them waits again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import events
from triage.archive import entries
from triage.archive.rows import ArchiveRow
from triage.disagreement import contradict
from triage.peers import trust
from triage.review import reopening
from triage.tables import FactCheck


def retract(session: Session, keys: Sequence[str], *, actor: str, peer_id: int | None) -> int:
    """Take imported entries out of use; returns how many were in use until now.

    Only those of this office (`peer_id`; None: imported otherwise). Their pages stay, for whoever has the
    address. Should one come again, it is as if it had changed.
    """
    if not keys:
        return 0
    fact_checks = session.scalars(
        select(FactCheck).where(
            FactCheck.source_key.in_(keys),
            FactCheck.origin == "imported",
            FactCheck.peer_id.is_(None) if peer_id is None else FactCheck.peer_id == peer_id,
            FactCheck.retracted_at.is_(None),
        )
    ).all()
    for fact_check in fact_checks:
        reopening.close(session, fact_check)
        reopening.take_back(session, fact_check.id, None, "retracted")
        data = {"peer": peer_id, "version": fact_check.version}
        events.append(
            session, actor=actor, subject="fact_check", subject_id=fact_check.id, name="retract", data=data
        )
    return len(fact_checks)


def verdicts_before(
    session: Session, rows: Sequence[ArchiveRow], peer_id: int | None
) -> dict[str, tuple[int, str]]:
    """Return number and verdict, by key, of the entries that rows may change.

    Only of an office that answers no one without a person's word: that word was given on these verdicts.
    """
    if peer_id is None or trust.answers(session, peer_id):
        return {}
    found = session.execute(
        entries.statement().where(FactCheck.source_key.in_([row.source_key for row in rows]))
    )
    return {
        row.FactCheck.source_key: (row.FactCheck.id, row.FactCheckVersion.verdict)
        for row in found
        if row.FactCheck.peer_id == peer_id
    }


def reconsider(session: Session, rows: Sequence[ArchiveRow], before: Mapping[str, tuple[int, str]]) -> None:
    """Let what was confirmed wait for people again where its verdict has turned into another one since."""
    for row in rows:
        number, verdict = before.get(row.source_key, (0, ""))
        if number and contradict(verdict, row.verdict):
            reopening.take_back(session, number, None, "changed")
