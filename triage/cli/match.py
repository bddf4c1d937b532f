"""`penjaga match`: the product's own matching over files, without a database."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from models.encoders import EncoderError, load_encoder
from models.matching import Matcher
from models.types import Entry, MatchResult
from triage.cli.progress import shown
from triage.config import load_config
from triage.errors import PenjagaError
from triage.reasons import sentence

# Messages matched between two lines of output: bounds memory, keeps progress visible.
_BATCH = 64


class UnreadableFile(PenjagaError):
    """An input file is missing or a line of it cannot be used; the message names file, line and reason."""

    code = "unreadable-file"


@click.command()
@click.option("--archive", type=click.Path(path_type=Path), required=True, help="Entries: target_id, title.")
@click.option("--queries", type=click.Path(path_type=Path), required=True, help="Messages: query_id, query.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where results go, one a line.")
@click.option("--top", type=click.IntRange(1, 100), default=10, show_default=True, help="Matches a message.")
def command(archive: Path, queries: Path, out: Path, top: int) -> None:
    """Match messages against an archive, both JSON lines; results keep the order of the messages."""
    entries = [Entry(number, (title,)) for number, title in _read(archive, "target_id", "title")]
    messages = list(_read(queries, "query_id", "query", may_be_empty=True))
    matcher = _matcher()
    matcher.index.update(entries, matcher.encode_entries(entries))
    started = time.monotonic()
    try:
        with out.open("w", encoding="utf-8") as file:
            for start in range(0, len(messages), _BATCH):
                batch = messages[start : start + _BATCH]
                results = matcher.match([text for _, text in batch], top=top)
                for (number, _), result in zip(batch, results, strict=True):
                    file.write(json.dumps(_line(number, result), ensure_ascii=False) + "\n")
                click.echo(f"{start + len(batch)} of {len(messages)}", err=True)
    except OSError as error:
        raise UnreadableFile(f"{out}: {error.strerror}") from error
    seconds = max(time.monotonic() - started, 1e-9)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    click.echo(
        f"{len(messages)} items, {len(messages) / seconds:.1f} items/s, peak memory {peak / 2**20:.0f} MiB"
    )


def _matcher() -> Matcher:
    config = load_config()
    try:
        with shown() as progress:
            matcher = Matcher(load_encoder(config.encoder, config.encoders, progress))
    except EncoderError as error:
        raise PenjagaError(str(error)) from error
    if not matcher.calibrated:
        click.echo("the calibration belongs to another encoder: nothing gets band 'answer'", err=True)
    return matcher


def _line(number: str, result: MatchResult) -> dict[str, Any]:
    matches = [
        {
            "target_id": match.target_id,
            "probability": round(match.probability, 4),
            "reasons": [sentence(reason) for reason in match.reasons],
        }
        for match in result.matches
    ]
    return {"query_id": number, "band": result.band, "matches": matches}


def _read(path: Path, key: str, value: str, *, may_be_empty: bool = False) -> Iterator[tuple[str, str]]:
    """Yield key and value of each line, all of which must be whole before any work begins."""
    try:
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error
    seen: set[str] = set()
    # Only at newlines: texts hold U+2028 and U+0085, at which `splitlines` would break a row.
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        found = _fields(f"{path}:{number}", line, key, value)
        if found[0] in seen:
            raise UnreadableFile(f"{path}:{number}: {key} {found[0]} occurs twice")
        if not found[1].strip() and not may_be_empty:
            raise UnreadableFile(f"{path}:{number}: {value} is empty")
        seen.add(found[0])
        yield found


def _fields(where: str, line: str, key: str, value: str) -> tuple[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{where}: not JSON") from error
    if not isinstance(row, dict):
        raise UnreadableFile(f"{where}: not a JSON object")
    for name in (key, value):
        if not isinstance(row.get(name), str):
            raise UnreadableFile(f"{where}: {name} must be a text")
    return row[key], row[value]
