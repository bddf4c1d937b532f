"""Disagreement: offices that came to different verdicts on the same message. It is shown, never averaged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.peers import trust
from triage.states import ANSWERABLE
from triage.tables import ClaimGroup, SuggestedMatch

Says = Literal["false", "true", "open"]
# What a verdict tells people of the claim. Two verdicts contradict each other where these differ: "hoax" and
# "misleading" both warn. A verdict that is not here (no claim, not to be checked, none of ours) says nothing.
SAYS: dict[str, Says] = {
    "hoaks": "false",
    "menyesatkan": "false",
    "konteks-salah": "false",
    "tiruan": "false",
    "satire": "false",
    "benar": "true",
    "belum-terbukti": "open",
}


# Of a fact-check that very many messages were answered with, the newest groups are looked at.
LOOKED_AT = 100
_GROUP = SuggestedMatch.group_id
# Nobody has said that it is about something else, and it is no mere neighbour.
_STANDS = (SuggestedMatch.likely.is_(True), SuggestedMatch.state != "rejected")


def contradict(one: str, other: str) -> bool:
    """Tell whether two verdicts (our codes, '' for none) cannot both be told of one message."""
    return one in SAYS and other in SAYS and SAYS[one] != SAYS[other]


def between(one: CurrentFactCheck, other: CurrentFactCheck) -> bool:
    """Tell whether two fact-checks of different offices contradict each other.

    The starter archive is no office: nobody is on record as having checked what it holds.
    """
    if one.from_starter or other.from_starter or _office(one) == _office(other):
        return False
    return contradict(one.verdict, other.verdict)


def with_any(one: CurrentFactCheck, others: Iterable[CurrentFactCheck]) -> bool:
    """Tell whether a fact-check contradicts any of the others."""
    return any(between(one, other) for other in others)


def among(found: Iterable[CurrentFactCheck]) -> tuple[CurrentFactCheck, ...]:
    """Return those that contradict at least one of the others, in order; of each office one of a kind."""
    listed = list(found)
    told: dict[tuple[str, str], CurrentFactCheck] = {}
    for one in listed:
        if with_any(one, listed):
            told.setdefault((_office(one), SAYS[one.verdict]), one)
    return tuple(told.values())


def in_group(session: Session, group_id: int, told: CurrentFactCheck) -> tuple[CurrentFactCheck, ...]:
    """Return what other offices say against what a group is told, unless a person called it another claim."""
    return _against(session, told, set(session.scalars(_suggested().where(_GROUP.in_([group_id])))))


def on_page(session: Session, entry: CurrentFactCheck) -> tuple[CurrentFactCheck, ...]:
    """Return what other offices say against a fact-check, of the messages that it or theirs answered."""
    answered = (
        select(ClaimGroup.id)
        .where(ClaimGroup.fact_check_id == entry.id, ClaimGroup.state.in_(ANSWERABLE))
        .order_by(ClaimGroup.id.desc())
        .limit(LOOKED_AT)
    )
    suggested_in = (
        select(_GROUP)
        .where(SuggestedMatch.fact_check_id == entry.id, *_STANDS)
        .order_by(SuggestedMatch.id.desc())
        .limit(LOOKED_AT)
    )
    suggested = session.scalars(_suggested().where(_GROUP.in_(answered)))
    answering = session.scalars(
        select(ClaimGroup.fact_check_id).where(
            ClaimGroup.id.in_(suggested_in), ClaimGroup.state.in_(ANSWERABLE)
        )
    )
    return _against(session, entry, {*suggested, *answering})


def _suggested() -> Select[int]:
    return select(SuggestedMatch.fact_check_id).where(*_STANDS)


def _against(
    session: Session, entry: CurrentFactCheck, numbers: set[int | None]
) -> tuple[CurrentFactCheck, ...]:
    others = {number for number in numbers if number is not None and number != entry.id}
    if not others:
        return ()
    found = trust.used(session, entries.several(session, others).values())
    against = [other for other in found.values() if other.public and between(entry, other)]
    return tuple({_office(other): other for other in sorted(against, key=lambda each: each.id)}.values())


def _office(entry: CurrentFactCheck) -> str:
    return "own" if entry.origin == "own" else " ".join(entry.publisher.casefold().split())
