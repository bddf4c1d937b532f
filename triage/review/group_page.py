"""Everything a verifier needs on one claim group, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.text import urls
from models.types import Reason
from triage import accounts, asking, disagreement, grouping, notes, publish
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.asking import Asked
from triage.columns import now
from triage.notes import Note
from triage.peers import trust
from triage.permissions import Actor, require
from triage.reasons import age
from triage.regions import village_name
from triage.review import leases
from triage.review.queue import QueueItem, items, reasons
from triage.review.spread import Spread, spread
from triage.tables import Account, ClaimGroup, Event, FactCheck, Sighting, SuggestedMatch

MAX_SENDERS, MAX_SIMILAR, MAX_HISTORY, MAX_PARTS = 50, 10, 100, 50


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sent the claim, as a mask: enough to see how many there are, not who."""

    mask: str
    village: str
    times: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class MatchView:
    """A suggested fact-check beside the message, and why it was suggested.

    `likely`: one person's word is enough to answer with it.
    """

    id: int
    fact_check_id: int
    state: str
    title: str
    claim: str
    explanation: str
    verdict: str
    publisher: str
    checked_on: date | None
    url: str
    probability: float
    reasons: tuple[Reason, ...]
    likely: bool
    language: str

    @property
    def words(self) -> str:
        """What a message is held against: the claim as the fact-check tells it, or its heading."""
        return self.claim or self.title

    @property
    def shown_first(self) -> bool:
        """Whether it stands in front; what is hardly alike is folded away, unless it became the answer."""
        return self.likely or self.state == "confirmed"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One event of the group: who did what, when."""

    at: datetime
    actor: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """The page of a group; those in `similar` wait and may say the same, `parts` went up in it.

    `differing`: fact-checks of different offices that may be about it and contradict each other. `home`: the
    group on which that was decided which answers this one, where it is our own.
    """

    item: QueueItem
    links: tuple[str, ...]
    held_by_me: bool
    senders: tuple[Sender, ...]
    matches: tuple[MatchView, ...]
    history: tuple[HistoryRow, ...]
    similar: tuple[QueueItem, ...]
    parts: tuple[QueueItem, ...]
    spread: Spread
    asked: tuple[Asked, ...]
    reported_by_me: bool
    within_area: bool
    notes: tuple[Note, ...]
    differing: tuple[CurrentFactCheck, ...]
    home: int | None


def queue_item(session: Session, actor: Actor, group_id: int) -> QueueItem:
    """Return a group as it stands in a list, whatever its state. Raises `NotFound`, `Forbidden`."""
    require(actor, "queue.see")
    return items(session, [leases.find(session, group_id)])[0]


def group_page(session: Session, actor: Actor, group_id: int) -> GroupPage:
    """Return the page of a group. Raises `NotFound`, `Forbidden`."""
    item = queue_item(session, actor, group_id)
    group = leases.find(session, group_id)
    matches = _matches(session, group)
    return GroupPage(
        item=item,
        links=tuple(dict.fromkeys([*([item.url] if item.url else []), *urls(item.text)])),
        held_by_me=group.state == "leased" and group.lease_account == actor.account_id,
        senders=_senders(session, group),
        matches=tuple(_match(match, entry) for match, entry in matches),
        history=_history(session, group),
        similar=_similar(session, group),
        parts=_parts(session, group),
        spread=spread(session, group),
        asked=asking.asked_about(session, group.id),
        reported_by_me=accounts.has_reported(session, actor, group.id),
        within_area=leases.within_area(session, actor, group.id),
        notes=notes.of_group(session, group.id),
        differing=_differing(session, item, matches),
        home=publish.home_of(session, group),
    )


def _senders(session: Session, group: ClaimGroup) -> tuple[Sender, ...]:
    rows = session.scalars(
        select(Sighting).where(Sighting.group_id == group.id).order_by(Sighting.first_seen).limit(MAX_SENDERS)
    )
    return tuple(
        Sender(
            mask=f"P-{row.reporter_hash[:4]}" if row.reporter_hash else "",
            village=village_name(row.village) if row.village else "",
            times=row.times,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
        )
        for row in rows
    )


def _matches(session: Session, group: ClaimGroup) -> list[tuple[SuggestedMatch, CurrentFactCheck]]:
    rows = session.execute(
        entries.statement()
        .add_columns(SuggestedMatch)
        .join(SuggestedMatch, SuggestedMatch.fact_check_id == FactCheck.id)
        .where(SuggestedMatch.group_id == group.id, FactCheck.retracted_at.is_(None))
        .order_by(SuggestedMatch.rank)
    )
    return [(row.SuggestedMatch, entries.from_row(row.FactCheck, row.FactCheckVersion)) for row in rows]


def _differing(
    session: Session, item: QueueItem, matches: Sequence[tuple[SuggestedMatch, CurrentFactCheck]]
) -> tuple[CurrentFactCheck, ...]:
    stand = [entry for match, entry in matches if match.likely and match.state != "rejected"]
    answer = [item.answer] if item.answer is not None else []
    return disagreement.among(trust.used(session, [*answer, *stand]).values())


def _match(match: SuggestedMatch, entry: CurrentFactCheck) -> MatchView:
    return MatchView(
        id=match.id,
        fact_check_id=entry.id,
        state=match.state,
        title=entry.title,
        claim=entry.claim,
        explanation=entry.explanation,
        verdict=entry.verdict,
        publisher=entry.publisher,
        checked_on=entry.checked_on,
        url=entry.url,
        probability=match.probability,
        reasons=reasons(match.reasons) + age(entry.checked_on, now().date()),
        likely=match.likely,
        language=entry.language,
    )


def _history(session: Session, group: ClaimGroup) -> tuple[HistoryRow, ...]:
    rows = session.scalars(
        select(Event)
        .where(Event.subject == "group", Event.subject_id == group.id)
        .order_by(Event.seq.desc())
        .limit(MAX_HISTORY)
    ).all()
    numbers = {int(row.actor.removeprefix("account:")) for row in rows if row.actor.startswith("account:")}
    names = {
        f"account:{row.id}": row.display_name
        for row in session.execute(select(Account.id, Account.display_name).where(Account.id.in_(numbers)))
    }
    return tuple(HistoryRow(row.at, names.get(row.actor, row.actor), row.name, row.data) for row in rows)


def _parts(session: Session, group: ClaimGroup) -> tuple[QueueItem, ...]:
    parts = session.scalars(
        select(ClaimGroup)
        .where(ClaimGroup.merged_into == group.id)
        .order_by(ClaimGroup.id.desc())
        .limit(MAX_PARTS)
    ).all()
    return items(session, parts) if parts else ()


def _similar(session: Session, group: ClaimGroup) -> tuple[QueueItem, ...]:
    """List other waiting groups in much the same words, and those that are like the same fact-check."""
    numbers = [*grouping.resembling(session, group), *_suggested_alike(session, group)]
    others = session.scalars(
        select(ClaimGroup)
        .where(ClaimGroup.id.in_(numbers), ClaimGroup.state == "queued")
        .order_by(ClaimGroup.urgency.desc())
        .limit(MAX_SIMILAR)
    ).all()
    return items(session, others) if others else ()


def _suggested_alike(session: Session, group: ClaimGroup) -> Sequence[int]:
    """Return waiting groups that share the first suggestion which nobody rejected, where both are like it."""
    if group.band == "new":
        return ()
    shared = (
        select(SuggestedMatch.fact_check_id)
        .where(SuggestedMatch.group_id == group.id, SuggestedMatch.state != "rejected")
        .order_by(SuggestedMatch.rank)
        .limit(1)
    )
    return session.scalars(
        select(ClaimGroup.id)
        .join(SuggestedMatch, SuggestedMatch.group_id == ClaimGroup.id)
        .where(
            ClaimGroup.state == "queued",
            ClaimGroup.band != "new",
            ClaimGroup.id != group.id,
            SuggestedMatch.rank == 1,
            SuggestedMatch.fact_check_id.in_(shared),
        )
        .order_by(ClaimGroup.urgency.desc())
        .limit(MAX_SIMILAR)
    ).all()
