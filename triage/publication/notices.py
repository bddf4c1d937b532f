"""Notices: that a published fact-check was corrected or retracted, when and why; never by which person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import tables

Kind = Literal["corrected", "retracted"]
# A page, or an item of a feed, tells the newest of so many.
MOST = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """`version`: the one that came with it; of a retraction, the last that held."""

    kind: Kind
    version: int
    reason: str
    at: datetime


def notices_of(session: Session, fact_check_ids: Sequence[int]) -> dict[int, tuple[Notice, ...]]:
    """Return the notices of each fact-check that has some, newest first, with one query."""
    if not fact_check_ids:
        return {}
    rows = session.scalars(
        select(tables.Notice)
        .where(tables.Notice.fact_check_id.in_(fact_check_ids))
        .order_by(tables.Notice.id.desc())
        .limit(MOST)
    )
    found: dict[int, tuple[Notice, ...]] = {}
    for row in rows:
        kind: Kind = "retracted" if row.kind == "retracted" else "corrected"
        notice = Notice(kind, row.version, row.reason, row.created_at)
        found[row.fact_check_id] = (*found.get(row.fact_check_id, ()), notice)
    return found
