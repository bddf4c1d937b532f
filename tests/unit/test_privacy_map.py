"""The data map of docs/privasi.md names every column that can hold something of people, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import JSON, LargeBinary, String

from triage.tables import Base
from triage.tables.work import Event

MAP = Path(__file__).parents[2] / "docs" / "privasi.md"


def _rows() -> list[list[str]]:
    found = re.search(r"<!-- peta -->\n(.*?)<!-- akhir peta -->", MAP.read_text("utf-8"), re.DOTALL)
    assert found is not None
    _head, _line, *rows = found[1].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def _named() -> list[str]:
    return [name for row in _rows() for name in re.findall(r"`(\w+\.\w+)`", row[0])]


def test_the_map_names_every_column_of_text_or_hashes() -> None:
    held = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
    }
    assert f"{Event.__tablename__}.data" in held
    assert set(_named()) == held


def test_each_column_stands_once_and_each_row_says_all() -> None:
    assert len(_named()) == len(set(_named()))
    assert [row for row in _rows() if len(row) != 5 or not all(row)] == []
