"""The record of imports: where each stands, what it did, which rows it refused and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from triage import events
from triage.archive import retractions
from triage.archive.rows import ArchiveRow, Item, Retraction, RowProblem
from triage.archive.store import upsert
from triage.archive.unreadable import SourceUnreadable
from triage.columns import now
from triage.db import Store
from triage.tables import ArchiveImport, ImportProblem

MAX_PROBLEMS = 1_000
# Grows whenever readers make something else of the same bytes: then even an unchanged source is read again.
READERS = 2
# Longer than a site's pages for one batch take, with the waits that it may ask for.
_SILENCE = timedelta(minutes=15)
_NOT_OURS = "its id belongs to an entry of this installation's own or of another office, which stays as it is"


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A refused row: `line` counts lines or items of `source` from 1; 0 stands for the source as a whole."""

    source: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, over all its runs; `problems` holds the first `MAX_PROBLEMS` of the refused.

    `resumed_from` is the line after which this run went on, 0 if it began at the beginning.
    """

    source: str
    added: int = 0
    updated: int = 0
    same: int = 0
    refused: int = 0
    problems: tuple[SourceProblem, ...] = ()
    resumed_from: int = 0


def merged(source: str, reports: Sequence[ImportReport]) -> ImportReport:
    """Add up the reports of the files of one source."""
    return ImportReport(
        source,
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        same=sum(report.same for report in reports),
        refused=sum(report.refused for report in reports),
        problems=tuple(problem for report in reports for problem in report.problems)[:MAX_PROBLEMS],
        resumed_from=max((report.resumed_from for report in reports), default=0),
    )


def unfinished(session: Session, name: str) -> ArchiveImport | None:
    """Return the import of this source that waits, runs or stopped halfway, if the latest one did."""
    latest = session.scalar(_of(name).limit(1))
    return latest if latest is not None and latest.state != "finished" else None


def known_etag(session: Session, name: str) -> str:
    """Return the validator of the content that is wholly in the store, "" if there is none.

    None either if other readers took that content, or if another import may have changed its entries since:
    then only reading it again brings them back.
    """
    stopped = unfinished(session, name)
    if stopped is not None and stopped.content_hash:
        return ""
    finished = session.scalar(_of(name).where(ArchiveImport.state == "finished").limit(1))
    if finished is None or session.scalar(_changes_since(finished)):
        return ""
    readers, _, etag = finished.etag.partition(" ")
    return etag if readers == str(READERS) else ""


def _changes_since(finished: ArchiveImport) -> Select[int]:
    return (
        select(ArchiveImport.id)
        .where(
            ArchiveImport.source_hash != finished.source_hash,
            ArchiveImport.updated > 0,
            ArchiveImport.touched_at >= finished.started_at,
        )
        .limit(1)
    )


def enter(session: Session, name: str, state: str) -> ArchiveImport:
    """Write a new import."""
    row = ArchiveImport(
        source=_storable(name), source_hash=source_hash(name), state=state, started_at=now(), content_hash=""
    )
    session.add(row)
    session.flush()
    return row


def begin(store: Store, name: str, content_hash: str) -> tuple[int, int]:
    """Start or go on; returns (number of the import, line up to which its rows are in the store)."""
    with store.write() as session:
        row = unfinished(session, name) or enter(session, name, "running")
        if row.content_hash != content_hash:
            session.execute(delete(ImportProblem).where(ImportProblem.import_id == row.id))
            row.position = row.added = row.updated = row.same = row.refused = 0
            row.content_hash, row.started_at = content_hash, now()
        row.state, row.error, row.touched_at = "running", "", now()
        return row.id, row.position or 0


def record(
    store: Store,
    import_id: int,
    content_hash: str,
    items: Sequence[Item],
    actor: str,
    peer_id: int | None = None,
) -> tuple[int, int]:
    """Commit a batch with the position behind it; returns (rows accepted, rows refused) so far.

    `peer_id`: the office whose entries these are, None of what is imported otherwise.

    What another process imported meanwhile is skipped. Raises `SourceUnreadable` if another process has
    found the source changed and started over.
    """
    with store.write() as session:
        row = session.get_one(ArchiveImport, import_id)
        if row.content_hash != content_hash:
            raise SourceUnreadable("changed while it was read; another import has taken over")
        items = [item for item in items if item.line > row.position]
        if items:
            _take(session, row, items, actor, peer_id)
        return row.added + row.updated + row.same, row.refused


def _take(
    session: Session, row: ArchiveImport, items: Sequence[Item], actor: str, peer_id: int | None
) -> None:
    rows = [item for item in items if isinstance(item, ArchiveRow)]
    before = retractions.verdicts_before(session, rows, peer_id)
    counts = upsert(session, rows, actor=actor, peer_id=peer_id)
    retractions.reconsider(session, rows, before)
    taken_back = [item.source_key for item in items if isinstance(item, Retraction)]
    retracted = retractions.retract(session, taken_back, actor=actor, peer_id=peer_id)
    problems = [
        item if isinstance(item, RowProblem) else RowProblem(item.line, _NOT_OURS)
        for item in items
        if isinstance(item, RowProblem) or item.source_key in counts.protected
    ]
    room = max(0, MAX_PROBLEMS - row.refused)
    session.add_all(
        ImportProblem(import_id=row.id, line=problem.line, reason=problem.reason)
        for problem in problems[:room]
    )
    row.added += counts.added
    row.updated += counts.updated + retracted
    row.same += counts.same + len(taken_back) - retracted
    row.refused += len(problems)
    row.position, row.touched_at = items[-1].line, now()


def finish(store: Store, import_id: int, etag: str, actor: str) -> None:
    """Close an import that has reached the end of its source."""
    with store.write() as session:
        row = session.get_one(ArchiveImport, import_id)
        if row.state != "finished":
            row.state, row.touched_at, row.error = "finished", now(), ""
            row.etag = f"{READERS} {etag}" if etag else ""
            _log_end(session, row, actor)


def finish_unchanged(store: Store, name: str, actor: str) -> int:
    """Close an import whose source says that it has not changed: every row is the same, as before."""
    with store.write() as session:
        before = session.scalars(_of(name).where(ArchiveImport.state == "finished").limit(1)).one()
        row = unfinished(session, name) or enter(session, name, "running")
        row.state, row.touched_at, row.error = "finished", now(), ""
        row.position, row.content_hash, row.etag = before.position, before.content_hash, before.etag
        row.same, row.refused = before.added + before.updated + before.same, before.refused
        session.add_all(
            ImportProblem(import_id=row.id, line=problem.line, reason=problem.reason)
            for problem in session.scalars(_problems(before.id))
        )
        _log_end(session, row, actor)
        return row.id


def fail(store: Store, name: str, reason: str) -> None:
    """Record that a source could not be read (to its end); the next import of it goes on from there."""
    with store.write() as session:
        row = unfinished(session, name) or enter(session, name, "failed")
        row.state, row.error, row.touched_at = "failed", reason, now()


def stop(store: Store, name: str) -> None:
    """Record that a person stopped an import; the next import of this source goes on from there."""
    with store.write() as session:
        row = unfinished(session, name)
        if row is not None:
            row.state, row.touched_at = "stopped", now()


def requeue(row: ArchiveImport) -> None:
    """Let an import that nobody is at wait for the workers."""
    if standing(row) in ("failed", "interrupted"):
        row.state, row.error = "queued", ""


def standing(row: ArchiveImport) -> str:
    """Say how an import stands: queued, running, interrupted, failed or finished.

    A process that was killed leaves "running" behind: after a long silence that is not believed.
    """
    silent = row.touched_at is None or now() - row.touched_at > _SILENCE
    return "interrupted" if row.state == "stopped" or (row.state == "running" and silent) else row.state


def report(store: Store, import_id: int, resumed_from: int = 0) -> ImportReport:
    """Return what an import has done so far."""
    with store.read() as session:
        row = session.get_one(ArchiveImport, import_id)
        problems = session.scalars(_problems(import_id))
        return ImportReport(
            row.source,
            row.added,
            row.updated,
            row.same,
            row.refused,
            tuple(SourceProblem(row.source, problem.line, problem.reason) for problem in problems),
            resumed_from,
        )


def _log_end(session: Session, row: ArchiveImport, actor: str) -> None:
    data = {"added": row.added, "updated": row.updated, "same": row.same, "refused": row.refused}
    events.append(session, actor=actor, subject="archive_import", subject_id=row.id, name="finish", data=data)


def _of(name: str) -> Select[ArchiveImport]:
    return (
        select(ArchiveImport)
        .where(ArchiveImport.source_hash == source_hash(name))
        .order_by(ArchiveImport.id.desc())
    )


def _problems(import_id: int) -> Select[ImportProblem]:
    return select(ImportProblem).where(ImportProblem.import_id == import_id).order_by(ImportProblem.id)


def source_hash(name: str) -> str:
    """Return by what a source is found: the hash of its path or address."""
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()


def _storable(name: str) -> str:
    # A file name need not be valid Unicode; a database text must be.
    return name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "")
