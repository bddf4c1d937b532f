"""Notices: that a published fact-check was corrected or retracted, when and why; never by which person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from triage import events, tables
from triage.columns import now
from triage.tables import FactCheck, FactCheckVersion
from triage.verdicts import publishable

Kind = Literal["corrected", "retracted"]
_DEEDS: dict[Kind, str] = {"corrected": "correct", "retracted": "retract"}
# Of each fact-check a page, or an item of a feed, tells the newest of so many.
MOST = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """`version`: the one that came with it; of a retraction, the last that held."""

    kind: Kind
    version: int
    reason: str
    at: datetime


def give_notice(
    session: Session,
    fact_check: tables.FactCheck,
    kind: Kind,
    reason: str,
    author_id: int,
    actor: str,
    data: dict[str, int],
) -> None:
    """Tell readers that a fact-check was corrected or retracted, and log it as `actor`'s deed with `data`."""
    notice = tables.Notice(
        fact_check_id=fact_check.id,
        kind=kind,
        version=fact_check.version,
        reason=reason,
        author_id=author_id,
        created_at=now(),
    )
    session.add(notice)
    session.flush()
    events.append(
        session,
        actor=actor,
        subject="fact_check",
        subject_id=fact_check.id,
        name=_DEEDS[kind],
        data=data | {"notice": notice.id, "version": fact_check.version},
    )


def readable() -> ColumnElement[bool]:
    """Say, in a statement on notices, that one is about what everybody could read.

    What is no claim, or cannot be checked, answers its senders alone: so do the reasons why it was changed.
    """
    version = aliased(FactCheckVersion)
    return exists().where(
        version.fact_check_id == tables.Notice.fact_check_id,
        version.number == tables.Notice.version,
        version.verdict.in_(publishable()),
    )


def retracted_before_readers() -> ColumnElement[bool]:
    """Say, in a statement on fact-checks, that everybody was told that one was retracted."""
    return exists().where(
        tables.Notice.fact_check_id == FactCheck.id, tables.Notice.kind == "retracted", readable()
    )


def notices_of(session: Session, fact_check_ids: Sequence[int]) -> dict[int, tuple[Notice, ...]]:
    """Return the notices to readers of each fact-check that has some, newest first, with one query."""
    if not fact_check_ids:
        return {}
    newest_first = func.row_number().over(
        partition_by=tables.Notice.fact_check_id, order_by=tables.Notice.id.desc()
    )
    ranked = (
        select(tables.Notice.id, newest_first.label("place"))
        .where(tables.Notice.fact_check_id.in_(fact_check_ids), readable())
        .subquery()
    )
    rows = session.scalars(
        select(tables.Notice)
        .join(ranked, ranked.c.id == tables.Notice.id)
        .where(ranked.c.place <= MOST)
        .order_by(tables.Notice.id.desc())
    )
    found: dict[int, tuple[Notice, ...]] = {}
    for row in rows:
        kind: Kind = "retracted" if row.kind == "retracted" else "corrected"
        notice = Notice(kind, row.version, row.reason, row.created_at)
        found[row.fact_check_id] = (*found.get(row.fact_check_id, ()), notice)
    return found
