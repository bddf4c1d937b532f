"""What everybody may know: figures of our work, and open data that others may use."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from models.types import HARMS
from triage import open_data
from triage.db import Store
from triage.open_data import FactRow, WeekRow
from triage.publication.claim_reviews import CONTEXT, instant
from triage.publish import publisher
from triage.quality.public import LEAST_MESSAGES, PublicFigures, few, public_figures
from triage.services import services
from triage.sheets import Cell, Sheet, csv_bytes
from triage.trends.figures import Sums
from triage.web.stretches import chart, name_of

blueprint = Blueprint("openness", __name__)
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Whoever keeps a copy, and this process itself, adds up everything again after so long.
KEPT_S = 300
# Months that the chart shows.
_MONTHS = 12
DataSet = Literal["kabar", "pekan"]
_Kind = Literal["csv", "json"]
COLUMNS: dict[DataSet, tuple[str, ...]] = {
    "kabar": (
        "nomor", "alamat", "judul", "klaim", "putusan", "bahasa", "penerbit", "diperiksa", "terbit", "diubah",
        "versi", "dikoreksi_kali", "dikoreksi_terakhir", "dicabut",
    ),
    "pekan": (
        "pekan_mulai", "kode_kecamatan", "kecamatan", "bahaya", "pesan", "terjawab_seketika",
        "belum_terjawab", "ditahan",
    ),
}  # fmt: skip


@blueprint.get("/angka")
def figures() -> ResponseReturnValue:
    """Show how much came, how fast it was answered, and how often we were wrong."""
    found = _figures(services().store, services().config.wilayah, _turn())
    months = found.months[-_MONTHS:]
    shown = [replace(one, sums=Sums()) if few(one) else one for one in months]
    page = render_template(
        "figures.html",
        found=found,
        months=months,
        chart=chart(shown, by_weeks=False) if months else "",
        name_of=name_of,
        least=LEAST_MESSAGES,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/data-terbuka")
def data() -> ResponseReturnValue:
    """Say what the open data holds, how it may be used, and what its columns mean."""
    return render_template(
        "open_data.html",
        licence=LICENCE,
        office=publisher(services().config.wilayah),
        harms=HARMS,
        least=open_data.LEAST,
        step=open_data.STEP,
        most=open_data.MOST_FACTS,
        described=_described(),
    )


@blueprint.get("/data-terbuka/kabar.csv")
def facts_csv() -> Response:
    """Give our fact-checks as a table."""
    return _file("kabar", "csv")


@blueprint.get("/data-terbuka/kabar.json")
def facts_json() -> Response:
    """Give our fact-checks to programs."""
    return _file("kabar", "json")


@blueprint.get("/data-terbuka/pekan.csv")
def weeks_csv() -> Response:
    """Give the weeks as a table."""
    return _file("pekan", "csv")


@blueprint.get("/data-terbuka/pekan.json")
def weeks_json() -> Response:
    """Give the weeks to programs."""
    return _file("pekan", "json")


def _file(name: DataSet, kind: _Kind) -> Response:
    address = url_for("library.fact", fact_check_id=0, _external=True).removesuffix("0")
    store, region, turn = services().store, services().config.wilayah, _turn()
    if name == "kabar":
        content = _facts_written(store, region, kind, address, turn)
    else:
        content = _weeks_written(store, region, kind, turn)
    kinds = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
    response = Response(content, content_type=kinds[kind])
    response.headers["Content-Disposition"] = f'inline; filename="penjaga-{name}.{kind}"'
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Link"] = f'<{LICENCE}>; rel="license"'
    response.add_etag()
    response.make_conditional(request)
    return response


def _turn() -> int:
    """Return a number that changes when everything is to be added up again."""
    return int(time.time() // KEPT_S)


@lru_cache(maxsize=2)
def _figures(store: Store, region: str, turn: int) -> PublicFigures:  # noqa: ARG001 - what is kept, how long
    with store.read() as session:
        return public_figures(session, region)


@lru_cache(maxsize=2)
def _facts(store: Store, turn: int) -> tuple[FactRow, ...]:  # noqa: ARG001
    with store.read() as session:
        return open_data.facts(session)


@lru_cache(maxsize=4)
def _facts_written(store: Store, region: str, kind: _Kind, address: str, turn: int) -> bytes:
    # Addresses have the host as the visitor wrote it. What is read is kept for all: made-up hosts read none.
    return _written("kabar", kind, region, [_fact(one, address) for one in _facts(store, turn)])


@lru_cache(maxsize=4)
def _weeks_written(store: Store, region: str, kind: _Kind, turn: int) -> bytes:  # noqa: ARG001
    with store.read() as session:
        return _written("pekan", kind, region, [_week(one) for one in open_data.weeks(session, region)])


def _written(name: DataSet, kind: _Kind, region: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    columns = COLUMNS[name]
    if kind == "csv":
        return csv_bytes(Sheet(name, columns, tuple(map(tuple, rows))))
    listed = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
    document = {"nama": name, "lisensi": LICENCE, "penerbit": publisher(region), "baris": listed}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _fact(row: FactRow, address: str) -> list[Cell]:
    return [
        row.id, f"{address}{row.id}", row.title, row.claim, row.verdict, row.language, row.publisher,
        row.checked_on, _instant(row.published_at), _instant(row.changed_at), row.version, row.corrections,
        _instant(row.corrected_at), _instant(row.retracted_at),
    ]  # fmt: skip


def _week(row: WeekRow) -> list[Cell]:
    numbers: Iterable[int | None] = row.sums if row.sums is not None else [None] * len(Sums._fields)
    return [row.cell.week, row.cell.district, row.name, row.cell.harm, *numbers, int(row.sums is None)]


def _instant(value: datetime | None) -> str | None:
    return instant(value) if value else None


def _plain(cell: Cell) -> str | int | float | None:
    return cell.isoformat() if isinstance(cell, date) else cell


def _described() -> dict[str, Any]:
    """Describe both sets as schema.org Datasets, for search engines of data."""
    office = publisher(services().config.wilayah)
    return {
        "@context": CONTEXT,
        "@graph": [
            _dataset(
                "kabar", f"Hasil pemeriksaan kabar {office}",
                "Pemeriksaan kabar yang diterbitkan: judul, klaim, putusan, tanggal, koreksi dan pencabutan.",
                ("openness.facts_csv", "openness.facts_json"),
            ),
            _dataset(
                "pekan", f"Pesan per pekan yang diterima {office}",
                "Berapa pesan diterima tiap pekan, menurut kecamatan dan jenis bahaya, dibulatkan.",
                ("openness.weeks_csv", "openness.weeks_json"),
            ),
        ],
    }  # fmt: skip


def _dataset(name: DataSet, title: str, about: str, endpoints: tuple[str, str]) -> dict[str, Any]:
    office = publisher(services().config.wilayah)
    page = url_for("openness.data", _external=True)
    return {
        "@type": "Dataset",
        "@id": f"{page}#{name}",
        "name": title,
        "description": about,
        "url": f"{page}#{name}",
        "inLanguage": "id",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": office, "url": url_for("warga.home", _external=True)},
        "variableMeasured": list(COLUMNS[name]),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": kind,
                "contentUrl": url_for(endpoint, _external=True),
            }
            for kind, endpoint in zip(("text/csv", "application/json"), endpoints, strict=True)
        ],
    }
