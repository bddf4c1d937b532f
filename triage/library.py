"""The public library: our own fact-checks as people and search engines read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from models.text import clean
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.errors import NotFound
from triage.peers import trust
from triage.tables import FactCheck, FactCheckVersion
from triage.verdicts import publishable

PAGE = 20
# A sitemap may name 50,000, and others stand in it too.
MOST_ADDRESSES = 49_000
# Others' fact-checks are for their publishers to list; an answer leads to them all the same.
OURS = ("own", "starter")


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """One page of fact-checks, newest first; `total` counts all that were found."""

    items: tuple[CurrentFactCheck, ...]
    total: int
    page: int
    pages: int


def published(session: Session, search: str = "", page: int = 1) -> LibraryPage:
    """Return a page (from 1) of our own fact-checks whose heading, claim or explanation holds every word."""
    found = _matching(search)
    total = session.scalar(found.with_only_columns(func.count(FactCheck.id))) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    newest = found.order_by(FactCheck.updated_at.desc(), FactCheck.id.desc())
    rows = session.execute(newest.limit(PAGE).offset((page - 1) * PAGE))
    items = tuple(entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows)
    return LibraryPage(items, total, page, pages)


def addresses(session: Session) -> tuple[tuple[int, datetime], ...]:
    """Return numbers of our fact-checks and when each changed last, the newest as many as a sitemap takes."""
    rows = session.execute(
        select(FactCheck.id, FactCheck.updated_at)
        .where(FactCheck.origin.in_(OURS), FactCheck.searchable.is_(True))
        .order_by(FactCheck.updated_at.desc())
        .limit(MOST_ADDRESSES)
    )
    return tuple((row.id, row.updated_at) for row in rows)


def fact(session: Session, fact_check_id: int) -> CurrentFactCheck:
    """Return a fact-check that anybody may read and pass on, ours or another publisher's. Raises `NotFound`.

    What an office checked that is not read any more is passed on by nobody here.
    """
    entry = entries.current(session, fact_check_id)
    if not entry.public or not trust.used(session, (entry,)):
        raise NotFound("There is no public fact-check with this number.")
    return entry


def _matching(search: str) -> Select[FactCheck, FactCheckVersion]:
    found = entries.statement().where(
        FactCheck.origin.in_(OURS),
        FactCheck.searchable.is_(True),
        FactCheckVersion.verdict.in_(publishable()),
    )
    for word in clean(search).split()[:10]:
        columns = (FactCheckVersion.title, FactCheckVersion.claim, FactCheckVersion.explanation)
        found = found.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found
