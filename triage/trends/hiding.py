"""Small numbers of a village are not shown: with fewer than three people behind them they point at somebody.

That at least three people sent something is proved from the messages themselves. Where it cannot be, because
they have been emptied by the clock, the number stays hidden. People whose browser is not known count as one.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from triage.tables import ClaimGroup, FactCheck, FactCheckVersion, Submission
from triage.trends.calendar import span_of
from triage.trends.filters import NO_VERDICT, Filter
from triage.verdicts import verdicts

LEAST_PEOPLE = 3


def hidden_villages(
    session: Session, region: str, asked: Filter, messages: Mapping[str, int]
) -> frozenset[str]:
    """Return which villages' numbers must not be shown; `messages`: how many came from each.

    Where a single village is hidden, the total of its kecamatan would give it away: so the next smallest is
    hidden with it.
    """
    shown = _proved(session, region, asked)
    hidden = {village for village, number in messages.items() if number and village not in shown}
    rest = [village for village, number in messages.items() if number and village not in hidden]
    if len(hidden) == 1 and rest:
        hidden.add(min(rest, key=lambda village: (messages[village], village)))
    return frozenset(hidden)


def _proved(session: Session, region: str, asked: Filter) -> frozenset[str]:
    """Return the villages of the kecamatan from which at least three people sent what was asked for."""
    people = func.count(func.coalesce(Submission.reporter_hash, "").distinct())
    query = (
        select(Submission.village)
        .where(
            Submission.village > f"{asked.district}.",
            Submission.village < f"{asked.district}/",
            Submission.created_at >= span_of(region, asked.first).start,
            Submission.created_at < span_of(region, asked.last).end,
        )
        .group_by(Submission.village)
        .having(people >= LEAST_PEOPLE)
    )
    if asked.channel:
        query = query.where(Submission.channel == asked.channel)
    if asked.harm or asked.verdict:
        query = query.outerjoin(ClaimGroup, ClaimGroup.id == Submission.group_id)
    if asked.harm:
        query = query.where(func.coalesce(ClaimGroup.harm, "other") == asked.harm)
    if asked.verdict:
        verdict = case((FactCheckVersion.verdict.in_(verdicts()), FactCheckVersion.verdict), else_="")
        query = (
            query.outerjoin(FactCheck, FactCheck.id == ClaimGroup.fact_check_id)
            .outerjoin(
                FactCheckVersion,
                (FactCheckVersion.fact_check_id == FactCheck.id)
                & (FactCheckVersion.number == FactCheck.version),
            )
            .where(verdict == ("" if asked.verdict == NO_VERDICT else asked.verdict))
        )
    return frozenset(found for found in session.scalars(query) if found)
