"""Papers: what was written stands in them, on as many pages as it takes, whatever the words are."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from tests.unit.test_cards import made
from triage import cards
from triage.papers import MOST_COLUMNS, Paper

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="map" role="img" viewBox="0 0 100 50"><title>Peta</title>'
    '<a href="/x"><path class="m1" d="M1 1l9 9h3z" fill="#cde"/></a><text x="5" y="9" font-size="6">Pasirian'
    "</text></svg>"
)


def read(paper: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(paper.bytes()), strict=True)


def words(paper: Paper) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(paper).pages).split())


def test_what_was_written_stands_in_it_in_order() -> None:
    paper = Paper("Laporan Januari", "Diskominfo Kabupaten Lumajang")
    paper.heading("Ringkasan")
    paper.paragraph("Baris satu.\nBaris dua: ½ juta, −5 °C.")
    paper.facts([("Pesan masuk", "1.234")])
    paper.table(["Desa", "Pesan"], [["Sumberwuluh", "12"]], numeric=frozenset({1}))
    paper.drawing(SVG, "Peta kecamatan", 100)
    said = words(paper)
    parts = [
        "Laporan Januari", "Diskominfo", "Ringkasan", "Baris satu.", "½ juta, −5 °C", "Pesan masuk", "1.234",
        "Desa", "Sumberwuluh",
    ]  # fmt: skip
    places = [said.index(part) for part in parts]
    assert places == sorted(places)
    assert "Pasirian" in said
    assert "Halaman 1 dari 1" in said


def test_its_file_says_what_it_is() -> None:
    paper = Paper(
        "Laporan", language="en", footing="Page {page} of {pages}", made=datetime(2026, 1, 2, tzinfo=UTC)
    )
    paper.heading("Satu")
    paper.heading("Dua")
    found = read(paper)
    assert found.metadata is not None
    assert (found.metadata.title, found.metadata.author) == ("Laporan", "Penjaga")
    assert found.metadata.creation_date == datetime(2026, 1, 2, tzinfo=UTC)
    assert found.trailer["/Root"]["/Lang"] == "en"
    assert [entry["/Title"] for entry in found.outline] == ["Satu", "Dua"]
    assert [float(found.pages[0].mediabox.width), float(found.pages[0].mediabox.height)] == [595.28, 841.89]
    assert "Page 1 of 1" in found.pages[0].extract_text()
    # Its letters come with it, and only those that it needs.
    fonts = found.pages[0]["/Resources"]["/Font"].values()
    assert all("Roboto" in font.get_object()["/BaseFont"] for font in fonts)
    assert len(paper.bytes()) < 40_000


def test_a_long_table_repeats_its_head_and_loses_no_row() -> None:
    paper = Paper("Desa")
    paper.table(["Nama desa", "Pesan"], [[f"Desa nomor {number}", "7"] for number in range(205)])
    pages = [page.extract_text() for page in read(paper).pages]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert page.count("Nama desa") == 1
        assert f"Halaman {number} dari {len(pages)}" in page
    numbers = [int(found) for page in pages for found in re.findall(r"Desa nomor (\d+)", page)]
    assert numbers == list(range(205))


@pytest.mark.parametrize("text", ["kata " * 3_000, "x" * 20_000, "https://a.example/" + "b/" * 5_000])
def test_a_cell_longer_than_a_page_is_broken_and_whole(text: str) -> None:
    paper = Paper("Panjang")
    paper.table(["Nomor", "Isi"], [["1", text], ["2", "sesudahnya"]])
    paper.facts([("Isi", text)])
    found = read(paper)
    assert len(found.pages) > 4
    assert "sesudahnya" in words(paper)
    letters = sum("".join(page.extract_text().split()).count(text[0]) for page in found.pages)
    assert letters >= 2 * text.count(text[0])
    # Nothing runs over the edge of the page.
    for page in found.pages:
        page.extract_text(visitor_text=lambda said, _cm, tm, _font, _size: _inside(said, tm))


def _inside(said: str, at: list[float]) -> None:
    if said.strip():
        assert 50 <= at[4] <= 546


@pytest.mark.parametrize("columns", [1, 6, MOST_COLUMNS])
def test_as_many_columns_as_are_allowed_fit_however_long_their_names(columns: int) -> None:
    paper = Paper("Kolom")
    paper.table(["Namakolomyangpanjangsekali" * 20] * columns, [["kata " * 60] * columns] * 3)
    assert len(read(paper).pages) >= 1


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_makes_a_paper(long: str, short: str) -> None:
    paper = Paper(short, long)
    paper.heading(long)
    paper.paragraph(long)
    paper.facts([(short, long)])
    paper.table([short, long], [[long, short]], frozenset({0}))
    paper.link(long, "https://penjaga.example/")
    assert len(read(paper).pages) >= 1


def test_text_that_nobody_sees_or_the_font_lacks_is_left_out() -> None:
    paper = Paper("Uji")
    paper.paragraph(
        "Ba\u202enjir\u200b \U0001f631 \U0001d421\U0001d428\U0001d41a\U0001d431 di \ua9a5\ua9a4 Lumajang{nb}"
    )
    said = words(paper)
    assert "Banjir hoax di Lumajang" in said


def test_links_and_pictures() -> None:
    paper = Paper("Uji")
    paper.picture(cards.png(made(), "tautan"), "Gambar cek fakta", 100)
    paper.link("Buka", "https://penjaga.example/cek/1")
    (page,) = read(paper).pages
    assert [note.get_object()["/A"]["/URI"] for note in page["/Annots"]] == ["https://penjaga.example/cek/1"]
    assert len(page.images) == 1
    with pytest.raises(ValueError, match="http address"):
        paper.link("Buka", "javascript:alert(1)")


def test_a_drawing_is_drawn_and_says_what_it_shows() -> None:
    paper = Paper("Uji")
    before = len(Paper("Uji").bytes())
    paper.drawing(SVG, "Peta 21 kecamatan", 400)
    drawn = paper.bytes()
    assert len(drawn) > before
    (page,) = PdfReader(io.BytesIO(drawn)).pages
    content = page.get_contents()
    assert content is not None
    assert b"0.8 0.8667 0.9333 rg" in content.get_data()


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="file:///etc/passwd" width="9" height="9"/>', "<style>.a{fill:red}</style>",
        "<script>1</script>", "<foreignObject/>", '<use href="#a"/>', "<svg/>",
    ],
)  # fmt: skip
def test_what_no_drawing_of_ours_has_is_refused(inside: str) -> None:
    with pytest.raises(ValueError, match="no drawing of ours"):
        Paper("x").drawing(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>', "", 50
        )


def test_a_drawing_without_a_size_and_a_table_without_columns_are_errors() -> None:
    with pytest.raises(ValueError, match="viewBox"):
        Paper("x").drawing("<svg/>", "", 50)
    for columns in (0, MOST_COLUMNS + 1):
        with pytest.raises(ValueError, match="columns"):
            Paper("x").table(["a"] * columns, [])
    with pytest.raises(ValueError, match="as many cells"):
        Paper("x").table(["a", "b"], [["1"]])


def test_the_same_content_makes_the_same_bytes() -> None:
    def made() -> bytes:
        paper = Paper("Laporan")
        paper.heading("Satu")
        paper.table(["a"], [["1"]])
        paper.drawing(SVG, "Peta", 90)
        return paper.bytes()

    assert made() == made()
