"""What stands in the bulletin of a week."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from triage.archive import entries
from triage.bulletin.weeks import Week, came_again
from triage.gist import Gist, gist, line
from triage.publication.notices import readable
from triage.tables import FactCheck, FactCheckVersion, Notice

# Of each kind: ten times what a busy week has.
MOST = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A fact-check as it stands now, and why it was corrected."""

    said: Gist
    reason: str


@dataclass(frozen=True, slots=True)
class Retraction:
    """That we no longer stood by a fact-check, and why: its claim is not repeated, whatever came of it."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Issue:
    """The bulletin of a week, in the order of events; what cannot be read any more is left out."""

    week: Week
    published: tuple[Gist, ...]
    corrected: tuple[Correction, ...]
    retracted: tuple[Retraction, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.published or self.corrected or self.retracted)


def issue(session: Session, region: str, week: Week) -> Issue:
    """Return the bulletin of a week, with two queries."""
    begins, ends = week.span(region)
    first = select(FactCheck.id).where(
        FactCheck.origin == "own", FactCheck.created_at >= begins, FactCheck.created_at < ends
    )
    again = came_again(begins, ends).with_only_columns(FactCheckVersion.fact_check_id)
    rows = session.execute(
        entries.statement()
        .where(FactCheck.id.in_(union_all(first, again)))
        .order_by(FactCheck.created_at, FactCheck.id)
        .limit(MOST)
    )
    published = (entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows)
    noticed = session.execute(
        select(Notice, FactCheck, FactCheckVersion)
        .join(FactCheck, FactCheck.id == Notice.fact_check_id)
        .join(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
        .where(Notice.created_at >= begins, Notice.created_at < ends, readable())
        .order_by(Notice.created_at, Notice.id)
        .limit(MOST)
    )
    notices = [(row.Notice, entries.from_row(row.FactCheck, row.FactCheckVersion)) for row in noticed]
    return Issue(
        week,
        tuple(gist(entry) for entry in published if entry.public),
        tuple(
            Correction(gist(entry), line(notice.reason))
            for notice, entry in notices
            if notice.kind == "corrected" and entry.public
        ),
        tuple(
            Retraction(entry.id, line(notice.reason))
            for notice, entry in notices
            if notice.kind == "retracted"
        ),
    )
