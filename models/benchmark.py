"""The measuring files: archive, pairs of message and fact-check, and texts that no entry answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from models.types import Entry

_SAME_HOAX = ("alt_target_ids", "soft_alt_ids", "judged_same")


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


@dataclass(frozen=True, slots=True)
class Message:
    """A message by its name in the files, and the entries known to answer it."""

    name: str
    text: str
    lenient: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A message and a later one of the same hoax; `entry` answered the earlier one.

    `seen`: one of them is in `id_pairs.train`, so what was fitted there has seen it.
    """

    earlier: Message
    later: Message
    entry: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a measuring file; its fields are read by kind, and an error names file and line."""

    path: Path
    number: int
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """Return a field that holds a text."""
        value = self._field(name)
        if not isinstance(value, str):
            raise self.wrong(f"{name} must be a text")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a field that holds a list of texts."""
        value = self._field(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(f"{name} must be a list of texts")
        return value

    def _field(self, name: str) -> object:
        if name not in self.fields:
            raise self.wrong(f"{name} is missing")
        return self.fields[name]

    def wrong(self, what: str) -> BenchmarkDataError:
        """Return the error that says what is wrong with the row, and where it stands."""
        return BenchmarkDataError(f"{self.path}, line {self.number}: {what}")


def rows(path: Path) -> Iterator[Row]:
    """Read JSON lines, split at newlines only: texts hold other line ends. Raises BenchmarkDataError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BenchmarkDataError(f"{path}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line.decode("utf-8"))
        except ValueError as error:
            raise BenchmarkDataError(f"{path}, line {number}: {error}") from error
        if not isinstance(fields, dict):
            raise BenchmarkDataError(f"{path}, line {number}: not a JSON object")
        yield Row(path, number, fields)


def entries(folder: Path) -> list[Entry]:
    """Read the archive, titles only."""
    return [Entry(row.text("target_id"), (row.text("title"),)) for row in rows(folder / "id_archive.jsonl")]


def entries_with_text(folder: Path) -> list[Entry]:
    """Read the archive, each entry's explanation beside its title where there is one."""
    found = []
    for row in rows(folder / "id_archive.jsonl"):
        title, text = row.text("title"), row.text("text")
        found.append(Entry(row.text("target_id"), (title,), text.strip()))
    return found


def pairs(folder: Path, part: str) -> list[Pair]:
    """Read `id_pairs.{part}.jsonl`; see the README of the data for what is lenient."""
    return [_pair(row) for row in rows(folder / f"id_pairs.{part}.jsonl")]


def recurrences(folder: Path) -> list[Recurrence]:
    """Read `id_recirculation.dev.jsonl`, with what `id_pairs`, train and dev, know of its messages.

    A few later messages are in neither: the entries under their own fact-check's title answer those.
    """
    known: dict[str, Pair] = {}
    seen: set[str] = set()
    for part in ("train", "dev"):
        pairs_of_part = {row.text("query_id"): _pair(row) for row in rows(folder / f"id_pairs.{part}.jsonl")}
        known |= pairs_of_part
        seen |= pairs_of_part.keys() if part == "train" else set()
    titled: dict[str, frozenset[str]] = {}
    for entry in entries(folder):
        titled[entry.texts[0]] = titled.get(entry.texts[0], frozenset()) | {entry.target_id}
    found = []
    for row in rows(folder / "id_recirculation.dev.jsonl"):
        first, second = row.text("earlier_id"), row.text("later_id")
        if first not in known:
            raise row.wrong("earlier_id is no message of id_pairs.train or id_pairs.dev")
        of_second = known[second].lenient if second in known else titled.get(row.text("title_b"))
        if of_second is None:
            raise row.wrong("later_id is no message of these either, and title_b no title of the archive")
        earlier = Message(first, row.text("earlier"), known[first].lenient)
        later = Message(second, row.text("later"), of_second)
        found.append(Recurrence(earlier, later, known[first].strict, not seen.isdisjoint((first, second))))
    return found


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in Javanese (`jv`) or Madurese (`mad`) and what it says in Indonesian, made by people.

    `held_out`: never trained on, in whichever language the Indonesian sentence recurs.
    """

    language: str
    said: str
    indonesian: str
    held_out: bool


def sentences(folder: Path) -> list[Sentence]:
    """Read `lang_pairs.train.jsonl`."""
    stored = json.loads(resources.files("models").joinpath("data/held_out_sentences.json").read_text("utf-8"))
    held = frozenset(stored["ids"].split())
    return [
        Sentence(row.text("lang"), row.text("tgt"), row.text("ind"), row.text("id") in held)
        for row in rows(folder / "lang_pairs.train.jsonl")
    ]


def texts(folder: Path, name: str) -> list[str]:
    """Read the texts of `id_{name}.dev.jsonl`: `negatives` or `contested`."""
    return [row.text("text") for row in rows(folder / f"id_{name}.dev.jsonl")]


def _pair(row: Row) -> Pair:
    strict = row.text("target_id")
    others = [each for name in _SAME_HOAX for each in row.texts(name)]
    return Pair(row.text("query"), strict, frozenset([strict, *others]), row.text("tier"))
