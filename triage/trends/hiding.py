"""Small numbers of a village are not shown: with fewer than three people behind them they point at somebody.

That at least three people sent something is proved from the messages themselves. Where it cannot be, because
they have been emptied by the clock, the number stays hidden. People whose browser is not known count as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, case, column, func, select, true, values
from sqlalchemy.orm import Session

from triage.regions import district_of
from triage.tables import Submission
from triage.trends.by_time import said, with_claims
from triage.trends.calendar import span_of
from triage.trends.filters import Filter

LEAST_PEOPLE = 3
PERSON = func.coalesce(Submission.reporter_hash, "")


class _People(NamedTuple):
    """How many people sent what was asked for, and anything else."""

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

    For each village of a kecamatan or, of every kind, of all of them, `messages`: how many came from it of
    what was asked for, `of_all`: of every kind. What is hidden cannot be told from what is shown either: not
    from the total of the kecamatan, nor by taking a kind from all.
    """
    sending = [code for code, number in of_all.items() if number]
    hidden = _with_covers(set(sending) - _of_enough(session, region, asked, sending), of_all)
    if not asked.of_a_kind:
        return hidden
    people = _people(session, region, asked)
    few = {
        code
        for code, number in messages.items()
        if (number and people[code].asked < LEAST_PEOPLE)
        or (number < of_all[code] and people[code].others < LEAST_PEOPLE)
    }
    return with_cover(hidden | few, messages)


def _with_covers(hidden: set[str], messages: Mapping[str, int]) -> frozenset[str]:
    """Cover for the hidden villages in each kecamatan, whose total is shown."""
    within: dict[str, dict[str, int]] = defaultdict(dict)
    for code, number in messages.items():
        within[district_of(code)][code] = number
    return frozenset().union(*(with_cover(hidden & theirs.keys(), theirs) for theirs in within.values()))


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


def _of_enough(session: Session, region: str, asked: Filter, codes: list[str]) -> set[str]:
    """Return which of the villages have three senders: no more of their messages are read than it takes."""
    if not codes:
        return set()
    places = values(column("village", String)).data([(code,) for code in codes]).cte("place")
    found: Any = select(places.c.village).subquery()
    for number in range(LEAST_PEOPLE):
        another = (
            select(PERSON)
            .where(
                Submission.village == found.c.village,
                Submission.created_at >= span_of(region, asked.first).start,
                Submission.created_at < span_of(region, asked.last).end,
                *(found.c[f"person_{earlier}"] != PERSON for earlier in range(number)),
            )
            .limit(1)
            .scalar_subquery()
        )
        found = select(found, another.label(f"person_{number}")).subquery()
    last = found.c[f"person_{LEAST_PEOPLE - 1}"]
    return set(session.scalars(select(found.c.village).where(last.is_not(None))))


def _people(session: Session, region: str, asked: Filter) -> Mapping[str, _People]:
    """Count the people of each village of the kecamatan, which an index holds by village and time."""
    kind: ColumnElement[bool] = and_(true(), *said(asked))
    if asked.channel:
        kind = and_(kind, Submission.channel == asked.channel)
    query: Any = select(
        Submission.village,
        func.count(case((kind, PERSON)).distinct()),
        func.count(case((kind, None), else_=PERSON).distinct()),
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
