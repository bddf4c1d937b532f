"""CSV as offices export it: comma, semicolon or tab; Indonesian or English column names; old encodings."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from triage.archive import ratings
from triage.archive.lines import MAX_LINE_BYTES, lines, too_long, whole
from triage.archive.rows import ArchiveRow, RowProblem, parse_row
from triage.archive.unreadable import SourceUnreadable

_COLUMNS = {
    "id": "id, target id, kode, nomor, no",
    "title": "title, judul, headline, judul hoaks, judul artikel",
    "claim": "claim, klaim, narasi, isi hoaks, claim reviewed, isi klaim",
    "explanation": "explanation, penjelasan, text, teks, isi, fakta, keterangan, kesimpulan, konten, content",
    "what_to_do": "what to do, anjuran, saran",
    "ask": "ask, tanya ke, sumber resmi",
    "verdict": "verdict, putusan, label, kategori, kesimpulan akhir, rating, status, hasil",
    "harm": "harm, bahaya",
    "language": "language, bahasa, lang",
    "publisher": "publisher, penerbit, sumber, media, instansi",
    "checked_on": "date, tanggal, tgl, tanggal terbit, checked on, published",
    "url": "url, tautan, link, alamat",
    "evidence": "evidence, bukti, referensi",
    "searchable": "searchable",
}
_NAMES = {name.strip(): field for field, names in _COLUMNS.items() for name in names.split(",")}
_DELIMITERS = (",", ";", "\t", "|")
# What Excel writes above the header to name its delimiter.
_SEPARATOR = re.compile(r"\s*\"?sep=([^\"\r\n])\"?\s*", re.IGNORECASE)
_UNCLOSED = "unexpected end of data"  # in the words of the csv module
# Of the whole process: its default of 131,072 characters is less than some honest articles have.
csv.field_size_limit(MAX_LINE_BYTES)


class _Lines:
    """Physical lines for `csv.reader`, with the way back to where a record began."""

    def __init__(self, stream: BinaryIO) -> None:
        self._source = lines(stream)
        self._again: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.too_long: list[int] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again:
            self.taken.append(self._again.popleft())
            return self.taken[-1][1]
        for number, line in self._source:
            if line is None:
                self.too_long.append(number)
                continue
            self.taken.append((number, _decoded(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)))
            return self.taken[-1][1]
        raise StopIteration

    def back(self) -> None:
        """Give all but the first line of this record back."""
        self._again.extendleft(reversed(self.taken[1:]))


def read(stream: BinaryIO) -> Iterator[ArchiveRow | RowProblem]:
    """Read entries below a header row. Formulas are text like any other.

    Raises `SourceUnreadable` if no column holds a title or claim.
    """
    source = _Lines(_as_utf8(stream))
    heading = next((line for line in source if line.strip()), "")
    named = _SEPARATOR.fullmatch(heading)
    if named:
        heading = next((line for line in source if line.strip()), "")
    delimiter, columns = _header(heading, (named[1],) if named else _DELIMITERS)
    for line, cells in _records(source, delimiter, len(columns)):
        while source.too_long and source.too_long[0] < line:
            yield RowProblem(source.too_long.pop(0), too_long())
        if isinstance(cells, str):
            yield RowProblem(line, cells)
        elif any(cell.strip() for cell in cells):
            yield _entry(line, cells, columns)
    for number in source.too_long:
        yield RowProblem(number, too_long())


def _records(source: _Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (first line, cells or what is wrong). A broken record costs its own lines, not the rest.

    Where it ends is not known: its lines are read one by one, and the first that could be a row of its own
    (as many cells as the header, quotation marks in pairs) is one.
    """
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    broken = 0
    while True:
        source.taken = []
        try:
            cells: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = _reason(error)
            source.back()
            reader = csv.reader(source, delimiter=delimiter, strict=True)
        first = source.taken[0][0]
        if broken and _whole(cells, source.taken, width):
            broken = 0
        if broken and (isinstance(cells, str) or cells):
            cells = f"looks like part of the broken record at line {broken}"
        elif isinstance(cells, str):
            broken = first
        yield first, cells


def _whole(cells: list[str] | str, taken: list[tuple[int, str]], width: int) -> bool:
    if isinstance(cells, str) or len(cells) != width:
        return False
    return sum(line.count('"') for _, line in taken) % 2 == 0


def _reason(error: csv.Error) -> str:
    unclosed = _UNCLOSED in str(error)
    return "a quotation mark is opened and never closed" if unclosed else f"is not a CSV row: {error}"


def _entry(line: int, cells: list[str], columns: list[str]) -> ArchiveRow | RowProblem:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return RowProblem(line, f"has {len(cells)} cells, the header has {len(columns)}")
    fields: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name and not fields.get(name):
            fields[name] = cell
    fields["verdict"] = _verdict(
        [cell for name, cell in zip(columns, cells, strict=False) if name == "verdict"]
    )
    return parse_row(line, fields)


def _verdict(cells: list[str]) -> str:
    """Choose among several columns that may hold the verdict: a known rating, one that decides first.

    Two that decide differently stand together, as in "SALAH / BENAR": that decides nothing.
    """
    labels = [(cell, found) for cell in cells if (found := ratings.label(cell)) is not None]
    deciding: dict[str, str] = {}
    for cell, found in labels:
        if found.verdict:
            deciding.setdefault(found.verdict, cell)
    if deciding:
        return " / ".join(deciding.values())
    return labels[0][0] if labels else next(filter(str.strip, cells), "")


def _header(heading: str, delimiters: tuple[str, ...]) -> tuple[str, list[str]]:
    """Choose the delimiter under which most column names are known ones."""
    found = {delimiter: _columns(heading, delimiter) for delimiter in delimiters}
    delimiter = max(delimiters, key=lambda each: len(set(found[each]) - {""}))
    if {"title", "claim"}.isdisjoint(found[delimiter]):
        names = ascii(heading.strip()[:80])
        raise SourceUnreadable(f"no column is named title, judul, claim or klaim; the first line is {names}")
    return delimiter, found[delimiter]


def _columns(heading: str, delimiter: str) -> list[str]:
    try:
        names = next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [_NAMES.get(" ".join(name.replace("_", " ").split()).casefold(), "") for name in names]


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # Older spreadsheets write Windows-1252, in which some bytes mean nothing.
        return line.decode("cp1252", "replace")


def _as_utf8(stream: BinaryIO) -> BinaryIO:
    """Turn what a spreadsheet calls "Unicode text" (UTF-16) into UTF-8; leave everything else."""
    head = stream.read(2)
    stream.seek(0)
    if head not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return stream
    return io.BytesIO(whole(stream).decode("utf-16", "replace").encode("utf-8", "replace"))
