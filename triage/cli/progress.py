"""How commands show the steps of long work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from models import encoders


@contextmanager
def shown() -> Iterator[encoders.Progress]:
    """Show steps as a bar to a person at a terminal, and as plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, _fraction: click.echo(step, err=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("starting", total=1.0, visible=False)
        yield lambda step, fraction: bar.update(line, description=step, completed=fraction, visible=True)
