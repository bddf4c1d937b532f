"""`penjaga archive`: bring fact-checks in, and see what came from where."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select

from triage import broker, schema
from triage.archive import importing, journal
from triage.archive.journal import ImportReport
from triage.archive.sources import expand
from triage.archive.unreadable import SourceUnreadable
from triage.cli import import_progress
from triage.cli.opening import existing
from triage.cli.printing import OutputLost, complain, escape_unknown, say
from triage.config import Config, load_config
from triage.db import Store
from triage.fetch import Fetcher
from triage.permissions import OPERATOR
from triage.tables import ArchiveImport

MAX_SHOWN = 50
_INTERRUPTED = 130  # as shells have it


@click.group()
def command() -> None:
    """Import fact-checks from files, folders and web addresses."""
    escape_unknown()


@command.command("import")
@click.option("--background", is_flag=True, help="Leave the reading to the workers.")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
def import_(sources: tuple[str, ...], background: bool) -> None:
    """Import each SOURCE: a file, a folder or an http(s) address.

    Formats: JSON lines, CSV, schema.org ClaimReview (JSON-LD, DataFeed, web pages), WordPress
    (.../wp-json/wp/v2/posts), RSS and Atom. An import that was stopped goes on where it stood (a WordPress
    site is asked from its first page again); one that is run again changes nothing. Exit code 1 if a source
    could not be opened at all.

    With --background, the number of each import is printed, and `penjaga archive list` shows how far it is.
    The workers must be able to read the files under the same paths.
    """
    config = load_config()
    store = Store(config.database_url)
    work = _enqueue if background else _import
    try:
        schema.upgrade(store)
        done = [work(store, config, source) for source in sources]
    finally:
        store.close()
    if background and any(done):
        _wake(config)
    sys.exit(0 if all(done) else 1)


def _import(store: Store, config: Config, source: str) -> bool:
    """Import one source and say what became of it; tells whether it could be opened and that be said."""
    try:
        with import_progress.shown() as shown:
            fetcher = Fetcher(config, sleep=shown.wait)
            report = importing.run_import(store, config, source, shown.update, fetcher)
        _show(report)
    except (*importing.CANNOT_OPEN, OutputLost) as error:
        complain(f"penjaga: {error}")
        return False
    except KeyboardInterrupt:
        so_far = "What was read so far is in the archive; the same command goes on from there."
        complain(f"penjaga: {source}: interrupted. {so_far}")
        sys.exit(_INTERRUPTED)
    return True


def _enqueue(store: Store, _config: Config, source: str) -> bool:
    """Hand each file of a source, or its address, to the workers."""
    try:
        for name in expand(source):
            number = importing.enqueue_import(store, name, OPERATOR)
            say(f"import {number}: {name}")
    except (SourceUnreadable, OutputLost) as error:
        complain(f"penjaga: {error}")
        return False
    return True


def _wake(config: Config) -> None:
    client = broker.client(config)
    woken = broker.send_wake(client, "import")
    client.close()
    if not woken:
        complain("the broker does not answer: imports start when a worker runs again")


@command.command("list")
def list_() -> None:
    """List the imports so far, the latest last."""
    with existing() as (_, store), store.read() as session:
        for row in session.scalars(select(ArchiveImport).order_by(ArchiveImport.id)):
            state = journal.standing(row)
            begun = f"{row.id:>4}  {row.started_at:%Y-%m-%d %H:%M} UTC  {state:<11}"
            reached = "" if state == "finished" else f", at line {row.position}"
            say(f"{begun}  {_numbers(row)}{reached}  {row.source}")
            if row.error:
                say(f"      {row.error}")


def _show(report: ImportReport) -> None:
    if report.resumed_from:
        say(f"{report.source}: went on after line {report.resumed_from}")
    for problem in report.problems[:MAX_SHOWN]:
        line = f":{problem.line}" if problem.line else ""
        say(f"{problem.source}{line}: {problem.reason}")
    if report.refused > MAX_SHOWN:
        say(f"and {report.refused - MAX_SHOWN} more")
    say(f"{report.source}: {_numbers(report)}")


def _numbers(counted: ImportReport | ArchiveImport) -> str:
    return f"added {counted.added}, updated {counted.updated}, same {counted.same}, refused {counted.refused}"
