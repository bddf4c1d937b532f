"""Publication: an approved decision becomes a fact-check of our own, and the archive grows by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.types import HARMS
from triage import outbox
from triage.archive import wordings
from triage.archive.rows import OWN_KEYS, ArchiveRow
from triage.archive.store import upsert
from triage.columns import now
from triage.db import Store
from triage.errors import EntryNotOurs
from triage.events import SYSTEM
from triage.outbox import Job
from triage.publication.notices import give_notice, retracted_before_readers
from triage.regions import local_time, region_name
from triage.states import ANSWERABLE, move
from triage.tables import ClaimGroup, Decision, FactCheck, FactCheckVersion
from triage.verdicts import verdicts


def publisher(region: str) -> str:
    """Return in whose name the fact-checks of a regency are published."""
    return f"KIM dan Diskominfo {region_name(region)}"


def key_of(group_id: int) -> str:
    """Return the key of the fact-check that is decided on a group."""
    return f"{OWN_KEYS}group:{group_id}"


def home_of(session: Session, group: ClaimGroup) -> int | None:
    """Return on which group that was decided which answers this one; None where it is not our own."""
    fact_check = session.get(FactCheck, group.fact_check_id) if group.fact_check_id else None
    if fact_check is None or fact_check.origin != "own":
        return None
    home = fact_check.source_key.removeprefix(key_of(0)[:-1])
    return int(home) if home.isdecimal() else None


def publish(store: Store, region: str, jobs: Sequence[Job]) -> None:
    """Publish the approved decisions that the jobs name, in the name of the regency `region` (its code).

    Everyone who sent the claim is answered next. Raises `EntryNotOurs`, having published what came before.
    """
    for job in jobs:
        with store.write() as session:
            decision = session.get_one(Decision, job.ref)
            if outbox.settle(session, job) and decision.state == "approved":
                _publish(session, region, decision)


def _publish(session: Session, region: str, decision: Decision) -> None:
    group = session.get_one(ClaimGroup, decision.group_id)
    row = _row(region, decision)
    stays_retracted = None if row.searchable else _retracted_at(session, row.source_key)
    upsert(session, [row], origin="own")
    fact_check = session.scalars(select(FactCheck).where(FactCheck.source_key == row.source_key)).one()
    # An entry of another origin stays as it is (`upsert`), so its content is not what was decided.
    if fact_check.origin != "own":
        raise EntryNotOurs(
            f"Entry {fact_check.id} of origin {fact_check.origin!r} stands under the id {row.source_key}; "
            f"decision {decision.id} was not published."
        )
    version = session.scalars(
        select(FactCheckVersion).where(
            FactCheckVersion.fact_check_id == fact_check.id, FactCheckVersion.number == fact_check.version
        )
    ).one()
    version.decision_id = decision.id
    fact_check.retracted_at = stays_retracted
    decision.fact_check_id = fact_check.id
    group.fact_check_id, group.harm = fact_check.id, decision.harm
    data = {"decision": decision.id, "fact_check": fact_check.id, "version": fact_check.version}
    move(session, group, "publish", SYSTEM, data)
    if decision.kind == "correct":
        _tell_readers(session, group, fact_check, decision)
    wordings.learn(session, group, fact_check.id, SYSTEM, by_two=True)
    outbox.add(session, "answer", group.id)


def _retracted_at(session: Session, source_key: str) -> datetime | None:
    """Return since when readers of a page know that it was retracted, None if there was no such page.

    What is decided instead may have none: then they go on to find the retraction there.
    """
    return session.scalar(
        select(FactCheck.retracted_at).where(FactCheck.source_key == source_key, retracted_before_readers())
    )


def _tell_readers(session: Session, group: ClaimGroup, fact_check: FactCheck, decision: Decision) -> None:
    """Note what was corrected; whoever was answered by it in another group is told anew, too."""
    give_notice(
        session,
        fact_check,
        "corrected",
        decision.reason,
        decision.author_id,
        SYSTEM,
        {"decision": decision.id},
    )
    others = select(ClaimGroup.id).where(
        ClaimGroup.fact_check_id == fact_check.id,
        ClaimGroup.state.in_(ANSWERABLE),
        ClaimGroup.id != group.id,
    )
    for number in session.scalars(others).all():
        outbox.add(session, "answer", number)


def _row(region: str, decision: Decision) -> ArchiveRow:
    return ArchiveRow(
        source_key=key_of(decision.group_id),
        title=decision.headline,
        claim=decision.claim,
        explanation=decision.explanation,
        what_to_do=decision.what_to_do,
        ask="",
        verdict=decision.verdict,
        harm=next(harm for harm in HARMS if harm == decision.harm),
        language="id",
        publisher=publisher(region),
        # The day that readers know, not the server's.
        checked_on=now().astimezone(local_time(region).zone).date(),
        url="",
        evidence=tuple(decision.evidence),
        # What is no claim, or cannot be checked, answers its senders but must not match others' messages.
        searchable=verdicts()[decision.verdict].publishable,
    )
