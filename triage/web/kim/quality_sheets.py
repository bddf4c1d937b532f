"""The figures of the quality page as tables for a spreadsheet."""

from __future__ import annotations

from triage.quality.drift import Drift, Part
from triage.quality.figures import Quality
from triage.sheets import Cell, Sheet
from triage.web.i18n import gettext
from triage.web.stretches import name_of

Row = tuple[Cell, ...]
_DIGITS = 4


def several_sheets(found: Quality) -> list[Sheet]:
    """Return the single figures, the weeks or months, and how stated probabilities did."""
    return [_single(found), _stretches(found), _bins(found.drift), _months(found.drift)]


def one_sheet(found: Quality) -> Sheet:
    """Return all of it in one table, a row for each number."""
    rows: list[Row] = [(gettext("Angka"), gettext("Semua"), *row) for row in _single(found).rows]
    for sheet in several_sheets(found)[1:]:
        rows += [
            (sheet.name, row[0], column, cell)
            for row in sheet.rows
            for column, cell in zip(sheet.columns[1:], row[1:], strict=True)
        ]
    columns = (gettext("Bagian"), gettext("Untuk"), gettext("Hal"), gettext("Angka"))
    return Sheet(gettext("Mutu"), columns, tuple(rows))


def _single(found: Quality) -> Sheet:
    audited, drift = found.audited, found.drift
    share = audited.wrong_share
    rows: tuple[Row, ...] = (
        (gettext("Dari tanggal"), found.first),
        (gettext("Sampai tanggal"), found.last),
        (gettext("Pesan"), found.sums.messages),
        (gettext("Terjawab seketika"), found.sums.at_once),
        (gettext("Belum terjawab"), found.sums.unanswered),
        (gettext("Separuhnya terjawab dalam (detik)"), found.waits.median),
        (gettext("Sembilan dari sepuluh terjawab dalam (detik)"), found.waits.ninth),
        (gettext("Saran dinyatakan sama"), found.confirmed),
        (gettext("Saran dinyatakan beda"), found.rejected),
        (gettext("Keputusan dibaca orang kedua"), found.reviewed),
        (gettext("Keputusan dikembalikan"), found.returned),
        (gettext("Jawaban ditarik"), found.withdrawn),
        (gettext("Keberatan pengirim"), found.objections),
        (gettext("Koreksi"), found.corrected),
        (gettext("Pencabutan"), found.retracted),
        (gettext("Jawaban otomatis yang diambil acak"), audited.drawn),
        (gettext("Dinilai tepat"), audited.right),
        (gettext("Dinilai keliru"), audited.wrong),
        (gettext("Dinilai tidak jelas"), audited.unclear),
        (gettext("Menunggu dinilai"), audited.waiting),
        (gettext("Tidak dapat dinilai lagi"), audited.dropped),
        (gettext("Bagian yang keliru"), _rounded(share.value if share else None)),
        (gettext("Bagian yang keliru, batas bawah"), _rounded(share.low if share else None)),
        (gettext("Bagian yang keliru, batas atas"), _rounded(share.high if share else None)),
        (gettext("Skor Brier"), _rounded(drift.brier)),
        (gettext("Galat kalibrasi"), _rounded(drift.error)),
        (gettext("Galat kalibrasi karena kebetulan saja"), _rounded(drift.by_chance)),
        (gettext("Galat kalibrasi saat dilatih"), _rounded(drift.promised)),
    )
    return Sheet(gettext("Angka"), (gettext("Hal"), gettext("Angka")), rows)


def _stretches(found: Quality) -> Sheet:
    name = gettext("Pekan") if found.by_weeks else gettext("Bulan")
    columns = (
        name, gettext("Pesan"), gettext("Terjawab seketika"), gettext("Belum terjawab"),
        gettext("Separuhnya terjawab dalam (detik)"), gettext("Sembilan dari sepuluh terjawab dalam (detik)"),
    )  # fmt: skip
    rows = tuple(
        (name_of(one, by_weeks=found.by_weeks), *one.sums, one.waits.median, one.waits.ninth)
        for one in found.stretches
    )
    return Sheet(name, columns, rows)


def _bins(drift: Drift) -> Sheet:
    name = gettext("Peluang yang disebut")
    rows = tuple(
        (f"{round(100 * low)}–{round(100 * high)} %", *_numbers(part)) for low, high, part in drift.bins
    )
    return Sheet(gettext("Menurut peluang"), (name, *_columns()), rows)


def _months(drift: Drift) -> Sheet:
    rows = tuple((f"{first:%Y-%m}", *_numbers(part)) for first, part in drift.months)
    return Sheet(gettext("Peluang per bulan"), (gettext("Bulan"), *_columns()), rows)


def _columns() -> tuple[str, ...]:
    return (
        gettext("Saran"), gettext("Rata-rata disebut"), gettext("Dinyatakan sama"), gettext("Batas bawah"),
        gettext("Batas atas"),
    )  # fmt: skip


def _numbers(part: Part) -> Row:
    return (part.number, *map(_rounded, (part.stated, *part.same)))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
