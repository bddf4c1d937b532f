"""Papers to hand on: A4 PDF with headings, tables that run over pages, drawings, pictures and links.

The same content makes the same bytes: a paper carries no time but the one that is given.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from xml.etree.ElementTree import Element, SubElement, tostring

import font_roboto
from defusedxml.ElementTree import fromstring
from fpdf import FPDF, ViewerPreferences
from fpdf.enums import MethodReturnValue, ResourceAccessPolicy, TableBordersLayout, TextEmphasis, XPos, YPos
from fpdf.fonts import FontFace, TTFFont
from fpdf.util import Padding

from models.text import clean

MARGIN_MM, WIDTH_MM, HEIGHT_MM = 18, 174, 250
MOST_COLUMNS = 12
_FONT, _SIZE, _LINE_MM = "Roboto", 10.0, 5.0
_INK, _SOFT, _GREEN, _RULE = (28, 36, 34), (81, 93, 90), (11, 92, 87), (190, 198, 195)
# A row is never higher than a page: what is longer goes on in a row below.
_ROW_LINES, _HEAD_LINES = 30, 6
_WIDEST_MM, _WORD_MM, _PAD_MM = 150.0, 28.0, 1.5
# Stands for the number of pages until it is known; no text of others has two spaces together.
_PAGES = "{  }"
_NO_TIME = datetime(2020, 1, 1, tzinfo=UTC)
# What our own charts and maps consist of; whatever else is in a drawing is an error of ours.
_SHAPES = frozenset({"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon", "text", "tspan"})
_UNSEEN = frozenset({"title", "desc"})
_LOOKS = frozenset({
    "d", "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2", "dx", "dy",
    "points", "transform", "viewBox", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width",
    "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "stroke-opacity", "opacity", "font-size",
    "font-weight", "text-anchor",
})  # fmt: skip


class _Pages(FPDF):
    """An FPDF whose pages say which of how many they are."""

    def __init__(self, footing: str) -> None:
        super().__init__(format="A4", unit="mm")
        self.add_font(_FONT, "", font_roboto.Roboto)
        self.add_font(_FONT, "B", font_roboto.RobotoBold)
        self._footing = footing
        self.alias_nb_pages(_PAGES)

    def footer(self) -> None:
        """Number the page; the library calls it at the end of each."""
        self.set_y(-MARGIN_MM + 4)
        self.set_font(_FONT, "", 8)
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
        pdf.resource_access_policy = ResourceAccessPolicy.NONE
        pdf.set_margin(MARGIN_MM)
        pdf.set_auto_page_break(True, MARGIN_MM + 4)
        pdf.set_title(_drawn(title))
        pdf.set_author("Penjaga")
        pdf.set_lang(language)
        pdf.set_creation_date(made or _NO_TIME)
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        pdf.set_text_color(*_INK)
        pdf.add_page()
        self._say(_drawn(title), 18, bold=True)
        if subtitle:
            pdf.set_text_color(*_SOFT)
            self._say(_drawn(subtitle), _SIZE)
            pdf.set_text_color(*_INK)
        pdf.ln(3)

    def heading(self, text: str) -> None:
        """Begin a section; it stands in the outline of the file, and never alone at the foot of a page."""
        pdf, line = self._pdf, _drawn(text)
        pdf.ln(3)
        if pdf.will_page_break(28):
            pdf.add_page()
        if line:
            pdf.start_section(line)
        self._say(line, 13, bold=True)
        pdf.ln(1)

    def paragraph(self, text: str) -> None:
        """Write running text; line breaks in it are kept."""
        for line in clean(text).split("\n"):
            self._say(_drawn(line), _SIZE)
        self._pdf.ln(2)

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Write pairs of a name and what it is, below each other."""
        cells = [(_drawn(name), _drawn(value)) for name, value in rows]
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
        head = [_drawn(column) for column in columns]
        cells = [[_drawn(cell) for cell in row] for row in rows]
        self._rows(cells, self._widths([head, *cells]), numeric, head)

    def drawing(self, svg: str, alt: str, width_mm: float) -> None:
        """Put in one of our own SVG drawings, so wide or as wide as fits the page; `alt` says what it shows.

        Colours are those of its attributes. Raises ValueError for what no drawing of ours consists of.
        """
        cleaned = _printable(svg)
        _, _, wide, high = (float(number) for number in cleaned.attrib["viewBox"].split())
        width = min(width_mm, WIDTH_MM, HEIGHT_MM * wide / high)
        self._pdf.image(io.BytesIO(tostring(cleaned)), w=width, h=width * high / wide, alt_text=_drawn(alt))
        self._pdf.ln(3)

    def picture(self, png: bytes, alt: str, width_mm: float) -> None:
        """Put in a picture (PNG), so wide or as wide as the page; `alt` says what it shows."""
        self._pdf.image(io.BytesIO(png), w=min(width_mm, WIDTH_MM), alt_text=_drawn(alt))
        self._pdf.ln(3)

    def link(self, text: str, url: str) -> None:
        """Write a line that leads to an address (https or http)."""
        if not url.startswith(("https://", "http://")):
            raise ValueError("a link leads to an http address")
        pdf = self._pdf
        pdf.set_text_color(*_GREEN)
        pdf.set_font(_FONT, "U", _SIZE)
        pdf.multi_cell(
            w=0, h=_LINE_MM, text=_drawn(text), link=url, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        pdf.set_text_color(*_INK)
        pdf.ln(1)

    def bytes(self) -> bytes:
        """Return the PDF. Nothing can be added afterwards."""
        return bytes(self._pdf.output())

    def _say(self, text: str, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font(_FONT, "B" if bold else "", size)
        height = size * _LINE_MM / _SIZE
        self._pdf.multi_cell(w=0, h=height, text=text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rows(
        self,
        rows: Sequence[Sequence[str]],
        widths: list[float],
        numeric: frozenset[int],
        head: Sequence[str] | None,
    ) -> None:
        pdf = self._pdf
        pdf.set_font(_FONT, "", 9)
        pdf.set_draw_color(*_RULE)
        with pdf.table(
            col_widths=widths, width=round(sum(widths), 3), align="LEFT", line_height=4.6,
            padding=Padding(1.0, _PAD_MM, 1.0, _PAD_MM), v_align="TOP",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            text_align=tuple("RIGHT" if place in numeric else "LEFT" for place in range(len(widths))),
            first_row_as_headings=head is not None, headings_style=FontFace(emphasis=TextEmphasis.B),
        ) as table:  # fmt: skip
            if head is not None:
                pdf.set_font(_FONT, "B", 9)
                lines = [
                    self._broken(text, width)[:_HEAD_LINES] for text, width in zip(head, widths, strict=True)
                ]
                pdf.set_font(_FONT, "", 9)
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
        pdf.set_font(_FONT, "B", 9)
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


def _printable(svg: str) -> Element:
    """Return a drawing without what paper has no use for: titles, links, classes."""
    found = fromstring(svg)
    made = Element("svg", {"xmlns": "http://www.w3.org/2000/svg"})
    if found.tag.rpartition("}")[2] != "svg" or "viewBox" not in found.attrib:
        raise ValueError("a drawing is an svg element with a viewBox")
    _take(found, made)
    return made


def _take(found: Element, made: Element) -> None:
    made.attrib.update({name: value for name, value in found.attrib.items() if name in _LOOKS})
    made.text = _drawn(found.text or "")
    for child in found:
        name = child.tag.rpartition("}")[2]
        if name in _UNSEEN:
            continue
        # A link leads nowhere on paper.
        name = "g" if name == "a" else name
        if name not in _SHAPES or name == "svg":
            raise ValueError(f"no drawing of ours has a {name}")
        font = {"font-family": _FONT} if name in ("text", "tspan") else {}
        _take(child, SubElement(made, name, font))


@cache
def _glyphs() -> frozenset[str]:
    """Return what the font draws, plain and bold."""
    fonts = [font for font in _Pages("").fonts.values() if isinstance(font, TTFFont)]
    return frozenset.intersection(*(frozenset(map(chr, font.cmap)) for font in fonts))


def _drawn(text: str) -> str:
    """Return what the font can draw of a text, in one line: fancy letters plain, the rest left out."""
    glyphs = _glyphs()
    kept = (
        one if one in glyphs else "".join(
            part if part in glyphs else " " for part in unicodedata.normalize("NFKC", one)
        )
        for one in clean(text)
    )  # fmt: skip
    return " ".join("".join(kept).split())
