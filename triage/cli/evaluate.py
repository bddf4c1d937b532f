"""`penjaga evaluate`: how good matching is, measured on the files that were set aside for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from models import benchmark, calibration, crosslingual, evaluation, noise_cost, recirculation, wordings
from models.benchmark import BenchmarkDataError, Pair, Recurrence
from models.encoders import Progress
from models.evaluation import Figure
from models.matching import Matcher
from models.query import Query
from models.types import Entry, MatchResult
from triage.cli import loading
from triage.cli.progress import shown
from triage.config import load_config
from triage.errors import InputRefused

_CHUNK = 64


@click.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder with the id_*.jsonl files."
)
@click.option("--titles-only", is_flag=True, help="Leave out the slower runs with other texts than titles.")
@click.option(
    "--noise", is_flag=True, help="Show instead what chat spellings, mixed languages and other noise cost."
)
def command(data: Path, titles_only: bool, noise: bool) -> None:
    """Print ranking, bands and calibration on the dev files, each with a 95 % bootstrap interval."""
    try:
        if noise:
            _show_noise(data)
        else:
            _evaluate(data, titles_only)
    except BenchmarkDataError as error:
        raise InputRefused(f"{error}.") from error


def _evaluate(data: Path, titles_only: bool) -> None:
    pairs = benchmark.pairs(data, "dev")
    absent = {name: benchmark.texts(data, name) for name in ("negatives", "contested")}
    recurrences = benchmark.recurrences(data)
    titles, with_text = benchmark.entries(data), benchmark.entries_with_text(data)
    with shown() as progress:
        matcher = loading.matcher(load_config(), progress)
        loading.fill(matcher, titles, progress)
        click.echo(
            f"model {matcher.model_version}, {'calibrated' if matcher.calibrated else 'not calibrated'}"
        )
        _report(matcher, "titles only", pairs, absent, progress)
        _report_recurrences(matcher, titles, recurrences, progress)
        if not titles_only:
            learned = wordings.taught(titles, _confirmed(benchmark.pairs(data, "train")))
            loading.fill(matcher, learned, progress)
            _report(matcher, "titles + wordings learned from id_pairs.train", pairs, absent, progress)
            taught = {entry.target_id for entry in learned}
            loading.fill(matcher, [entry for entry in titles if entry.target_id in taught], progress)
            loading.fill(matcher, [entry for entry in with_text if entry.explanation], progress)
            _report(matcher, "title + text", pairs, absent, progress)
        sentences = benchmark.sentences(data)
        _say(crosslingual.by_encoder(matcher.encoder, sentences))
        _say(crosslingual.by_matching(matcher.emptied(), sentences))


def _show_noise(data: Path) -> None:
    chosen = noise_cost.sample(benchmark.pairs(data, "dev"))
    with shown() as progress:
        matcher = loading.matcher(load_config(), progress)
        loading.fill(matcher, benchmark.entries(data), progress)
        click.echo(f"model {matcher.model_version}, titles only, {len(chosen)} messages of id_pairs.dev")
        for figure in noise_cost.costs(chosen, lambda texts: _match(matcher, texts, progress)):
            click.echo(str(figure))


def _report(
    matcher: Matcher, archive: str, pairs: Sequence[Pair], absent: dict[str, list[str]], progress: Progress
) -> None:
    found = _match(matcher, [pair.query for pair in pairs], progress)
    data = f"{archive}, id_pairs.dev"
    _say(evaluation.ranking(pairs, found, data))
    _say(evaluation.bands(found, data))
    _say(evaluation.precision(pairs, found, data))
    _calibration(pairs, found, data)
    for name, texts in absent.items():
        _say(evaluation.bands(_match(matcher, texts, progress), f"{archive}, id_{name}.dev"))


def _calibration(pairs: Sequence[Pair], found: Sequence[MatchResult], data: str) -> None:
    """Print the error over all messages and by class, and the reliability diagram."""
    _say([evaluation.calibration_error(pairs, found, data)])
    kinds = [calibration.class_of_message(Query.of(pair.query)) for pair in pairs]
    for kind in calibration.CLASSES:
        own = [number for number, each in enumerate(kinds) if each == kind]
        if own:
            _say(
                [
                    evaluation.calibration_error(
                        [pairs[number] for number in own],
                        [found[number] for number in own],
                        f"{data} ({kind})",
                    )
                ]
            )
    click.echo(f"{data}: reliability of the best match's probability")
    for bin_ in evaluation.reliability(pairs, found):
        click.echo(str(bin_))


def _confirmed(pairs: Sequence[Pair]) -> dict[str, list[str]]:
    """Return the messages that each entry answers."""
    messages: dict[str, list[str]] = {}
    for pair in pairs:
        messages.setdefault(pair.strict, []).append(pair.query)
    return messages


def _report_recurrences(
    matcher: Matcher, entries: Sequence[Entry], recurrences: Sequence[Recurrence], progress: Progress
) -> None:
    data, messages = "titles only, id_recirculation.dev", recirculation.messages(recurrences)
    found = dict(zip(messages, _match(matcher, [each.text for each in messages], progress), strict=True))
    before = [found[recurrence.later] for recurrence in recurrences]
    known = recirculation.with_earlier(matcher, entries, recurrences, progress)
    learned = recirculation.as_learned(entries, recurrences, before, known)
    _say(recirculation.finding(recurrences, before, f"{data}, earlier message unknown"))
    _say(recirculation.finding(recurrences, known, f"{data}, earlier message known"))
    _say(recirculation.finding(recurrences, learned, f"{data}, earlier message learned"))
    copies = recirculation.near_copies(messages)
    grouped = recirculation.as_grouped(recurrences, known, copies)
    _say(recirculation.finding(recurrences, grouped, f"{data}, earlier message known, near-copies grouped"))
    answered = copies | recirculation.same_answer(messages, list(found.values()))
    _say(recirculation.grouping(recurrences, copies, "id_recirculation.dev, near-copies"))
    _say(recirculation.grouping(recurrences, answered, f"{data}, near-copies and answers"))


def _match(matcher: Matcher, texts: Sequence[str], progress: Progress) -> list[MatchResult]:
    results: list[MatchResult] = []
    for start in range(0, len(texts), _CHUNK):
        results += matcher.match(texts[start : start + _CHUNK], evaluation.DEPTH)
        progress(f"{len(results):,} of {len(texts):,} messages", len(results) / len(texts))
    return results


def _say(figures: Sequence[Figure]) -> None:
    for figure in figures:
        click.echo(str(figure))
