"""Files for spreadsheets: whatever others wrote, opening them runs nothing and opens nothing."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from models.text import clean
from triage.sheets import MOST_CHARACTERS, Sheet, csv_bytes, xlsx_bytes

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u200b=1+1", "\ufeff=1+1",
    "\u202e=1+1", "\u00a0=1+1", "\u3000=1+1", "\ufe0f=1+1", "\x00=1+1", "\u2800=1+1", "＝1+1", "＋1", "－1",
    "＠SUM(1)", "﹦1", "−1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("https://jahat.example";"klik")',
    '"=1+1"', '""=1+1', "kabar;=1+1", "kabar,=1+1", 'kabar",=1+1', 'kabar",""=1+1', "kabar\t=1+1",
    "kabar\n=1+1", "a,b; \u200b @x", "=" * 99, "-" + "=" * 40_000, ",=", ";+", '";"=1',
]  # fmt: skip
HOSTILE = st.text(
    st.one_of(
        st.sampled_from("=+-@;,|\"'\t\r\n\u200b\u202e\ufeff＝＋－＠\ufe0f \x00a1\ud800"), st.characters()
    ),
    max_size=30,
)


def opened(written: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=delimiter))


def begins_a_formula(cell: str) -> bool:
    """Judged otherwise than the product does: by what a character looks like, after all that is not seen."""
    seen = [
        one for one in unicodedata.normalize("NFKC", cell)
        if not one.isspace() and unicodedata.category(one) not in ("Cc", "Cf", "Mn", "Cs") and one != "\u2800"
    ]  # fmt: skip
    return bool(seen) and seen[0] in "=+-@\u2212"


@pytest.mark.parametrize("text", FORMULAS, ids=range(len(FORMULAS)))
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_no_cell_of_a_csv_begins_a_formula_however_it_is_separated(text: str, delimiter: str) -> None:
    written = csv_bytes(Sheet(text, (text, "b"), ((text, 1), (1, text), ("x", text)), (text,)))
    for row in opened(written, delimiter):
        for cell in row:
            assert not begins_a_formula(cell), cell[:80]


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE, min_size=2, max_size=2), st.sampled_from(";,\t|"))
def test_nothing_that_can_be_typed_begins_a_formula(texts: list[str], delimiter: str) -> None:
    written = csv_bytes(Sheet("x", ("a", "b"), ((texts[0], texts[1]), (texts[1], texts[0]))))
    assert not any(begins_a_formula(cell) for row in opened(written, delimiter) for cell in row)
    # Each row stays one row, and each cell in its place.
    assert [len(row) for row in opened(written, ";")] == [2, 2, 2]


@pytest.mark.parametrize("text", FORMULAS, ids=range(len(FORMULAS)))
def test_no_cell_of_an_xlsx_is_a_formula_or_a_link(text: str) -> None:
    written = xlsx_bytes([Sheet(text, (text, "b"), ((text, 1), (1, text)), (text,))])
    (page,) = load_workbook(io.BytesIO(written)).worksheets
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) == 7
    for cell in cells:
        assert cell.data_type in ("s", "n")
        assert cell.hyperlink is None
    assert page["A2"].value[:50] == " ".join(clean(text).split())[:50]
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        inside = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets" in name)
    assert "<f>" not in inside
    assert "hyperlink" not in inside


@settings(max_examples=100, deadline=None)
@given(HOSTILE, HOSTILE)
def test_an_xlsx_opens_whatever_its_cells_and_sheets_are_called(name: str, text: str) -> None:
    sheets = [Sheet(name, (text, "b"), ((text, 2),), (text,)), Sheet(name.upper(), ("a",), ())]
    book = load_workbook(io.BytesIO(xlsx_bytes(sheets)))
    assert len({title.casefold() for title in book.sheetnames}) == 2
    assert all(cell.data_type in ("s", "n") for page in book for row in page.iter_rows() for cell in row)


def test_sheet_names_are_counted_as_spreadsheets_count_them() -> None:
    for name in ("0" * 18 + "\ufb00" + "\U00010000" * 5, "\U0001f9ff" * 31):
        book = load_workbook(
            io.BytesIO(xlsx_bytes([Sheet(name, ("a",), ()), Sheet(name.upper(), ("a",), ())]))
        )
        assert len(book.sheetnames) == 2
        assert all(len(title.encode("utf-16-le")) <= 62 for title in book.sheetnames)


def test_a_cell_that_begins_like_a_formula_stays_text_when_it_is_edited() -> None:
    page = load_workbook(io.BytesIO(xlsx_bytes([Sheet("x", ("a",), (("=1+1",), ("kabar",)))]))).active
    assert page is not None
    assert page["A2"].quotePrefix
    assert not page["A3"].quotePrefix


def test_ordinary_text_is_left_as_it_is() -> None:
    texts = (
        "Sumberwuluh, Candipuro",
        'katanya "benar"; tidak - bukan',
        "12 - 15",
        "a@b.id",
        "½ juta",
        "'kutip'",
    )
    written = csv_bytes(Sheet("x", ("a",), tuple((text,) for text in texts)))
    assert [row[0] for row in opened(written, ";")[1:]] == list(texts)
    assert written.startswith(b"\xef\xbb\xbf")


def test_numbers_and_days_are_written_as_an_indonesian_spreadsheet_reads_them() -> None:
    rows = ((1234, 0.5, date(2026, 1, 31)), (None, float("nan"), datetime(2026, 1, 31, 7, 5)))  # noqa: DTZ001
    sheet = Sheet("x", ("n", "d", "t"), rows, ("Kurang dari tiga tidak ditampilkan.",))
    assert opened(csv_bytes(sheet), ";")[1:] == [
        ["1234", "0,5", "2026-01-31"], ["", "", "2026-01-31 07:05"], [],
        ["Kurang dari tiga tidak ditampilkan."],
    ]  # fmt: skip
    page = load_workbook(io.BytesIO(xlsx_bytes([sheet]))).active
    assert page is not None
    assert [cell.value for cell in page[2]] == [1234, 0.5, datetime(2026, 1, 31)]  # noqa: DTZ001
    assert page["C2"].is_date
    assert [cell.value for cell in page[3]] == [None, None, datetime(2026, 1, 31, 7, 5)]  # noqa: DTZ001
    assert page["A5"].value == "Kurang dari tiga tidak ditampilkan."


def test_an_xlsx_has_a_bold_head_that_stays_and_columns_wide_enough() -> None:
    sheet = Sheet("Desa", ("Desa dan kecamatan", "Laporan"), (("Sumberwuluh, Candipuro dan sekitarnya", 3),))
    book = load_workbook(io.BytesIO(xlsx_bytes([sheet, Sheet("Desa", ("a",), ())])))
    page = book["Desa"]
    assert page["A1"].font.b
    assert page.freeze_panes == "A2"
    assert 37 < page.column_dimensions["A"].width < 60
    assert book.sheetnames == ["Desa", "Desa 2"]


def test_the_same_cells_make_the_same_bytes() -> None:
    sheet = Sheet("x", ("a",), (("b",),))
    assert xlsx_bytes([sheet]) == xlsx_bytes([sheet])
    assert csv_bytes(sheet) == csv_bytes(sheet)


def test_what_no_spreadsheet_holds_is_refused_or_cut_where_it_shows() -> None:
    with pytest.raises(ValueError, match="more than a spreadsheet holds"):
        csv_bytes(Sheet("x", ("a",), ((1,),) * 1_048_576))
    with pytest.raises(ValueError, match="no sheet"):
        xlsx_bytes([])
    page = load_workbook(io.BytesIO(xlsx_bytes([Sheet("x", ("a",), (("kabar" * 9_000,),))]))).active
    assert page is not None
    assert len(page["A2"].value) == MOST_CHARACTERS
    assert page["A2"].value.endswith("…")
