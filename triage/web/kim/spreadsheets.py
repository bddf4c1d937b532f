"""Tables that officials take away, as files."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from triage.sheets import Sheet, csv_bytes, xlsx_bytes
from triage.trends.filters import Filter

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(sheet: Sheet, name: str, asked: Filter) -> Response:
    """Answer with one table; `name` and the days that were asked for stand in that of the file."""
    return _file(csv_bytes(sheet), "text/csv; charset=utf-8", f"{_named(name, asked)}.csv")


def xlsx_file(sheets: Sequence[Sheet], name: str, asked: Filter) -> Response:
    """Answer with a workbook, named as in `csv_file`."""
    return _file(xlsx_bytes(sheets), _XLSX, f"{_named(name, asked)}.xlsx")


def _named(name: str, asked: Filter) -> str:
    return f"penjaga-{name}-{asked.first}-{asked.last}"


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=kind, headers=headers)
