"""Imports: batch by batch, so that one can be stopped at any point and goes on where it stood.

Position and content go into the store in the same transaction. A source whose content changed in between
starts over; a source read again from the start writes nothing, since every row is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from triage import events, outbox
from triage.archive import journal, of_peers
from triage.archive.journal import ImportReport, SourceProblem
from triage.archive.of_peers import Office
from triage.archive.rows import Item, RowProblem
from triage.archive.sources import Source, absolute, expand, is_url, open_source
from triage.archive.unreadable import SourceUnreadable
from triage.config import Config
from triage.db import Store
from triage.errors import NotFound, PenjagaError, StoreUnavailable
from triage.fetch import Fetcher, FetchFailed, FetchRefused
from triage.permissions import OPERATOR, Actor, require
from triage.tables import ArchiveImport

BATCH = 500
_NAMED_FILES = 50
CANNOT_OPEN = (SourceUnreadable, FetchRefused, FetchFailed)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one source is: the line reached, about how many there are (if known), what became of them.

    Line 0 says that the source is being opened.
    """

    source: str
    line: int
    total: int | None
    accepted: int
    refused: int


OnProgress = Callable[[Progress], None]


def run_import(
    store: Store,
    config: Config,
    source: str,
    on_progress: OnProgress | None = None,
    fetcher: Fetcher | None = None,
) -> ImportReport:
    """Import a file, a folder's files or an address, going on with an import that was stopped.

    In a folder, a file that cannot be read counts as one refused row. Raises `SourceUnreadable`,
    `FetchRefused` or `FetchFailed` if nothing could be read, `StoreUnavailable` if the store gives out;
    what was committed before stays.
    """
    fetcher = fetcher or Fetcher(config)
    reports: list[ImportReport] = []
    failures: dict[str, PenjagaError] = {}
    names = expand(source)
    for name in names:
        try:
            reports.append(_import(store, name, fetcher, OPERATOR.label, on_progress))
        except CANNOT_OPEN as error:
            failures[name] = error
            problem = SourceProblem(name, 0, str(error))
            reports.append(ImportReport(name, refused=1, problems=(problem,)))
    if len(failures) == len(names):
        raise _all_failed(source, failures)
    return journal.merged(source, reports)


def enqueue_import(store: Store, source: str, actor: Actor) -> int:
    """Owe an import to the workers; returns its number. One that waits or stopped halfway is taken up again.

    Raises `Forbidden`; `SourceUnreadable` for a path of this machine, unless the actor is its operator: who
    only has an account must not read files through an import.
    """
    require(actor, "archive.import")
    if not is_url(source) and actor != OPERATOR:
        raise SourceUnreadable("Only http:// and https:// addresses can be imported from here.")
    name = source if is_url(source) else str(absolute(source))
    with store.write() as session:
        row = journal.unfinished(session, name) or journal.enter(session, name, "queued")
        journal.requeue(row)
        outbox.add(session, "import", row.id)
        events.append(session, actor=actor.label, subject="archive_import", subject_id=row.id, name="enqueue")
        return row.id


def run_import_job(
    store: Store, config: Config, import_id: int, fetcher: Fetcher | None = None
) -> ImportReport:
    """Do an import that was enqueued, or what is left of it; nothing if it is finished.

    An address that must not be fetched ends it as failed: trying again would not help. Raises what else
    `run_import` raises, and `NotFound`.
    """
    with store.read() as session:
        row = session.get(ArchiveImport, import_id)
        if row is None:
            raise NotFound("There is no import with this number.")
        finished, source = row.state == "finished", row.source
    if finished:
        return journal.report(store, import_id)
    try:
        return _import(store, source, fetcher or Fetcher(config), events.SYSTEM, None)
    except FetchRefused:
        return journal.report(store, import_id)
    except (SourceUnreadable, FetchFailed) as error:
        raise _named(source, error) from error


def read_address(store: Store, address: str, fetcher: Fetcher) -> ImportReport:
    """Import an address by the clock, nobody having asked for it. Raises as `run_import`."""
    return _import(store, address, fetcher, events.SYSTEM, None)


def _import(
    store: Store, name: str, fetcher: Fetcher, actor: str, on_progress: OnProgress | None
) -> ImportReport:
    if on_progress is not None:
        on_progress(Progress(name, 0, None, 0, 0))
    with store.read() as session:
        etag = journal.known_etag(session, name)
        office = of_peers.behind(session, name)
    try:
        with open_source(name, fetcher, etag) as source:
            if source.unchanged:
                return _unchanged(store, name, actor, office)
            import_id, position = journal.begin(store, name, source.content_hash)
            _read_all(store, source, import_id, position, actor, on_progress, office)
            journal.finish(store, import_id, source.etag, actor)
            return journal.report(store, import_id, resumed_from=position)
    except CANNOT_OPEN as error:
        journal.fail(store, name, str(error))
        raise
    except KeyboardInterrupt:
        journal.stop(store, name)
        raise


def _unchanged(store: Store, name: str, actor: str, office: Office | None) -> ImportReport:
    if office is not None:
        with store.read() as session:
            stopped = journal.unfinished(session, name)
        # Offices are asked several times an hour: that nothing was new is nothing to keep.
        if stopped is None:
            return ImportReport(name)
    return journal.report(store, journal.finish_unchanged(store, name, actor))


def _named(name: str, error: PenjagaError) -> PenjagaError:
    """Put the source before a reader's reason; the client's errors name the address themselves."""
    return SourceUnreadable(f"{name}: {error}") if isinstance(error, SourceUnreadable) else error


def _all_failed(source: str, failures: dict[str, PenjagaError]) -> PenjagaError:
    named = [_named(name, error) for name, error in failures.items()]
    if len(named) == 1:
        return named[0]
    lines = [f"{source}: none of its {len(named)} files could be read", *map(str, named[:_NAMED_FILES])]
    if len(named) > _NAMED_FILES:
        lines.append(f"and {len(named) - _NAMED_FILES} more")
    return SourceUnreadable("\n  ".join(lines))


def _read_all(
    store: Store,
    source: Source,
    import_id: int,
    position: int,
    actor: str,
    on_progress: OnProgress | None,
    office: Office | None,
) -> None:
    rows = of_peers.admitted(source.rows(), office) if office else source.rows()
    items = (item for item in _distinct(rows) if item.line > position)
    peer_id = office.id if office else None
    for batch in _batches(items):
        try:
            accepted, refused = journal.record(store, import_id, source.content_hash, batch, actor, peer_id)
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{source.name}: stopped before line {batch[0].line}, because the store took no more "
                "(is the disk full?). What was read before is in the archive; the same command goes on there."
            ) from error
        if on_progress is not None:
            on_progress(Progress(source.name, batch[-1].line, source.total, accepted, refused))


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield batches of whole lines; also what came before a source broke off, and only then its error."""
    batch: list[Item] = []
    try:
        for item in items:
            if len(batch) >= BATCH and item.line > batch[-1].line:
                yield batch
                batch = []
            batch.append(item)
    except CANNOT_OPEN:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _distinct(items: Iterable[Item]) -> Iterator[Item]:
    """Refuse a row whose id came before: taken in turn, the two would replace each other on each import."""
    lines: dict[str, int] = {}
    for item in items:
        if isinstance(item, RowProblem):
            yield item
            continue
        first = lines.setdefault(item.source_key, item.line)
        yield item if first == item.line else RowProblem(item.line, f"is the same entry as line {first}")
