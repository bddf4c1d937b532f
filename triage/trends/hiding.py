"""Small numbers of a village are not shown: with fewer than three people behind them they point at somebody.

That at least three people sent something is proved from the messages themselves. Where it cannot be, because
they have been emptied by the clock, the number stays hidden. People whose browser is not known count as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select, true
from sqlalchemy.orm import Session

from triage.tables import Submission
from triage.trends.by_time import said, with_claims
from triage.trends.calendar import span_of
from triage.trends.filters import Filter

LEAST_PEOPLE = 3


class _People(NamedTuple):
    """How many people sent anything, what was asked for, and anything else."""

    everything: int = 0
    asked: int = 0
    others: int = 0


def hidden_villages(
    session: Session,
    region: str,
    asked: Filter,
    messages: Mapping[str, int],
    of_all: Mapping[str, int],
) -> frozenset[str]:
    """Return which of the villages' numbers must not be shown.

    For each village of a kecamatan, `messages`: how many came from it of what was asked for, `of_all`: of
    every kind. What is hidden cannot be told from what is shown either: not from the total of the kecamatan,
    nor by taking a kind from all.
    """
    people = _people(session, region, asked)
    hidden = with_cover(
        {code for code, number in of_all.items() if number and people[code].everything < LEAST_PEOPLE}, of_all
    )
    if not asked.of_a_kind:
        return hidden
    few = {
        code
        for code, number in messages.items()
        if (number and people[code].asked < LEAST_PEOPLE)
        or (number < of_all[code] and people[code].others < LEAST_PEOPLE)
    }
    return with_cover(hidden | few, messages)


def with_cover(hidden: set[str] | frozenset[str], messages: Mapping[str, int]) -> frozenset[str]:
    """Return the hidden villages, and others with them, where the total would give their numbers away.

    So it would with one village, or where each of them can have sent but one message. Where there is no other
    with a number to hide, it is not even shown from which villages nothing came.
    """
    found = set(hidden)
    rest = sorted((number, code) for code, number in messages.items() if number and code not in found)
    while covert := [messages[code] for code in found if messages[code]]:
        if len(covert) > 1 and sum(covert) > len(covert):
            break
        if not rest:
            return frozenset(messages)
        found.add(rest.pop(0)[1])
    return frozenset(found)


def _people(session: Session, region: str, asked: Filter) -> Mapping[str, _People]:
    """Count the people of each village of the kecamatan, which an index holds by village and time."""
    kind: ColumnElement[bool] = and_(true(), *said(asked))
    if asked.channel:
        kind = and_(kind, Submission.channel == asked.channel)
    person = func.coalesce(Submission.reporter_hash, "")
    query: Any = select(
        Submission.village,
        func.count(person.distinct()),
        func.count(case((kind, person)).distinct()),
        func.count(case((kind, None), else_=person).distinct()),
    )
    if asked.harm or asked.verdict:
        query = with_claims(query.select_from(Submission), Submission.group_id)
    rows = session.execute(
        query.where(
            Submission.village > f"{asked.district}.",
            Submission.village < f"{asked.district}/",
            Submission.created_at >= span_of(region, asked.first).start,
            Submission.created_at < span_of(region, asked.last).end,
        ).group_by(Submission.village)
    )
    return _Counted((code, _People(*numbers)) for code, *numbers in rows)


class _Counted(dict[str, _People]):
    def __missing__(self, code: str) -> _People:
        return _People()
