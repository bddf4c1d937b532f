"""The figures of the trends page as tables for a spreadsheet: what is hidden on the page is hidden here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from triage.regions import districts
from triage.sheets import Cell, Sheet
from triage.trends.figures import KINDS, Place, Sums
from triage.trends.hiding import LEAST_PEOPLE
from triage.trends.overview import Figures
from triage.web.filters import day, moment
from triage.web.i18n import gettext

# From a kind (harm, verdict, channel) and a code of it to words.
Word = Callable[[str, str], str]
Row = tuple[Cell, ...]


def several_sheets(found: Figures, word: Word) -> list[Sheet]:
    """Return a sheet for the days, for each kind, for the kecamatan, and for the villages of one of them."""
    numbers = _numbers()
    names = {"harm": gettext("Jenis bahaya"), "verdict": gettext("Putusan"), "channel": gettext("Saluran")}
    sheets = [
        Sheet(
            gettext("Hari"), (gettext("Hari"), *numbers),
            tuple((one, *sums) for one, sums in found.days), _notes(found, word),
        ),
        *(
            Sheet(
                names[kind], (names[kind], *numbers),
                tuple((word(kind, code), *sums) for code, sums in found.kinds[kind]),
            )
            for kind in KINDS
        ),
        Sheet(gettext("Kecamatan"), _place_columns(gettext("Kecamatan")), _places(found.districts)),
    ]  # fmt: skip
    if found.villages:
        sheets.append(Sheet(gettext("Desa"), _place_columns(gettext("Desa")), _places(found.villages)))
    return sheets


def one_sheet(found: Figures, word: Word) -> Sheet:
    """Return all of it in one table, a row for each number of messages."""
    rows: list[Row] = []
    for sheet in several_sheets(found, word):
        rows += [
            (sheet.name, *row[:2], *row[-3:]) if len(row) > 4 else (sheet.name, "", *row)
            for row in sheet.rows
        ]
    columns = (gettext("Bagian"), gettext("Kode wilayah"), gettext("Nama"), *_numbers())
    return Sheet(gettext("Tren"), columns, tuple(rows), _notes(found, word))


def _numbers() -> tuple[str, ...]:
    return gettext("Pesan"), gettext("Terjawab seketika"), gettext("Belum terjawab")


def _place_columns(name: str) -> tuple[str, ...]:
    return (gettext("Kode wilayah"), name, *_numbers())


def _places(places: Sequence[Place]) -> tuple[Row, ...]:
    return tuple(
        (one.code, one.name or gettext("Desa tidak disebut"), *(one.sums or (None,) * len(Sums._fields)))
        for one in places
    )


def _notes(found: Figures, word: Word) -> tuple[str, ...]:
    """Say what the numbers are of: a file is handed on without the address that it came from."""
    asked = found.asked
    chosen = (
        (gettext("Kecamatan"), districts(asked.district[:5]).get(asked.district, "")),
        (gettext("Jenis bahaya"), asked.harm and word("harm", asked.harm)),
        (gettext("Putusan"), asked.verdict and word("verdict", asked.verdict)),
        (gettext("Saluran"), asked.channel and word("channel", asked.channel)),
    )
    said = [gettext("%(first)s sampai %(last)s.", first=day(asked.first), last=day(asked.last))]
    said += [f"{name}: {value}" for name, value in chosen if value]
    if found.counted_at:
        said.append(gettext("Dihitung %(when)s.", when=moment(found.counted_at)))
    if found.villages:
        said.append(
            gettext(
                "Angka per desa dikosongkan bila pengirimnya kurang dari %(number)s orang, atau bila dari "
                "angka itu angka desa lain dapat dihitung.",
                number=LEAST_PEOPLE,
            )
        )
    return tuple(said)
