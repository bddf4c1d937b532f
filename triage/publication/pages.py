"""The public page of a fact-check: as it stands, what was corrected, and that it was retracted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from triage import disagreement
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.errors import NotFound
from triage.peers import trust
from triage.publication.notices import Notice, notices_of
from triage.tables import FactCheckVersion
from triage.verdicts import publishable, verdicts

# Earlier versions that a page shows: the newest so many.
MOST_EARLIER = 10


@dataclass(frozen=True, slots=True)
class Version:
    """What a version said."""

    verdict: str
    title: str
    claim: str
    explanation: str
    what_to_do: str
    evidence: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with the versions before and after it, None where they are not to be shown any more."""

    notice: Notice
    before: Version | None
    after: Version | None


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A fact-check with its notices, newest first, and what other offices say against it (`differing`).

    `stopped`: its office is not read any more, so that nobody here learns whether it took this back.
    """

    entry: CurrentFactCheck
    told: tuple[Told, ...]
    differing: tuple[CurrentFactCheck, ...] = ()
    stopped: bool = False

    @property
    def retracted(self) -> bool:
        """Whether there is nothing left to read but that it was retracted, and why."""
        return self.entry.retracted_at is not None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notices alone."""
        return tuple(one.notice for one in self.told)


def public_page(session: Session, fact_check_id: int) -> PublicPage:
    """Return the page of a fact-check that anybody may read, or that its office retracted.

    A fixed number of queries. Raises `NotFound`.
    """
    entry = entries.current(session, fact_check_id)
    own, gone = entry.origin == "own", entry.retracted_at is not None
    notices = notices_of(session, [entry.id]).get(entry.id, ()) if own else ()
    if not entry.public and not (gone and (_for_everybody(entry.verdict) or _retracted(notices))):
        raise NotFound("There is no public fact-check with this number.")
    differing = () if gone else disagreement.on_page(session, entry)
    corrected = any(notice.kind == "corrected" for notice in notices)
    versions = _versions(session, entry.id) if corrected else {}
    stopped = entry.peer_id is not None and entry.peer_id in trust.unused(session)
    return PublicPage(entry, tuple(_told(notices, versions)), differing, stopped)


def _for_everybody(code: str) -> bool:
    verdict = verdicts().get(code)
    return verdict is None or verdict.publishable


def _retracted(notices: tuple[Notice, ...]) -> bool:
    """Tell whether it was before readers once: they must find that it was retracted, whatever came of it."""
    return any(notice.kind == "retracted" for notice in notices)


def _told(notices: tuple[Notice, ...], versions: dict[int, Version]) -> Iterator[Told]:
    """Put versions to the notices, newest first; what was retracted since is not shown again."""
    fallen = False
    for notice in notices:
        fallen = fallen or notice.kind == "retracted"
        before, after = versions.get(notice.version - 1), versions.get(notice.version)
        yield Told(notice, None, None) if fallen else Told(notice, before, after)


def _versions(session: Session, fact_check_id: int) -> dict[int, Version]:
    """Return the newest versions that everybody could read."""
    rows = session.scalars(
        select(FactCheckVersion)
        .where(FactCheckVersion.fact_check_id == fact_check_id, FactCheckVersion.verdict.in_(publishable()))
        .order_by(FactCheckVersion.number.desc())
        .limit(MOST_EARLIER + 1)
    )
    return {
        row.number: Version(
            row.verdict, row.title, row.claim, row.explanation, row.what_to_do, tuple(row.evidence)
        )
        for row in rows
    }
