"""The register of other offices: adding one, how far it is trusted, what came of reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.text import clean
from triage import events, fetch, outbox
from triage.archive import journal
from triage.archive.plain import one_line
from triage.archive.rows import MAX_PUBLISHER, RowProblem
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound, PeerRefused
from triage.peers.addresses import feed_address
from triage.peers.trust import LEVELS, Trust
from triage.permissions import Actor, require
from triage.publish import publisher
from triage.tables import ArchiveImport, FactCheck, ImportProblem, Outbox, Peer

MAX_OFFICES = 200
SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Office:
    """Another office as its page shows it.

    `entries`: how many of its fact-checks are kept, `retracted` of these it has taken back. `failed`: code
    and English reason of the last failure, '' if there was none, `failures` how many came in a row.
    `refused`: how many rows the last reading refused, and `problems` why, the first few. `stuck`: reading it
    failed so badly that somebody has to look at the parked work first.
    """

    id: int
    name: str
    url: str
    trust: Trust
    added_at: datetime
    read_at: datetime | None
    due_at: datetime
    entries: int
    retracted: int
    failed: str
    failures: int
    refused: int
    problems: tuple[RowProblem, ...]
    stuck: bool


def offices(session: Session, actor: Actor) -> tuple[Office, ...]:
    """List the offices, those in use first, by name. Raises `Forbidden`."""
    require(actor, "peers.manage")
    rows = session.scalars(select(Peer).order_by(Peer.trust == "none", Peer.name)).all()
    numbers = [row.id for row in rows]
    counts = {
        row.peer_id: (row.entries, row.retracted)
        for row in session.execute(
            select(
                FactCheck.peer_id,
                func.count(FactCheck.id).label("entries"),
                func.count(FactCheck.retracted_at).label("retracted"),
            )
            .where(FactCheck.peer_id.in_(numbers))
            .group_by(FactCheck.peer_id)
        )
    }
    parked = set(
        session.scalars(
            select(Outbox.ref).where(
                Outbox.task == "peer", Outbox.ref.in_(numbers), Outbox.parked_at.is_not(None)
            )
        )
    )
    return tuple(_office(session, row, *counts.get(row.id, (0, 0)), row.id in parked) for row in rows)


def add(store: Store, config: Config, actor: Actor, url: str, name: str, here: str = "") -> int:
    """Note an office by its feed and its name; it is read at once, and only suggests. Returns its number.

    `here`: see `feed_address`. Raises `PeerRefused`, `Forbidden`.
    """
    require(actor, "peers.manage")
    address = feed_address(config, url, here)
    name = one_line(clean(name))
    if not name or len(name) > MAX_PUBLISHER:
        raise PeerRefused(f"The name needs 1 to {MAX_PUBLISHER} characters.", "name")
    with store.write() as session:
        others = session.scalars(select(Peer)).all()
        if any(other.url == address for other in others):
            raise PeerRefused("This office is noted already.", "same")
        names = {other.name.casefold() for other in others} | {publisher(config.wilayah).casefold()}
        if name.casefold() in names:
            raise PeerRefused("Another office bears this name.", "taken")
        if len(others) >= MAX_OFFICES:
            raise PeerRefused(f"There are {MAX_OFFICES} offices already.", "many")
        peer = Peer(
            url=address,
            url_hash=journal.source_hash(address),
            name=name,
            trust="suggests",
            added_by=actor.account_id,
            added_at=now(),
            due_at=now(),
        )
        session.add(peer)
        session.flush()
        _log(session, actor, peer, "add", {"trust": peer.trust})
        owe(session, peer)
        return peer.id


def change_trust(store: Store, config: Config, actor: Actor, peer_id: int, trust: Trust) -> None:
    """Trust an office more or less from now on; what was told already stays told.

    Of one that is trusted no more (`none`) the fact-checks are kept, and it is read no longer. Nobody is
    answered by what came over plain HTTP, where whoever stands on the line can write it, unless the operator
    named the host (`PENJAGA_FETCH_ALLOW`). Raises `PeerRefused` (`plain`), `NotFound`, `Forbidden`.
    """
    require(actor, "peers.manage")
    with store.write() as session:
        peer = _find(session, peer_id)
        before = peer.trust
        if before == trust:
            return
        if (
            trust == "answers"
            and not peer.url.startswith("https://")
            and not fetch.is_named(config, peer.url)
        ):
            raise PeerRefused("What is read over plain HTTP answers nobody.", "plain")
        peer.trust = trust
        _log(session, actor, peer, "trust", {"from": before, "to": trust})
        if before == "none":
            peer.due_at, peer.failed, peer.failures = now(), "", 0
            owe(session, peer)


def read_now(store: Store, actor: Actor, peer_id: int) -> None:
    """Owe a reading at once. Raises `NotFound`, also for an office that is not read any more, `Forbidden`."""
    require(actor, "peers.manage")
    with store.write() as session:
        peer = _find(session, peer_id)
        if peer.trust == "none":
            raise NotFound("This office is not read any more.")
        _log(session, actor, peer, "read", {})
        owe(session, peer)


def owe(session: Session, peer: Peer) -> None:
    """Owe a reading, unless one is owed already or was given up and waits for a person."""
    waits = select(Outbox.id).where(Outbox.task == "peer", Outbox.ref == peer.id)
    if session.scalar(waits.limit(1)) is None:
        outbox.add(session, "peer", peer.id)


def _office(session: Session, row: Peer, entries: int, retracted: int, stuck: bool) -> Office:
    last = session.scalar(
        select(ArchiveImport)
        .where(ArchiveImport.source_hash == row.url_hash)
        .order_by(ArchiveImport.id.desc())
        .limit(1)
    )
    problems = (
        session.scalars(
            select(ImportProblem)
            .where(ImportProblem.import_id == last.id)
            .order_by(ImportProblem.id)
            .limit(SHOWN_PROBLEMS)
        ).all()
        if last is not None and last.refused
        else ()
    )
    return Office(
        id=row.id,
        name=row.name,
        url=row.url,
        trust=next(level for level in LEVELS if level == row.trust),
        added_at=row.added_at,
        read_at=row.read_at,
        due_at=row.due_at,
        entries=entries,
        retracted=retracted,
        failed=row.failed,
        failures=row.failures,
        refused=last.refused if last is not None else 0,
        problems=tuple(RowProblem(problem.line, problem.reason) for problem in problems),
        stuck=stuck,
    )


def _find(session: Session, peer_id: int) -> Peer:
    peer = session.get(Peer, peer_id)
    if peer is None:
        raise NotFound("There is no office with this number.")
    return peer


def _log(session: Session, actor: Actor, peer: Peer, name: str, data: dict[str, str]) -> None:
    events.append(session, actor=actor.label, subject="peer", subject_id=peer.id, name=name, data=dict(data))
