"""`penjaga bench`: speed beside named peers, in one run, as ratios."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import click
from rapidfuzz import fuzz, process

from models.encoders import EncoderError, load_encoder
from models.encoders.bundled import find_bundled
from models.encoders.speed import claim, compare, sentence
from models.fingerprint import fingerprint
from models.matching import Matcher
from models.text import normalise
from models.types import Entry
from triage.cli.progress import shown
from triage.config import load_config
from triage.errors import PenjagaError

ENTRIES, MESSAGES = 5_000, 64


@click.command()
def command() -> None:
    """Time the encoder and each step of matching, on made-up texts, against peers that do the same."""
    config = load_config()
    try:
        with shown() as progress:
            encoder = load_encoder("bundled", config.encoders, progress)
        folder = config.encoders / find_bundled().key
    except EncoderError as error:
        raise PenjagaError(str(error)) from error
    click.echo("encoder, int8, two threads")
    for row in compare(folder):
        click.echo(
            f"  {row.workload}, {row.texts} x {row.tokens:.0f} tokens: {row.int8_ms:.1f} ms; "
            f"{row.peer} {row.peer_ms:.1f} ms; ratio {row.ratio:.2f}"
        )
    matcher = Matcher(encoder)
    entries = [Entry(str(number), (f"{claim(number)} {number}",)) for number in range(ENTRIES)]
    matcher.index.update(entries, matcher.encode_entries(entries))
    messages = [sentence(number * 7) for number in range(MESSAGES)]
    matcher.match(messages[:1])
    _steps(matcher, messages, [entry.texts[0] for entry in entries])


def _steps(matcher: Matcher, messages: Sequence[str], titles: Sequence[str]) -> None:
    normal = [normalise(title) for title in titles]
    steps: dict[str, Callable[[str], object]] = {
        "normalise": normalise,
        "fingerprint": fingerprint,
        "match, whole": lambda text: matcher.match([text]),
    }
    peer = _median_ms(
        lambda text: process.extract(normalise(text), normal, scorer=fuzz.token_set_ratio, limit=10), messages
    )
    click.echo(f"a message against {len(titles)} entries")
    for name, step in steps.items():
        own = _median_ms(step, messages)
        click.echo(f"  {name}: {own:.2f} ms; rapidfuzz full scan {peer:.2f} ms; ratio {peer / own:.1f}")


def _median_ms(step: Callable[[str], object], messages: Sequence[str]) -> float:
    taken = []
    for message in messages:
        started = time.perf_counter()
        step(message)
        taken.append(1000 * (time.perf_counter() - started))
    return median(taken)
