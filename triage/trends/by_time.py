"""Reading tallies and messages of a time: not by the index of groups, which would read all that ever came."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from triage.tables import ClaimGroup, FactCheck, FactCheckVersion, Submission, TallyHour
from triage.trends.calendar import span_of
from triage.trends.filters import NO_VERDICT, Filter
from triage.verdicts import verdicts

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
# The same numbers, 0 for none; SQLite would rather group by an index than look only at the time asked for.
TALLIED_GROUP = func.coalesce(TallyHour.group_id, 0)
MESSAGE_GROUP = func.coalesce(Submission.group_id, 0)
MESSAGE_VILLAGE = func.coalesce(Submission.village, "")


def tallied(region: str, asked: Filter, *columns: Column) -> Select[*tuple[Any, ...]]:
    """Select from the tallies by the hour, as far as they are of what is asked for."""
    query = select(*columns).where(
        TallyHour.begins >= span_of(region, asked.first).start,
        TallyHour.begins < span_of(region, asked.last).end,
    )
    if asked.district:
        query = query.where(
            TallyHour.village > f"{asked.district}.", TallyHour.village < f"{asked.district}/"
        )
    if asked.channel:
        query = query.where(TallyHour.channel == asked.channel)
    if asked.harm or asked.verdict:
        query = with_claims(query.select_from(TallyHour), TALLIED_GROUP).where(*said(asked))
    return query


def with_claims(query: Select[*tuple[Any, ...]], group: Column) -> Select[*tuple[Any, ...]]:
    """Join the claim groups by their number, and what was published on them."""
    return (
        query.outerjoin(ClaimGroup, ClaimGroup.id == group)
        .outerjoin(FactCheck, FactCheck.id == ClaimGroup.fact_check_id)
        .outerjoin(
            FactCheckVersion,
            (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
        )
    )


def said(asked: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of harm class and verdict, for what is selected `with_claims`."""
    found = []
    if asked.harm:
        found.append(func.coalesce(ClaimGroup.harm, "other") == asked.harm)
    if asked.verdict:
        verdict = case((FactCheckVersion.verdict.in_(verdicts()), FactCheckVersion.verdict), else_="")
        found.append(verdict == ("" if asked.verdict == NO_VERDICT else asked.verdict))
    return found
