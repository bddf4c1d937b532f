"""The measuring files: archive, pairs of message and fact-check, and texts that no entry answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.types import Entry


class BenchmarkDataError(Exception):
    """A measuring file is missing or a row of it cannot be read; the message says which."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A message that really circulated, and the fact-checks that answer it.

    `strict`: the one that it was taken from. `lenient`: all that are known to be about the same hoax.
    """

    query: str
    strict: str
    lenient: frozenset[str]
    tier: str


def rows(path: Path) -> list[dict[str, Any]]:
    """Read JSON lines, split at newlines only: texts hold other line ends. Raises BenchmarkDataError."""
    try:
        lines = path.read_text("utf-8").split("\n")
    except OSError as error:
        raise BenchmarkDataError(f"{path}: {error.strerror}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise BenchmarkDataError(f"{path}, line {number}: {error}") from error
    return found


def entries(folder: Path) -> list[Entry]:
    """Read the archive, titles only."""
    return [Entry(row["target_id"], (row["title"],)) for row in rows(folder / "id_archive.jsonl")]


def entries_with_text(folder: Path) -> list[Entry]:
    """Read the archive, each entry's explanation beside its title where there is one."""
    return [
        Entry(row["target_id"], (row["title"], row["text"]) if row["text"].strip() else (row["title"],))
        for row in rows(folder / "id_archive.jsonl")
    ]


def pairs(folder: Path, part: str) -> list[Pair]:
    """Read `id_pairs.{part}.jsonl`; see the README of the data for what is lenient."""
    return [
        Pair(
            row["query"],
            row["target_id"],
            frozenset([row["target_id"], *row["alt_target_ids"], *row["soft_alt_ids"], *row["judged_same"]]),
            row["tier"],
        )
        for row in rows(folder / f"id_pairs.{part}.jsonl")
    ]


def texts(folder: Path, name: str) -> list[str]:
    """Read the texts of `id_{name}.dev.jsonl`: `negatives` or `contested`."""
    return [row["text"] for row in rows(folder / f"id_{name}.dev.jsonl")]
