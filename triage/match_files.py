"""The files of `penjaga match`: an archive, queries and results, all JSON lines."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.types import Entry, MatchResult
from triage.errors import InputRefused
from triage.reasons import sentence


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A message to be matched, as the file gives it; the text may be empty."""

    query_id: str
    text: str


def read_archive(path: Path) -> list[Entry]:
    """Read `{"target_id", "title", "text"?}` rows.

    `text` explains and may deny: it helps to find the entry, but is no wording of the claim. Raises
    `InputRefused`, naming file and line, for the first row that cannot be used.
    """
    entries = []
    for number, row in _unique_rows(path, "target_id"):
        title = _string(path, number, row, "title")
        if not title.strip():
            raise InputRefused(f"{path}:{number}: title is empty.")
        text = _string(path, number, row, "text").strip() if "text" in row else ""
        entries.append(Entry(row["target_id"], (title,), text))
    return entries


def read_queries(path: Path) -> list[QueryRow]:
    """Read `{"query_id", "query"}` rows; refuses like `read_archive`."""
    return [
        QueryRow(row["query_id"], _string(path, number, row, "query"))
        for number, row in _unique_rows(path, "query_id")
    ]


def result_row(query: QueryRow, result: MatchResult) -> str:
    """Return the line that tells what matching found for a query, without its newline."""
    matches = [
        {
            "target_id": match.target_id,
            "probability": round(match.probability, 6),
            "reasons": [sentence(reason) for reason in match.reasons],
        }
        for match in result.matches
    ]
    # ASCII: ids may hold lone surrogates, which JSON can carry and UTF-8 cannot.
    return json.dumps({"query_id": query.query_id, "band": result.band, "matches": matches})


def _unique_rows(path: Path, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    first_seen: dict[str, int] = {}
    for number, row in _rows(path):
        name = _string(path, number, row, key)
        if name in first_seen:
            raise InputRefused(
                f"{path}:{number}: {key} {json.dumps(name)} occurs twice, first on line {first_seen[name]}."
            )
        first_seen[name] = number
        yield number, row


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputRefused(f"{path}: {error.strerror}.") from error
    # At "\n" only: texts hold U+2028 and U+0085, at which other ways of splitting break a row.
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InputRefused(f"{path}:{number}: not UTF-8 at byte {error.start + 1}.") from error
        except (ValueError, RecursionError) as error:
            raise InputRefused(f"{path}:{number}: not JSON ({_first_line(error)}).") from error
        if not isinstance(row, dict):
            raise InputRefused(f"{path}:{number}: not a JSON object.")
        yield number, row


def _string(path: Path, number: int, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, str):
        return value
    raise InputRefused(f"{path}:{number}: {name} must be a text{'' if name in row else '; it is missing'}.")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
