"""Papers to hand on: A4 PDF with headings, tables that run over pages, drawings, pictures and links.

The same content makes the same bytes: a paper carries no time but the one that is given.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree.ElementTree import tostring

from fpdf import FPDF, ViewerPreferences
from fpdf.enums import MethodReturnValue, ResourceAccessPolicy, TableBordersLayout, TextEmphasis, XPos, YPos
from fpdf.fonts import FontFace
from fpdf.util import Padding
from PIL import Image

from models.text import clean
from triage.printable import FONT, add_fonts, drawn, printable

MARGIN_MM, WIDTH_MM, HEIGHT_MM = 18, 174, 235
MOST_COLUMNS = 12
_SIZE, _LINE_MM = 10.0, 5.0
_INK, _SOFT, _GREEN, _RULE = (28, 36, 34), (81, 93, 90), (11, 92, 87), (190, 198, 195)
# A row is never higher than a page: what is longer goes on in a row below.
_ROW_LINES, _HEAD_LINES = 30, 6
_WIDEST_MM, _WORD_MM, _PAD_MM = 150.0, 28.0, 1.5
# What a heading takes, and what of a text or table must stand on the same page.
_HEADING_MM, _FEW_LINES_MM = 12.0, 20.0
# Stands for the number of pages until it is known; no text of others has two spaces together.
_PAGES = "{  }"
_NO_TIME = datetime(2020, 1, 1, tzinfo=UTC)


class _Pages(FPDF):
    """An FPDF whose pages say which of how many they are."""

    def __init__(self, footing: str) -> None:
        super().__init__(format="A4", unit="mm")
        add_fonts(self)
        self._footing = footing
        self.alias_nb_pages(_PAGES)

    def footer(self) -> None:
        """Number the page; the library calls it at the end of each."""
        self.set_y(-MARGIN_MM + 4)
        self.set_font(FONT, "", 8)
        self.set_text_color(*_SOFT)
        self.cell(w=0, text=self._footing.format(page=self.page_no(), pages=_PAGES), align="R")
        self.set_text_color(*_INK)


class Paper:
    """A paper in the making: its parts stand below each other in the order of the calls.

    `footing` has the places `{page}` and `{pages}`; `language` is that of the text (`id`, `en`, `jv`). `made`
    goes into the file's properties, if given.
    """

    def __init__(
        self,
        title: str,
        subtitle: str = "",
        *,
        language: str = "id",
        footing: str = "Halaman {page} dari {pages}",
        made: datetime | None = None,
    ) -> None:
        self._pdf = pdf = _Pages(footing)
        self._heading: str | None = None
        pdf.resource_access_policy = ResourceAccessPolicy.NONE
        pdf.set_margin(MARGIN_MM)
        pdf.set_auto_page_break(True, MARGIN_MM + 4)
        pdf.set_title(drawn(title))
        pdf.set_author("Penjaga")
        pdf.set_lang(language)
        pdf.set_creation_date(made or _NO_TIME)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        pdf.set_text_color(*_INK)
        pdf.add_page()
        self._say(drawn(title), 18, bold=True)
        if subtitle:
            pdf.set_text_color(*_SOFT)
            self._say(drawn(subtitle), _SIZE)
            pdf.set_text_color(*_INK)
        pdf.ln(3)

    def heading(self, text: str) -> None:
        """Begin a section; it stands in the outline of the file, and never alone at the foot of a page."""
        self._begin(0)
        self._heading = drawn(text)

    def paragraph(self, text: str) -> None:
        """Write running text; line breaks in it are kept."""
        self._begin(_FEW_LINES_MM)
        for line in clean(text).split("\n"):
            self._say(drawn(line), _SIZE)
        self._pdf.ln(2)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write pairs of a name and what it is, below each other."""
        cells = [(drawn(name), drawn(value)) for name, value in rows]
        self._rows(cells, [55.0, WIDTH_MM - 55.0], numeric=frozenset(), head=None)

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        numeric: frozenset[int] = frozenset(),
    ) -> None:
        """Write a table; its head stands on each page anew. `numeric` columns are flush right.

        Raises ValueError for no or more than `MOST_COLUMNS` columns, or a row of another length.
        """
        if not 0 < len(columns) <= MOST_COLUMNS or any(len(row) != len(columns) for row in rows):
            raise ValueError(f"a table has 1 to {MOST_COLUMNS} columns, and each row as many cells")
        head = [drawn(column) for column in columns]
        cells = [[drawn(cell) for cell in row] for row in rows]
        self._rows(cells, self._widths([head, *cells]), numeric, head)

    def drawing(self, svg: str, alt: str, width_mm: float) -> None:
        """Put in one of our own SVG drawings, so wide or as wide as fits the page; `alt` says what it shows.

        Colours are those of its attributes. Raises ValueError for what no drawing of ours consists of.
        """
        cleaned = printable(svg)
        _, _, wide, high = (float(number) for number in cleaned.attrib["viewBox"].split())
        width = min(width_mm, WIDTH_MM, HEIGHT_MM * wide / high)
        height = width * high / wide
        self._begin(height)
        self._pdf.image(io.BytesIO(tostring(cleaned)), w=width, h=height, alt_text=drawn(alt))
        self._pdf.ln(3)

    def picture(self, png: bytes, alt: str, width_mm: float) -> None:
        """Put in a picture (PNG), so wide or as wide as fits the page; `alt` says what it shows."""
        with Image.open(io.BytesIO(png)) as opened:
            ratio = opened.height / opened.width
        width = min(width_mm, WIDTH_MM, HEIGHT_MM / ratio)
        self._begin(width * ratio)
        self._pdf.image(io.BytesIO(png), w=width, alt_text=drawn(alt))
        self._pdf.ln(3)

    def link(self, text: str, url: str) -> None:
        """Write a line that leads to an address (https or http)."""
        if not url.startswith(("https://", "http://")):
            raise ValueError("a link leads to an http address")
        self._begin(_FEW_LINES_MM)
        pdf = self._pdf
        pdf.set_text_color(*_GREEN)
        pdf.set_font(FONT, "U", _SIZE)
        pdf.multi_cell(
            w=0, h=_LINE_MM, text=drawn(text), link=url, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        pdf.set_text_color(*_INK)
        pdf.ln(1)

    def bytes(self) -> bytes:
        """Return the PDF. Nothing can be added afterwards."""
        self._begin(0)
        return bytes(self._pdf.output())

    def _begin(self, height: float) -> None:
        """Write the heading of what follows, on a new page if this one has no room for both (mm)."""
        if self._heading is None:
            return
        pdf, line, self._heading = self._pdf, self._heading, None
        pdf.ln(3)
        if pdf.will_page_break(min(height + _HEADING_MM, HEIGHT_MM)):
            pdf.add_page()
        if line:
            pdf.start_section(line)
        self._say(line, 13, bold=True)
        pdf.ln(1)

    def _say(self, text: str, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font(FONT, "B" if bold else "", size)
        height = size * _LINE_MM / _SIZE
        self._pdf.multi_cell(w=0, h=height, text=text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        widths: list[float],
        numeric: frozenset[int],
        head: Sequence[str] | None,
    ) -> None:
        self._begin(_FEW_LINES_MM)
        pdf = self._pdf
        pdf.set_font(FONT, "", 9)
        pdf.set_draw_color(*_RULE)
        with pdf.table(
            col_widths=widths, width=round(sum(widths), 3), align="LEFT", line_height=4.6,
            padding=Padding(1.0, _PAD_MM, 1.0, _PAD_MM), v_align="TOP",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align=tuple("RIGHT" if place in numeric else "LEFT" for place in range(len(widths))),
            first_row_as_headings=head is not None, headings_style=FontFace(emphasis=TextEmphasis.B),
        ) as table:  # fmt: skip
            if head is not None:
                pdf.set_font(FONT, "B", 9)
                lines = [
                    self._broken(text, width)[:_HEAD_LINES] for text, width in zip(head, widths, strict=True)
                ]
                pdf.set_font(FONT, "", 9)
                table.row(["\n".join(line) for line in lines])
            for row in rows:
                for part in self._parts(row, widths):
                    table.row(part)
        pdf.ln(3)

    def _parts(self, row: Sequence[str], widths: list[float]) -> list[list[str]]:
        """Cut a row that would be too high for a page into several."""
        pdf = self._pdf
        high = (
            2 + max(pdf.get_string_width(text) / width for text, width in zip(row, widths, strict=True)) * 2
        )
        if high < _ROW_LINES:
            return [list(row)]
        lines = [self._broken(text, width) for text, width in zip(row, widths, strict=True)]
        return [
            ["\n".join(cell[start : start + _ROW_LINES]) for cell in lines]
            for start in range(0, max(len(cell) for cell in lines), _ROW_LINES)
        ]

    def _broken(self, text: str, width: float) -> list[str]:
        found = self._pdf.multi_cell(
            w=width,
            text=text,
            align="L",
            padding=Padding(left=_PAD_MM, right=_PAD_MM),
            dry_run=True,
            output=MethodReturnValue.LINES,
        )
        assert isinstance(found, list)  # noqa: S101 - what was asked for
        return found

    def _widths(self, rows: Sequence[Sequence[str]]) -> list[float]:
        """Return the width of each column in mm: as its text needs, wide ones giving way first."""
        pdf = self._pdf
        pdf.set_font(FONT, "B", 9)
        room = 2 * _PAD_MM + 0.6
        wanted, needed = [], []
        for column in zip(*rows, strict=True):
            wanted.append(room + min(_WIDEST_MM, max(map(pdf.get_string_width, column))))
            words = (pdf.get_string_width(word) for cell in column for word in cell[:400].split())
            needed.append(room + min(_WORD_MM, max(words, default=0)))
        free = WIDTH_MM - sum(needed)
        if free <= 0:
            return [WIDTH_MM * one / sum(needed) for one in needed]
        asked = [most - least for most, least in zip(wanted, needed, strict=True)]
        share = free / sum(asked) if sum(asked) > free else 1.0
        return [least + one * share for least, one in zip(needed, asked, strict=True)]
