"""How far an import is: a bar for the source that is being read, or a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

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

from triage.archive import importing
from triage.archive.sources import is_url
from triage.cli.printing import complain, printable

# Without a terminal, a line for about every so many rows.
_PLAIN_STEP = 5_000
_NAME_CHARACTERS = 40


class Shown(Protocol):
    """What shows the progress of imports, one source at a time."""

    def update(self, progress: importing.Progress) -> None:
        """Show how far a source is; line 0 is one that is being opened."""

    def wait(self, seconds: float) -> None:
        """Sleep, and say so: what a server asks for may be minutes."""


class Bars:
    """On a terminal: one line for the source in hand; those that are done make room for it."""

    def __init__(self, bar: Progress, sleep: Callable[[float], None] = time.sleep) -> None:
        self.bar = bar
        self._sleep = sleep
        self._source = ""
        self._task: TaskID | None = None

    def update(self, progress: importing.Progress) -> None:
        """Show how far a source is."""
        if self._task is None or progress.source != self._source:
            if self._task is not None:
                self.bar.remove_task(self._task)
            self._source = progress.source
            self._task = self.bar.add_task(_opening(progress.source), total=None)
        if progress.line:
            name = _name(progress.source)
            self.bar.update(
                self._task, description=name, completed=progress.line, total=progress.total, refresh=True
            )

    def wait(self, seconds: float) -> None:
        """Sleep, and say so in the source's line."""
        if self._task is None:
            self._sleep(seconds)
            return
        before = self.bar.tasks[0].description
        self.bar.update(self._task, description=f"{_name(self._source)}: {_waiting(seconds)}", refresh=True)
        self._sleep(seconds)
        self.bar.update(self._task, description=before)


class Lines:
    """Elsewhere: a line for every so many rows, and for every wait."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._source = ""

    def update(self, progress: importing.Progress) -> None:
        """Say how far a source is."""
        self._source = progress.source
        if progress.line >= _PLAIN_STEP and progress.line % _PLAIN_STEP < importing.BATCH:
            so_far = f"line {progress.line}, in {progress.accepted}, refused {progress.refused}"
            complain(f"{progress.source}: {so_far}")

    def wait(self, seconds: float) -> None:
        """Sleep, and say so."""
        complain(f"{self._source}: {_waiting(seconds)}")
        self._sleep(seconds)


@contextmanager
def shown(console: Console | None = None) -> Iterator[Shown]:
    """Show progress on standard error as long as the block lasts."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        yield Bars(bar)


def _name(source: str) -> str:
    return printable(source.rpartition("/")[2][:_NAME_CHARACTERS] or source[-_NAME_CHARACTERS:])


def _opening(source: str) -> str:
    return f"{_name(source)}: {'fetching' if is_url(source) else 'opening'}"


def _waiting(seconds: float) -> str:
    return f"waiting {seconds:.0f} s before asking the server again"
