"""`penjaga evaluate`: how good matching is, measured on the files that were set aside for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from models import benchmark, evaluation
from models.benchmark import BenchmarkDataError, Pair
from models.encoders import Progress
from models.evaluation import Figure
from models.matching import Matcher
from models.types import MatchResult
from triage.cli import loading
from triage.cli.progress import shown
from triage.config import load_config
from triage.errors import InputRefused

_CHUNK = 64


@click.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder with the id_*.jsonl files."
)
@click.option("--titles-only", is_flag=True, help="Leave out the slower run with the entries' texts.")
def command(data: Path, titles_only: bool) -> None:
    """Print ranking, bands and calibration on the dev files, each with a 95 % bootstrap interval."""
    try:
        _evaluate(data, titles_only)
    except BenchmarkDataError as error:
        raise InputRefused(f"{error}.") from error


def _evaluate(data: Path, titles_only: bool) -> None:
    pairs = benchmark.pairs(data, "dev")
    absent = {name: benchmark.texts(data, name) for name in ("negatives", "contested")}
    titles, with_text = benchmark.entries(data), benchmark.entries_with_text(data)
    with shown() as progress:
        matcher = loading.matcher(load_config(), progress)
        loading.fill(matcher, titles, progress)
        click.echo(
            f"model {matcher.model_version}, {'calibrated' if matcher.calibrated else 'not calibrated'}"
        )
        _report(matcher, "titles only", pairs, absent, progress)
        if not titles_only:
            loading.fill(matcher, [entry for entry in with_text if len(entry.texts) > 1], progress)
            _report(matcher, "title + text", pairs, absent, progress)


def _report(
    matcher: Matcher, archive: str, pairs: Sequence[Pair], absent: dict[str, list[str]], progress: Progress
) -> None:
    found = _match(matcher, [pair.query for pair in pairs], progress)
    data = f"{archive}, id_pairs.dev"
    _say(evaluation.ranking(pairs, found, data))
    _say(evaluation.bands(found, data))
    _say(evaluation.precision(pairs, found, data))
    _say([evaluation.calibration_error(pairs, found, data)])
    for name, texts in absent.items():
        _say(evaluation.bands(_match(matcher, texts, progress), f"{archive}, id_{name}.dev"))


def _match(matcher: Matcher, texts: Sequence[str], progress: Progress) -> list[MatchResult]:
    results: list[MatchResult] = []
    for start in range(0, len(texts), _CHUNK):
        results += matcher.match(texts[start : start + _CHUNK], evaluation.DEPTH)
        progress(f"{len(results):,} of {len(texts):,} messages", len(results) / len(texts))
    return results


def _say(figures: Sequence[Figure]) -> None:
    for figure in figures:
        click.echo(str(figure))
