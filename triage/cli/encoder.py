"""`penjaga encoder`: the model that turns texts into vectors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from models import encoders
from models.encoders import EncoderError, load_encoder
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from triage.config import load_config
from triage.errors import ConfigError


@click.group()
def command() -> None:
    """Build or check the encoder."""


@command.command()
def build() -> None:
    """Build the bundled encoder if it is not there whole, or load the one that PENJAGA_ENCODER names."""
    config = load_config()
    started = time.monotonic()
    try:
        with _shown() as progress:
            encoder = load_encoder(config.encoder, config.encoders, progress)
        place = config.encoders / find_bundled().key if config.encoder == BUNDLED else None
    except EncoderError as error:
        raise ConfigError(f"{error}.") from error
    click.echo(f"{encoder.name}: {encoder.dimension} dimensions, {time.monotonic() - started:.1f} s")
    if place is not None:
        click.echo(str(place))
        for part in sorted(each for each in place.iterdir() if each.is_dir()):
            click.echo(f"  {part.name}: {_megabytes(part):.0f} MB")


@contextmanager
def _shown() -> Iterator[encoders.Progress]:
    """Show steps as a bar to a person at a terminal, and as plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, _fraction: click.echo(step, err=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("loading the encoder", total=1.0)
        yield lambda step, fraction: bar.update(line, description=step, completed=fraction)


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
