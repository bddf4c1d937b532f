"""`penjaga archive`: bring fact-checks in, and see what came from where."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from sqlalchemy import select

from triage import schema
from triage.archive import importing
from triage.archive.importing import OnProgress
from triage.archive.journal import ImportReport
from triage.cli.printing import OutputLost, complain, escape_unknown, say
from triage.config import Config, load_config
from triage.db import Store
from triage.tables import ArchiveImport

MAX_SHOWN = 50
# Without a terminal, a line for about every so many rows.
_PLAIN_STEP = 5_000


@click.group()
def command() -> None:
    """Import fact-checks from files, folders and web addresses."""
    escape_unknown()


@command.command("import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
def import_(sources: tuple[str, ...]) -> None:
    """Import each SOURCE: a file, a folder or an http(s) address.

    Formats: JSON lines, CSV, schema.org ClaimReview (JSON-LD, DataFeed, web pages), WordPress
    (.../wp-json/wp/v2/posts), RSS and Atom. An import that was stopped goes on where it stood; one that is
    run again changes nothing. Exit code 1 if a source could not be opened at all.
    """
    config = load_config()
    store = Store(config.database_url)
    try:
        schema.upgrade(store)
        done = [_import(store, config, source) for source in sources]
    finally:
        store.close()
    sys.exit(0 if all(done) else 1)


def _import(store: Store, config: Config, source: str) -> bool:
    """Import one source and say what became of it; tells whether it could be opened and that be said."""
    try:
        with _progress() as on_progress:
            report = importing.run_import(store, config, source, on_progress)
        _show(report)
    except (*importing.CANNOT_OPEN, OutputLost) as error:
        complain(f"penjaga: {error}")
        return False
    return True


@command.command("list")
def list_() -> None:
    """List the imports so far, the latest last."""
    store = Store(load_config().database_url)
    try:
        schema.upgrade(store)
        with store.read() as session:
            for row in session.scalars(select(ArchiveImport).order_by(ArchiveImport.id)):
                begun = f"{row.id:>4}  {row.started_at:%Y-%m-%d %H:%M} UTC  {row.state:<8}"
                say(f"{begun}  {_numbers(row)}  {row.source}")
                if row.error:
                    say(f"      {row.error}")
    finally:
        store.close()


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


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """Show a bar on a terminal, and a line now and then elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def update(progress: importing.Progress) -> None:
            name = progress.source.rpartition("/")[2][:40] or progress.source[-40:]
            if progress.source not in tasks:
                tasks[progress.source] = bar.add_task(name, total=progress.total)
            bar.update(tasks[progress.source], completed=progress.line)

        yield update


def _plain(progress: importing.Progress) -> None:
    if progress.line >= _PLAIN_STEP and progress.line % _PLAIN_STEP < importing.BATCH:
        so_far = f"line {progress.line}, in {progress.accepted}, refused {progress.refused}"
        complain(f"{progress.source}: {so_far}")
