"""`penjaga match`: the product's own matching over files, without a store."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from models.encoders import Progress
from models.matching import Matcher
from triage import match_files
from triage.cli import loading
from triage.cli.progress import shown
from triage.config import load_config
from triage.errors import InputRefused
from triage.match_files import QueryRow

_CHUNK = 64
_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--archive", required=True, type=_FILE, help='Entries: {"target_id", "title", "text"?}.')
@click.option("--queries", required=True, type=_FILE, help='Messages: {"query_id", "query"}.')
@click.option("--out", required=True, type=_FILE, help="Where the results go, a line per message.")
@click.option(
    "--top", default=10, show_default=True, type=click.IntRange(1, 100), help="Matches per message."
)
def command(archive: Path, queries: Path, out: Path, top: int) -> None:
    """Match messages against an archive, both files of JSON lines."""
    entries = match_files.read_archive(archive)
    messages = match_files.read_queries(queries)
    if not out.parent.is_dir():
        raise InputRefused(f"{out}: there is no folder {out.parent}.")
    with shown() as progress:
        matcher = loading.matcher(load_config(), progress)
        loading.fill(matcher, entries, progress)
        matcher.index.snapshot()
        started = time.perf_counter()
        try:
            _write(out, matcher, messages, top, progress)
        except OSError as error:
            raise InputRefused(f"{out}: {error.strerror}.") from error
        seconds = time.perf_counter() - started
    if not matcher.calibrated:
        click.echo("not calibrated for this encoder: no message is answered", err=True)
    click.echo(
        f"{len(messages):,} messages against {len(entries):,} entries with {matcher.model_version}: "
        f"{len(messages) / max(seconds, 1e-9):.1f} items/s, peak memory {loading.peak_megabytes():.0f} MB"
    )


def _write(out: Path, matcher: Matcher, messages: Sequence[QueryRow], top: int, progress: Progress) -> None:
    """Match and write results, which stand under their name only when they are whole."""
    draft = out.with_name(f".{out.name}.partial")
    with draft.open("w", encoding="utf-8") as results:
        for start in range(0, len(messages), _CHUNK):
            chunk = messages[start : start + _CHUNK]
            found = matcher.match([message.text for message in chunk], top)
            results.writelines(
                f"{match_files.result_row(message, result)}\n"
                for message, result in zip(chunk, found, strict=True)
            )
            done = start + len(chunk)
            progress(f"{done:,} of {len(messages):,} messages", done / len(messages))
    draft.replace(out)
