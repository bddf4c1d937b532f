"""Dates as publishers write them, Indonesian and English."""

from __future__ import annotations

import re
from datetime import date
from email.utils import parsedate

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan", "februari february pebruari feb", "maret march mar", "april apr",
            "mei may", "juni june jun", "juli july jul", "agustus august agu agt aug",
            "september sep sept", "oktober october okt oct", "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ,].*)?", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T.*)?", re.DOTALL)
# Indonesia writes the day first; an American date is not told apart where both readings exist.
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ,].*)?", re.DOTALL)
_NAMED = re.compile(r"(?:[^\W\d_]+,?\s+)?(\d{1,2})[\s-]+([^\W\d_]+)\.?,?[\s-]+(\d{4})\b.*", re.DOTALL)
_NAMED_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2}),?\s+(\d{4})\b.*", re.DOTALL)
# Two digits of a year: of this century, and only where nothing else can be meant.
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2})(?:[T ,].*)?", re.DOTALL)
_SHORT_NAMED = re.compile(
    r"(?:[^\W\d_]+,?\s+)?(\d{1,2})[\s-]+([^\W\d_]+)\.?,?[\s-]+(\d{2})(?:[T ,].*)?", re.DOTALL
)
_NONE = frozenset({"", "-", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00", "null", "none"})


class Ambiguous(ValueError):
    """A date with two readings, both of them usual."""


def parse_date(text: str) -> date | None:
    """Read a date; times and zones after it are ignored. None where the text says that there is none.

    Raises `Ambiguous` for "05/01/24", in which an American sees May; `ValueError` for anything else that is
    not a date of the years 1900 to 2199.
    """
    text = text.strip()
    if text.lower() in _NONE:
        return None
    year, month, day = _parts(text)
    if not 1900 <= year < 2200:
        raise ValueError(f"the year {year} is out of range")
    return date(year, month, day)


def _parts(text: str) -> tuple[int, int, int]:
    if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        return int(found[3]), _MONTHS[found[2].lower()], int(found[1])
    if (found := _NAMED_FIRST.fullmatch(text)) and found[1].lower() in _MONTHS:
        return int(found[3]), _MONTHS[found[1].lower()], int(found[2])
    if mail := parsedate(text):
        return mail[0], mail[1], mail[2]
    return _short(text)


def _short(text: str) -> tuple[int, int, int]:
    if (found := _SHORT_NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        return 2000 + int(found[3]), _MONTHS[found[2].lower()], int(found[1])
    if found := _SHORT.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), 2000 + int(found[3])
        if day != month and day <= 12 and month <= 12:
            raise Ambiguous(text)
        return year, month, day
    raise ValueError("not a date")
