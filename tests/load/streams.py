"""What is sent in a load: bodies of `POST /api/v1/submissions`, made from texts and a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

from triage.regions import villages

REPEATS = 0.95
_VIRAL = 40


def viral(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Yield a stream in which 19 of 20 are one of 40 messages that everybody forwards, the rest new."""
    chance, fresh = random.Random(seed), all_new(texts[_VIRAL:], seed)
    while True:
        yield chance.choice(texts[:_VIRAL]) if chance.random() < REPEATS else next(fresh)


def all_new(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Yield each text once, then again with words of another before it: no copy of anything sent before."""
    yield from texts
    chance = random.Random(seed)
    for number in count(1):
        start = " ".join(chance.choice(texts).split()[:12])
        yield f"{start} {number} {chance.choice(texts)}"


def bodies(texts: Iterator[str], number: int, region: str, seed: int) -> list[str]:
    """Return so many request bodies, each from a village of the region."""
    chance, codes = random.Random(seed), [village.code for village in villages(region)]
    return [
        json.dumps({"text": next(texts)[:10_000], "village": chance.choice(codes)}) for _ in range(number)
    ]


def write(lines: Sequence[str], path: Path) -> Path:
    """Write bodies, one per line (JSON escapes line ends), where the load generator reads them."""
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
