"""`penjaga match`: the product's own matching over files, without a store."""

from __future__ import annotations

import time
from pathlib import Path

import click

from models.matching import Matcher
from triage import match_files
from triage.cli import loading
from triage.cli.progress import shown
from triage.errors import InputRefused

_CHUNK = 64
_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--archive", required=True, type=_FILE, help='Entries: {"target_id", "title", "text"?}.')
@click.option("--queries", required=True, type=_FILE, help='Messages: {"query_id", "query"}.')
@click.option("--out", required=True, type=_FILE, help="Where the results go, a line per message.")
@click.option("--top", default=10, show_default=True, type=click.IntRange(1, 30), help="Matches per message.")
def command(archive: Path, queries: Path, out: Path, top: int) -> None:
    """Match messages against an archive, both files of JSON lines."""
    entries = match_files.read_archive(archive)
    messages = match_files.read_queries(queries)
    if not out.parent.is_dir():
        raise InputRefused(f"{out}: there is no folder {out.parent}.")
    draft = out.with_name(f".{out.name}.partial")
    with shown() as progress, draft.open("w", encoding="utf-8") as results:
        matcher = Matcher(loading.encoder(progress))
        loading.fill(matcher, entries, progress)
        matcher.index.snapshot()
        started = time.perf_counter()
        for start in range(0, len(messages), _CHUNK):
            chunk = messages[start : start + _CHUNK]
            found = matcher.match([message.text for message in chunk], top)
            results.writelines(
                f"{match_files.result_row(message, result)}\n"
                for message, result in zip(chunk, found, strict=True)
            )
            progress(
                f"{start + len(chunk):,} of {len(messages):,} messages", (start + len(chunk)) / len(messages)
            )
        seconds = time.perf_counter() - started
    draft.replace(out)
    if not matcher.calibrated:
        click.echo("not calibrated for this encoder: no message is answered", err=True)
    click.echo(
        f"{len(messages):,} messages against {len(entries):,} entries with {matcher.model_version}: "
        f"{len(messages) / max(seconds, 1e-9):.1f} items/s, peak memory {loading.peak_megabytes():.0f} MB"
    )
