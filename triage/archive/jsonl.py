"""JSON lines: one entry per line, as exchanged between installations and in the starter archive."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from triage.archive.lines import lines, too_long
from triage.archive.rows import ArchiveRow, RowProblem, parse_row

# our field <- name in the file, where they differ
_NAMES = {"id": "target_id", "explanation": "text", "checked_on": "date"}
_SAME = (
    "title",
    "claim",
    "what_to_do",
    "ask",
    "verdict",
    "harm",
    "language",
    "publisher",
    "url",
    "evidence",
    "searchable",
)


def read(stream: BinaryIO) -> Iterator[ArchiveRow | RowProblem]:
    """Read entries; a line that is none comes back as a problem with its number. Empty lines are skipped."""
    for number, line in lines(stream):
        if line is None:
            yield RowProblem(number, too_long())
            continue
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield _entry(number, text)


def _entry(number: int, line: bytes) -> ArchiveRow | RowProblem:
    try:
        # Raw controls in a string are against the rules, but cleaned away later like any others.
        found = json.loads(line.decode("utf-8"), strict=False)
    except UnicodeDecodeError as error:
        return RowProblem(number, f"is not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return RowProblem(number, f"is not JSON at character {error.pos + 1}: {error.msg}")
    except (ValueError, RecursionError):
        return RowProblem(number, "is not usable JSON: nested too deeply, or a number too long")
    if not isinstance(found, dict):
        return RowProblem(number, "is not a JSON object")
    return parse_row(number, _fields(found))


def _fields(found: dict[str, Any]) -> dict[str, Any]:
    fields = {name: found[name] for name in _SAME if name in found}
    return fields | {ours: found[theirs] for ours, theirs in _NAMES.items() if theirs in found}
