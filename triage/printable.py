"""What can be printed of texts and drawings: in the letters of the font, in the shapes that paper knows."""

from __future__ import annotations

import unicodedata
from functools import cache
from xml.etree.ElementTree import Element, SubElement

import font_roboto
from defusedxml.ElementTree import fromstring
from fpdf import FPDF
from fpdf.fonts import TTFFont

from models.text import clean

FONT = "Roboto"
# What our own charts and maps consist of; whatever else is in a drawing is an error of ours.
_SHAPES = frozenset({"svg", "g", "path", "rect", "circle", "line", "polyline", "polygon", "text", "tspan"})
_UNSEEN = frozenset({"title", "desc"})
_LOOKS = frozenset({
    "d", "x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2", "dx", "dy",
    "points", "transform", "viewBox", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width",
    "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "stroke-opacity", "opacity", "font-size",
    "font-weight", "text-anchor",
})  # fmt: skip


def add_fonts(pdf: FPDF) -> None:
    """Give a PDF the font, plain and bold; it takes only the letters that it needs."""
    pdf.add_font(FONT, "", font_roboto.Roboto)
    pdf.add_font(FONT, "B", font_roboto.RobotoBold)


def printable(svg: str) -> Element:
    """Return an SVG drawing of ours without what paper has no use for: titles, links, classes.

    Raises ValueError for what no drawing of ours consists of: pictures, styles, references.
    """
    found = fromstring(svg)
    made = Element("svg", {"xmlns": "http://www.w3.org/2000/svg"})
    if found.tag.rpartition("}")[2] != "svg" or "viewBox" not in found.attrib:
        raise ValueError("a drawing is an svg element with a viewBox")
    _take(found, made)
    return made


def _take(found: Element, made: Element) -> None:
    made.attrib.update({name: value for name, value in found.attrib.items() if name in _LOOKS})
    made.text = drawn(found.text or "")
    for child in found:
        name = child.tag.rpartition("}")[2]
        if name in _UNSEEN:
            continue
        # A link leads nowhere on paper.
        name = "g" if name == "a" else name
        if name not in _SHAPES or name == "svg":
            raise ValueError(f"no drawing of ours has a {name}")
        font = {"font-family": FONT} if name in ("text", "tspan") else {}
        _take(child, SubElement(made, name, font))


@cache
def _glyphs() -> frozenset[str]:
    """Return what the font draws, plain and bold."""
    pdf = FPDF()
    add_fonts(pdf)
    fonts = [font for font in pdf.fonts.values() if isinstance(font, TTFFont)]
    return frozenset.intersection(*(frozenset(map(chr, font.cmap)) for font in fonts))


def drawn(text: str) -> str:
    """Return what the font can draw of a text, in one line: fancy letters plain, the rest left out."""
    glyphs = _glyphs()
    kept = (
        one if one in glyphs else "".join(
            part if part in glyphs else " " for part in unicodedata.normalize("NFKC", one)
        )
        for one in clean(text)
    )  # fmt: skip
    return " ".join("".join(kept).split())
