"""What was published, corrected or retracted here lately, for whoever reads feeds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select, union_all
from sqlalchemy.orm import Session

from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.publication.notices import Notice, notices_of, retracted_before_readers
from triage.tables import FactCheck, FactCheckVersion
from triage.verdicts import publishable

PAGE = 100


@dataclass(frozen=True, slots=True)
class Change:
    """A fact-check of our own as it stands now, or that it was retracted; `notices` are newest first."""

    entry: CurrentFactCheck
    notices: tuple[Notice, ...]

    @property
    def retracted(self) -> bool:
        """Whether we no longer stand by it."""
        return self.entry.retracted_at is not None

    @property
    def reason(self) -> str:
        """Why it was changed last, '' if it never was."""
        return self.notices[0].reason if self.notices else ""


def changed(
    session: Session, page: int = 1, *, since: datetime | None = None, most: int = PAGE
) -> tuple[tuple[Change, ...], bool]:
    """Return a page (from 1) of at most `most`, lately changed ones first, and whether there are more.

    `since`: only what changed at that instant or later. What changes while somebody reads page after page
    comes to the front: nothing is missed, some may be seen twice. Two queries.
    """
    rows = session.execute(_listed(page, most, since)).all()
    found = [entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows[:most]]
    told = notices_of(session, [entry.id for entry in found])
    return tuple(Change(entry, told.get(entry.id, ())) for entry in found), len(rows) > most


def version_tag(changes: Sequence[Change], *of: str) -> str:
    """Name what a document about these says, for whoever asks whether it is still the same."""
    rows = [(one.entry.id, one.entry.version, one.entry.updated_at.isoformat()) for one in changes]
    return hashlib.sha256(repr((rows, of)).encode()).hexdigest()[:32]


def _listed(page: int, most: int, since: datetime | None) -> Select[FactCheck, FactCheckVersion]:
    """Select from the heads of both kinds, each of which an index holds in order."""
    newest = (FactCheck.updated_at.desc(), FactCheck.id.desc())
    heads = []
    for searchable in (True, False):
        head = select(FactCheck.id).where(FactCheck.origin == "own", FactCheck.searchable.is_(searchable))
        if not searchable:
            head = head.where(FactCheck.retracted_at.is_not(None), retracted_before_readers())
        if since is not None:
            head = head.where(FactCheck.updated_at >= since)
        heads.append(head.order_by(*newest).limit(page * most + 1).subquery())
    among = union_all(*(select(head.c.id) for head in heads))
    return (
        entries.statement()
        .where(FactCheck.id.in_(among))
        .where(or_(FactCheck.searchable.is_(False), FactCheckVersion.verdict.in_(publishable())))
        .order_by(*newest)
        .limit(most + 1)
        .offset((page - 1) * most)
    )
