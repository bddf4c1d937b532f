"""Tables that a spreadsheet opens: CSV and XLSX in which no text of others is taken for a formula.

CSV is written the way Indonesian offices' spreadsheets open it by a double click: UTF-8 with a byte order
mark, `;` between cells (the comma is the decimal sign there, so `;` is their list separator), decimal comma,
dates as 2026-01-31. XLSX holds typed cells and opens the same everywhere.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.text import clean

Cell = str | int | float | date | None
# What spreadsheets hold: rows, and characters in a cell.
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
# Signs that begin a formula, with the forms of them that some spreadsheets and keyboards take for the same.
_SIGNS = "=+@﹦＝⁼₌﹢＋⁺₊﬩﹣－⁻₋−﹫＠-"
# A formula may begin a cell, or follow a separator: a program that separates otherwise begins a cell there.
_FORMULA = re.compile(
    rf'(?:^|[,;|])[\s"\u034f\u200b-\u200f\u2060-\u206f\u2800\u3164\ufe00-\ufe0f]*(?=[{_SIGNS}])'
)
_SPACE = re.compile(r"\s+")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_MOST_NAME, _NARROWEST, _WIDEST = 31, 8, 60
# Bytes that stay the same as long as the cells do.
_MADE = datetime(2020, 1, 1)  # noqa: DTZ001 - the format has no time zones


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the names of its columns; `notes` stand below it, each in a row of its own."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def csv_bytes(sheet: Sheet) -> bytes:
    """Write a sheet as CSV. Raises ValueError for more rows than a spreadsheet holds."""
    _check(sheet)
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(column) for column in sheet.columns])
    writer.writerows([_in_csv(cell) for cell in row] for row in sheet.rows)
    if sheet.notes:
        writer.writerow([])
        writer.writerows([_harmless(note)] for note in sheet.notes)
    return written.getvalue().encode("utf-8-sig")


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Write sheets as one XLSX file, which holds neither formulas nor links.

    Raises ValueError for no sheet at all, or more rows than a spreadsheet holds.
    """
    if not sheets:
        raise ValueError("no sheet to write")
    written = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "default_date_format": "dd/mm/yyyy",
    }  # fmt: skip
    with Workbook(written, options) as book:
        book.set_properties({"author": "Penjaga", "created": _MADE})
        pens = _Pens(book)
        names: set[str] = set()
        for sheet in sheets:
            _check(sheet)
            _write(book.add_worksheet(_sheet_name(sheet.name, names)), sheet, pens)
    return written.getvalue()


def _check(sheet: Sheet) -> None:
    if len(sheet.rows) + len(sheet.notes) + 2 > MOST_ROWS:
        raise ValueError(f"{len(sheet.rows)} rows are more than a spreadsheet holds")


def _plain(text: str) -> str:
    """Return the text in one line, without what nobody sees."""
    line = _SPACE.sub(" ", clean(text))
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def _harmless(text: str) -> str:
    """Put an apostrophe before whatever could begin a formula; spreadsheets then take it for text."""
    return _plain(_FORMULA.sub(r"\g<0>'", _plain(text)))


def _in_csv(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)


class _Pens:
    """How the cells of a workbook look."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        self.head: Format = book.add_format({**top, "bold": True, "bottom": 1, "text_wrap": True})
        self.text: Format = book.add_format({**top, "text_wrap": True})
        # Stays text when somebody edits the cell.
        self.quoted: Format = book.add_format({**top, "text_wrap": True, "quote_prefix": True})
        self.whole: Format = book.add_format({**top, "num_format": "#,##0"})
        self.broken: Format = book.add_format(top)
        self.day: Format = book.add_format({**top, "num_format": "dd/mm/yyyy", "align": "left"})
        self.moment: Format = book.add_format({**top, "num_format": "dd/mm/yyyy hh:mm", "align": "left"})
        self.note: Format = book.add_format({"italic": True})


def _write(page: Worksheet, sheet: Sheet, pens: _Pens) -> None:
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, _plain(column), pens.head)
        page.set_column(place, place, _width(column, [row[place] for row in sheet.rows if place < len(row)]))
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    for number, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            _put(page, number, place, cell, pens)
    for number, note in enumerate(sheet.notes, start=len(sheet.rows) + 2):
        page.write_string(number, 0, _plain(note), pens.note)


def _put(page: Worksheet, row: int, place: int, cell: Cell, pens: _Pens) -> None:
    if isinstance(cell, str):
        text = _plain(cell)
        page.write_string(row, place, text, pens.quoted if _FORMULA.match(text) else pens.text)
    elif isinstance(cell, datetime):
        page.write_datetime(row, place, cell.replace(tzinfo=None), pens.moment)
    elif isinstance(cell, date):
        page.write_datetime(row, place, cell, pens.day)
    elif isinstance(cell, float):
        if math.isfinite(cell):
            page.write_number(row, place, cell, pens.broken)
    elif cell is not None:
        page.write_number(row, place, cell, pens.whole)


def _width(column: str, cells: list[Cell]) -> int:
    longest = max((len(_in_csv(cell)) for cell in cells), default=0)
    return min(max(_NARROWEST, len(column) + 2, longest + 2), _WIDEST)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that spreadsheets allow and no other sheet has."""
    plain = _cut(_SHEET_NAME.sub(" ", _plain(name)), _MOST_NAME).strip(" '") or "Tabel"
    # One that Excel keeps for itself.
    base = found = f"{plain} 1" if plain.casefold() == "history" else plain
    number = 2
    while found.casefold() in taken:
        found = f"{_cut(base, _MOST_NAME - len(str(number)) - 1)} {number}"
        number += 1
    taken.add(found.casefold())
    return found


def _cut(name: str, most: int) -> str:
    """Cut a name as spreadsheets count it: what lies beyond the first 65,536 characters takes two units."""
    return name.encode("utf-16-le", "ignore")[: 2 * most].decode("utf-16-le", "ignore")
