"""`penjaga encoder`: the model that turns texts into vectors."""

from __future__ import annotations

import time
from pathlib import Path

import click

from models.encoders import load_encoder
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from triage.cli.progress import shown
from triage.config import load_config
from triage.encoding import encoder_errors


@click.group()
def command() -> None:
    """Build or check the encoder."""


@command.command()
def build() -> None:
    """Build the bundled encoder if it is not there whole, or load the one that PENJAGA_ENCODER names."""
    config = load_config()
    started = time.monotonic()
    with encoder_errors(), shown() as progress:
        encoder = load_encoder(config.encoder, config.encoders, progress)
        place = config.encoders / find_bundled().key if config.encoder == BUNDLED else None
    click.echo(f"{encoder.name}: {encoder.dimension} dimensions, {time.monotonic() - started:.1f} s")
    if place is not None:
        click.echo(str(place))
        for part in sorted(each for each in place.iterdir() if each.is_dir()):
            click.echo(f"  {part.name}: {_megabytes(part):.0f} MB")


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
