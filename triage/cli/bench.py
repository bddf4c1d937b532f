"""`penjaga bench`: speed beside named peers, all in one run on this machine."""

from __future__ import annotations

import click

from models import speed
from models.encoders import speed as encoder_speed
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from triage.cli import loading
from triage.cli.progress import shown
from triage.config import load_config


@click.command()
@click.option("--entries", default=speed.ENTRIES, show_default=True, type=click.IntRange(1000, 100_000))
def command(entries: int) -> None:
    """Time the encoder and every step of matching, and print how many times as long the peers take."""
    config = load_config()
    with shown() as progress:
        encoder = loading.encoder(config, progress)
    if config.encoder == BUNDLED:
        for row in encoder_speed.compare(config.encoders / find_bundled().key):
            click.echo(
                f"encoder, {row.workload} ({row.texts} x {row.tokens:.0f} tokens): "
                f"int8 {row.int8_ms:.1f} ms, {row.peer} {row.peer_ms:.1f} ms, ratio {row.ratio:.2f}"
            )
    else:
        click.echo(f"encoder: {encoder.name} is no build of ours; the int8 comparison is left out")
    costs = speed.compare(encoder, entries)
    for step in costs.steps:
        click.echo(
            f"matching, {step.step}: {step.milliseconds:.2f} ms per message, {costs.entries:,} entries"
        )
    ours = costs.of("lexical search")
    for peer in costs.peers:
        click.echo(
            f"lexical search: ours {ours:.2f} ms, {peer.step} {peer.milliseconds:.2f} ms, "
            f"ratio {peer.milliseconds / ours:.1f}"
        )
