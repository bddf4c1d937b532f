"""Archive entries as they stand now: a fact-check joined with its current version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from triage.errors import NotFound
from triage.tables import FactCheck, FactCheckVersion
from triage.verdicts import verdicts

_TRUE_OF_ANY_OCCASION = frozenset({"hoaks", "tiruan", "satire", "benar"})


@dataclass(frozen=True, slots=True)
class CurrentFactCheck:
    """One fact-check, current version; `verdict` is one of ours or '' where the source gives none.

    `updated_at`: when it was last published, corrected or retracted; `retracted_at`: since when its publisher
    does not stand by it any more.
    """

    id: int
    version: int
    origin: str
    peer_id: int | None
    searchable: bool
    title: str
    claim: str
    explanation: str
    what_to_do: str
    ask: str
    verdict: str
    harm: str
    language: str
    publisher: str
    checked_on: date | None
    url: str
    evidence: tuple[dict[str, str], ...]
    created_at: datetime
    updated_at: datetime
    retracted_at: datetime | None

    @property
    def answers_alone(self) -> bool:
        """Whether it may answer a message that no person has looked at.

        An entry of the starter archive describes a kind of hoax, not one message that somebody checked:
        where its verdict hangs on the occasion ("the video is of another flood"), this time may be true.
        """
        return self.searchable and (not self.from_starter or self.verdict in _TRUE_OF_ANY_OCCASION)

    @property
    def from_starter(self) -> bool:
        """Whether it describes a kind of hoax that has long been going round; nobody checked an instance."""
        return self.origin == "starter"

    @property
    def public(self) -> bool:
        """Whether anybody may read it, not only whoever sent the message that it answers.

        What is no claim, or cannot be checked, quotes a private message; what was withdrawn misleads.
        """
        verdict = verdicts().get(self.verdict)
        return self.searchable and (verdict is None or verdict.publishable)

    @property
    def sources(self) -> tuple[dict[str, str], ...]:
        """What a reader can open: the publisher's page first, then the evidence."""
        own = ({"label": self.publisher, "url": self.url},) if self.url else ()
        return own + self.evidence


def current(session: Session, fact_check_id: int) -> CurrentFactCheck:
    """Return a fact-check as it stands. Raises `NotFound`."""
    row = session.execute(statement().where(FactCheck.id == fact_check_id)).one_or_none()
    if row is None:
        raise NotFound("There is no fact-check with this number.")
    return from_row(row.FactCheck, row.FactCheckVersion)


def several(session: Session, numbers: Collection[int]) -> dict[int, CurrentFactCheck]:
    """Return fact-checks as they stand, by number; those that there are, with one query."""
    rows = session.execute(statement().where(FactCheck.id.in_(numbers)))
    return {row.FactCheck.id: from_row(row.FactCheck, row.FactCheckVersion) for row in rows}


def statement() -> Select[FactCheck, FactCheckVersion]:
    """Select fact-checks with their current versions, for callers that add their own conditions."""
    return select(FactCheck, FactCheckVersion).join(
        FactCheckVersion,
        (FactCheckVersion.fact_check_id == FactCheck.id) & (FactCheckVersion.number == FactCheck.version),
    )


def from_row(fact_check: FactCheck, version: FactCheckVersion) -> CurrentFactCheck:
    """Combine the two rows of `statement`."""
    return CurrentFactCheck(
        id=fact_check.id,
        version=fact_check.version,
        origin=fact_check.origin,
        peer_id=fact_check.peer_id,
        searchable=fact_check.searchable,
        title=version.title,
        claim=version.claim,
        explanation=version.explanation,
        what_to_do=version.what_to_do,
        ask=version.ask,
        verdict=version.verdict,
        harm=version.harm,
        language=version.language,
        publisher=version.publisher,
        checked_on=version.checked_on,
        url=version.url,
        evidence=tuple(version.evidence),
        created_at=fact_check.created_at,
        updated_at=fact_check.updated_at,
        retracted_at=fact_check.retracted_at,
    )
