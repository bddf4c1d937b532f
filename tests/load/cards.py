"""How long cards take: `python -m tests.load.cards [--number N] [--parallel P]`.

Draws the cards of the starter archive in each shape, then asks for many different ones at the same time, and
prints milliseconds and kilobytes for each card, and the memory that the process took.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from triage import cards, schema
from triage.archive import entries
from triage.archive.starter import import_starter
from triage.cards import FRAMES, Card
from triage.db import Store

OFFICE = "KIM dan Diskominfo Kabupaten Lumajang"
SITE = "https://penjaga.lumajangkab.go.id/fakta"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=60, help="fact-checks to draw")
    parser.add_argument("--parallel", type=int, default=32, help="requests at the same time")
    given = parser.parse_args()
    made = _cards(given.number)
    # What the first card loads, the others find.
    cards.png(replace(made[0], word="Satire"), "tautan")
    _say(f"before: {_memory():.0f} MB")
    for shape in FRAMES:
        times, sizes = zip(*(_timed(card, shape) for card in made), strict=True)
        _say(
            f"{shape}: median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms, "
            f"largest {max(sizes) / 1000:.0f} kB"
        )
    _in_parallel(made, given.parallel)


def _cards(number: int) -> list[Card]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/penjaga.db")
        schema.upgrade(store)
        import_starter(store)
        with store.read() as session:
            rows = session.execute(entries.statement().limit(number)).all()
        store.close()
    found = [entries.from_row(row.FactCheck, row.FactCheckVersion) for row in rows]
    return [cards.card(one, OFFICE, f"{SITE}/{one.id}") for one in found]


def _in_parallel(made: Sequence[Card], parallel: int) -> None:
    fresh = [replace(card, office=f"{OFFICE} {number}") for number, card in enumerate(made)]
    before, began = _memory(), time.perf_counter()
    with ThreadPoolExecutor(parallel) as pool:
        list(pool.map(lambda card: cards.png(card, "cerita"), fresh))
    took = time.perf_counter() - began
    _say(
        f"{len(fresh)} stories asked for by {parallel} at once: {len(fresh) / took:.1f} a second, "
        f"{_memory() - before:.0f} MB more at the peak"
    )


def _timed(card: Card, shape: cards.Shape) -> tuple[float, int]:
    began = time.perf_counter()
    png = cards.png(card, shape)
    return (time.perf_counter() - began) * 1000, len(png)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
