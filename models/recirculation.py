"""Messages that came again in other words: found through the earlier one as a variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models import benchmark, evaluation
from models.evaluation import Figure
from models.matching import Matcher
from models.types import Entry


@dataclass(frozen=True, slots=True)
class Recirculated:
    """A message and a later one of the same hoax; `titles`: headings of the fact-checks that answer them."""

    earlier: str
    later: str
    titles: tuple[str, str]


def recirculated(folder: Path) -> list[Recirculated]:
    """Read `id_recirculation.dev.jsonl`."""
    return [
        Recirculated(row.text("earlier"), row.text("later"), (row.text("title_a"), row.text("title_b")))
        for row in benchmark.rows(folder / "id_recirculation.dev.jsonl")
    ]


def with_variants(entries: Sequence[Entry], pairs: Sequence[Recirculated]) -> list[Entry]:
    """Return those of `entries` that answer an earlier message, with all such messages as variants."""
    said: dict[str, list[str]] = {}
    for pair in pairs:
        said.setdefault(pair.titles[0], []).append(pair.earlier)
    found = []
    for entry in entries:
        variants = tuple(dict.fromkeys(said.get(entry.texts[0], ())))
        if variants:
            found.append(replace(entry, texts=(*entry.texts, *variants)))
    return found


def found_first(
    matcher: Matcher, entries: Sequence[Entry], pairs: Sequence[Recirculated], name: str
) -> Figure:
    """Return how often the later message finds a fact-check of its hoax first."""
    titled: dict[str, set[str]] = {}
    for entry in entries:
        titled.setdefault(entry.texts[0], set()).add(entry.target_id)
    results = matcher.match([pair.later for pair in pairs], top=1)
    right = [
        bool(result.matches)
        and any(result.matches[0].target_id in titled.get(title, ()) for title in pair.titles)
        for pair, result in zip(pairs, results, strict=True)
    ]
    return evaluation.share(f"R@1, {name}", "titles only, id_recirculation.dev", np.array(right))
