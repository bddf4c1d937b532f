"""`penjaga bench`: speed beside named peers, all in one run on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from models.benchmark import BenchmarkDataError
from models.encoders import speed as encoder_speed
from models.encoders.bundled import FULL, find_bundled
from models.encoders.loading import BUNDLED
from models.speed import material, run
from models.speed.figures import exponent
from models.speed.peers import PEERS, TORCH
from models.speed.run import LARGEST, MeasuringFailed, Report
from models.speed.steps import STEPS
from models.speed.system import OURS, Setting
from triage.cli import loading
from triage.cli.progress import shown
from triage.config import Config, load_config
from triage.errors import InputRefused


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder with the id_*.jsonl files; made-up headings and messages without it.",
)
@click.option(
    "--entries", default=LARGEST, show_default=True, type=click.IntRange(300, 1_000_000),
    help="Largest archive; a tenth and a third of it are measured, too.",
)  # fmt: skip
def command(data: Path | None, entries: int) -> None:
    """Time the encoder and matching end to end, and print how many times as long the peers take."""
    config = load_config()
    try:
        texts = material.measured(data) if data else material.made_up()
    except BenchmarkDataError as error:
        raise InputRefused(f"{error}.") from error
    with shown() as progress:
        encoder = loading.encoder(config, progress)
        _say_encoder(config, encoder.name)
        try:
            report = run.compare(texts, _setting(config), encoder, entries, progress)
        except MeasuringFailed as error:
            raise click.ClickException(str(error)) from error
    _say_systems(report)
    _say_stream(report)
    _say_growth(report)


def _setting(config: Config) -> Setting:
    full = config.encoder
    if config.encoder == BUNDLED:
        full = str(config.encoders / find_bundled().key / FULL)
    return Setting(config.encoder, config.encoders, full, config.calibration)


def _say_encoder(config: Config, name: str) -> None:
    if config.encoder != BUNDLED:
        click.echo(f"encoder: {name} is no build of ours; the int8 comparison is left out")
        return
    for row in encoder_speed.compare(config.encoders / find_bundled().key):
        click.echo(
            f"encoder, {row.workload} ({row.texts} x {row.tokens:.0f} tokens): "
            f"int8 {row.int8_ms:.1f} ms, {row.peer} {row.peer_ms:.1f} ms, ratio {row.ratio:.2f}"
        )


def _say_systems(report: Report) -> None:
    """Print what new messages cost each system, and by how many times Penjaga is faster."""
    for size, systems in report.figures.items():
        ours = systems[OURS]
        for name, found in systems.items():
            click.echo(
                f"{size:,} entries, {_name(name)}: {1000 / found.mean_ms:.1f} items/s, "
                f"p50 {found.quantile_ms(0.5):.1f} ms, p95 {found.quantile_ms(0.95):.1f} ms, "
                f"in batches {1000 / found.batch_ms:.1f} items/s, peak memory {found.peak_mb:.0f} MB, "
                f"ready in {found.ready_s:.1f} s, "
                f"ratio {found.mean_ms / ours.mean_ms:.2f}, in batches {found.batch_ms / ours.batch_ms:.2f}"
            )
    for name in report.missing:
        click.echo(f"{_name(name)}: not installed, comes with the extra packages for development")


def _say_stream(report: Report) -> None:
    """Print what a message costs in a stream of which 95 % are repeats."""
    size, systems = next(iter(report.figures.items()))
    ours = systems[OURS].stream
    if ours is None:
        return
    click.echo(
        f"stream with {material.REPEATS} repeats of each message, {size:,} entries, {OURS}: "
        f"{1000 / ours.message_ms:.0f} items/s, {ours.message_ms:.2f} ms per message, "
        f"{ours.repeat_ms:.2f} ms per recognised repeat, {ours.matched} of {ours.messages} matched"
    )
    if TORCH in systems and (theirs := systems[TORCH].stream):
        click.echo(
            f"stream with {material.REPEATS} repeats of each message, {size:,} entries, {_name(TORCH)}: "
            f"{1000 / theirs.message_ms:.0f} items/s, {theirs.message_ms:.2f} ms per message, "
            f"ratio {theirs.message_ms / ours.message_ms:.1f}, "
            f"to a recognised repeat {theirs.message_ms / ours.repeat_ms:.0f}"
        )


def _say_growth(report: Report) -> None:
    """Print how the cost of each step grows with the archive."""
    for step in STEPS:
        costs = {size: systems[OURS].steps_ms[step] for size, systems in report.figures.items()}
        shown_costs = ", ".join(f"{cost:.2f} ms at {size:,}" for size, cost in costs.items())
        click.echo(f"growth, {step}: {shown_costs}, exponent {exponent(costs):.2f}")
    whole = {size: systems[OURS].quantile_ms(0.5) for size, systems in report.figures.items()}
    shown_costs = ", ".join(f"{cost:.1f} ms at {size:,}" for size, cost in whole.items())
    click.echo(f"growth, a new message, p50: {shown_costs}, exponent {exponent(whole):.2f}")


def _name(system: str) -> str:
    return PEERS[system].name if system in PEERS else system
