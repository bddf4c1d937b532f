"""JSON lines: one entry per line, as exchanged between installations and in the starter archive.

A line may also be a ClaimReview.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from triage.archive import claimreview
from triage.archive.lines import lines, too_long
from triage.archive.rows import ArchiveRow, Item, RowProblem, parse_row
from triage.archive.unreadable import SourceUnreadable

# our field <- name in the file, where they differ
_NAMES = {"id": "target_id", "explanation": "text", "checked_on": "date"}
_HEADINGS = frozenset({"title", "claim"})
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


def read(stream: BinaryIO) -> Iterator[Item]:
    """Read entries; a line that is none comes back as a problem with its number. Empty lines are skipped."""
    keys = claimreview.Keys()
    for number, line in lines(stream):
        if line is None:
            yield RowProblem(number, too_long())
            continue
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield from _line(number, text, keys)


def entries(document: list[Any]) -> Iterator[ArchiveRow | RowProblem]:
    """Read entries that stand in one list instead of on lines, numbered from 1."""
    for number, found in enumerate(document, start=1):
        yield _entry(number, found)


def is_entries(document: Any) -> bool:
    """Tell whether a parsed document is a list of entries."""
    return isinstance(document, list) and any(
        isinstance(item, dict) and not claimreview.is_linked(item) and not _HEADINGS.isdisjoint(item)
        for item in document
    )


def _line(number: int, line: bytes, keys: claimreview.Keys) -> Iterator[Item]:
    try:
        # Raw controls in a string are against the rules, but cleaned away later like any others.
        found = json.loads(line.decode("utf-8"), strict=False)
        if claimreview.is_linked(found):
            yield from claimreview.reviews(found, number, keys)
        else:
            yield _entry(number, found)
    except UnicodeDecodeError as error:
        yield RowProblem(number, f"is not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        yield RowProblem(number, f"is not JSON at character {error.pos + 1}: {error.msg}")
    except (ValueError, RecursionError):
        yield RowProblem(number, "is not usable JSON: nested too deeply, or a number too long")
    except SourceUnreadable as error:
        yield RowProblem(number, str(error))


def _entry(number: int, found: Any) -> ArchiveRow | RowProblem:
    if not isinstance(found, dict):
        return RowProblem(number, "is not a JSON object")
    return parse_row(number, _fields(found))


def _fields(found: dict[str, Any]) -> dict[str, Any]:
    fields = {name: found[name] for name in _SAME if name in found}
    return fields | {ours: found[theirs] for ours, theirs in _NAMES.items() if theirs in found}
