"""The readers: each format as it comes from the field, and the same with something broken in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.archive import claimreview, csv_file, feeds, jsonl, lines
from triage.archive.rows import ArchiveRow, RowProblem
from triage.archive.sources import read_json
from triage.archive.unreadable import SourceUnreadable

Read = Callable[[BinaryIO], Iterator[ArchiveRow | RowProblem]]


def read(reader: Read, data: str | bytes) -> list[ArchiveRow | RowProblem]:
    return list(reader(io.BytesIO(data if isinstance(data, bytes) else data.encode())))


def rows(found: list[ArchiveRow | RowProblem]) -> list[ArchiveRow]:
    return [item for item in found if isinstance(item, ArchiveRow)]


def problems(found: list[ArchiveRow | RowProblem]) -> list[tuple[int, str]]:
    return [(item.line, item.reason) for item in found if isinstance(item, RowProblem)]


# JSON lines


def test_json_lines() -> None:
    entry = {
        "target_id": "a1", "title": "Judul", "claim": "Klaim", "text": "Penjelasan", "what_to_do": "Abaikan",
        "ask": "BPBD", "verdict": "SALAH", "topic": "bencana", "harm": "disaster", "language": "jv",
        "date": "2026-01-05", "url": "https://contoh.example/a", "publisher": "Contoh", "group": "g",
        "alt_target_ids": ["b"],
    }  # fmt: skip
    assert read(jsonl.read, json.dumps(entry)) == [
        ArchiveRow(
            "a1",
            "Judul",
            "Klaim",
            "Penjelasan",
            "Abaikan",
            "BPBD",
            "hoaks",
            "disaster",
            "jv",
            "Contoh",
            date(2026, 1, 5),
            "https://contoh.example/a",
            line=1,
        )
    ]


def test_a_broken_line_costs_itself_only() -> None:
    found = read(
        jsonl.read,
        b'\xef\xbb\xbf{"target_id":"a","title":"Satu"}\n'
        b'{"title": "putus\n'
        b"\n"
        b"[1]\n"
        b'{"title": "\xff"}\n'
        b'{"title": 7}\n'
        b'{"target_id":"b","title":"Dua \\ud800"}\r\n' + b"[" * 100_000 + b"\n"
        b'{"title": ' + b"9" * 5000 + b"}\n"
        b'{"target_id":"c","title":"Tiga"}',
    )
    assert [(row.line, row.title) for row in rows(found)] == [(1, "Satu"), (7, "Dua \ufffd"), (10, "Tiga")]
    assert problems(found) == [
        (2, "is not JSON at character 11: Unterminated string starting at"),
        (4, "is not a JSON object"),
        (5, "is not UTF-8 at byte 12"),
        (6, "title: must be text, found a number"),
        (8, "is not usable JSON: nested too deeply, or a number too long"),
        (9, "is not usable JSON: nested too deeply, or a number too long"),
    ]


def test_lines_end_at_newlines_only() -> None:
    text = "satu\u2028dua\u0085tiga\x0bempat\x1cl"
    data = "".join(
        json.dumps({"target_id": f"a{n}", "title": "J", "text": text}, ensure_ascii=False) + "\n"
        for n in (1, 2)
    )
    found = read(jsonl.read, data.replace("\\u000b", "\x0b"))
    assert [row.explanation for row in rows(found)] == ["satu\ndua\ntiga\nempatl"] * 2


def test_a_line_without_end_is_never_held_whole() -> None:
    class Counting(io.BytesIO):
        most = 0

        def readline(self, size: int | None = -1) -> bytes:  # type: ignore[override]
            line = super().readline(size)
            Counting.most = max(Counting.most, len(line))
            return line

    data = b'{"title":"' + b"a" * 5_000_000 + b'"}\n{"target_id":"b","title":"Dua"}\n' + b"x" * 3_000_000
    found = list(jsonl.read(Counting(data)))
    assert [row.line for row in rows(found)] == [2]
    assert [line for line, _ in problems(found)] == [1, 3]
    assert Counting.most <= lines.MAX_LINE_BYTES + 1


# CSV

CSV_ROW = {
    "judul": "Semeru, meletus",
    "tanggal": "5/1/2026",
    "label": "SALAH",
    "tautan": "https://contoh.example/a",
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_of_every_spreadsheet(delimiter: str, encoding: str) -> None:
    head = delimiter.join(CSV_ROW)
    line = delimiter.join(f'"{cell} – é"' if name == "judul" else cell for name, cell in CSV_ROW.items())
    row = rows(read(csv_file.read, f"{head}\r\n{line}\r\n".encode(encoding)))[0]
    assert (row.title, row.checked_on, row.verdict, row.url, row.line) == (
        "Semeru, meletus – é", date(2026, 1, 5), "hoaks", "https://contoh.example/a", 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("title", "title"), ("JUDUL", "title"), (" Judul ", "title"), ("Judul_Hoaks", "title"),
        ("klaim", "claim"), ("narasi", "claim"), ("penjelasan", "explanation"), ("isi", "explanation"),
        ("penerbit", "publisher"), ("Sumber", "publisher"),
    ],
)  # fmt: skip
def test_column_names(head: str, field: str) -> None:
    row = rows(
        read(csv_file.read, f"{head},title\nnilai,Judul\n" if field != "title" else f"{head}\nnilai\n")
    )[0]
    assert getattr(row, field) == "nilai"


def test_formulas_are_text() -> None:
    found = read(csv_file.read, 'judul,klaim\n"=HYPERLINK(""http://x.example"")",@SUM(1+1)\n')
    assert rows(found)[0].title == '=HYPERLINK("http://x.example")'
    assert rows(found)[0].claim == "@SUM(1+1)"


def test_cells_over_several_lines_keep_the_line_where_they_began() -> None:
    found = read(csv_file.read, 'judul,isi\nSatu,"a\nb\nc"\n\nDua,x\n')
    assert [(row.line, row.explanation) for row in rows(found)] == [(2, "a\nb\nc"), (6, "x")]


UNCLOSED = "a quotation mark is opened and never closed"
STRAY = "is not a CSV row: ',' expected after '\"'"


@pytest.mark.parametrize(
    ("rest", "titles", "reason"),
    [
        ('"putus,x\nDua,x\nTiga,x\n', ["Dua", "Tiga"], UNCLOSED),
        ('"putus,x\nDua,x\n"Tiga, ya",x\n', ["Dua", "Tiga, ya"], STRAY),
        ('Dua,"putus\n' + "Tiga,x\n" * 3, ["Tiga"] * 3, UNCLOSED),
        ('Dua,"kata "hoaks" di sini"\nTiga,x\n', ["Tiga"], STRAY),
    ],
)
def test_a_broken_quote_costs_one_line(rest: str, titles: list[str], reason: str) -> None:
    found = read(csv_file.read, "judul,isi\nSatu,x\n" + rest)
    assert [row.title for row in rows(found)] == ["Satu", *titles]
    assert problems(found) == [(3, reason)]


@pytest.mark.parametrize(
    "record",
    [
        'Dua,"awal\nJangan percaya pesan ini\nSebarkan,hoaks\nakhir "kutip" teks",SALAH',
        'Dua,"awal "kutip" teks\nJangan percaya pesan ini\nSebarkan,hoaks\nakhir",SALAH',
        # Its last line has as many cells as the header, but closes a quotation mark that it did not open.
        'Dua,"awal "kutip" teks\nJangan percaya pesan ini\nSebarkan,hoaks\nakhir",x,SALAH',
        'Dua,"awal "kutip" teks\n\nJangan percaya "pesan"\n"ini" palsu,hoaks,x\nakhir",SALAH',
    ],
)
def test_the_lines_of_a_broken_record_are_no_entries(record: str) -> None:
    found = read(csv_file.read, f"judul,isi,label\nSatu,x,SALAH\n{record}\nTiga,x,SALAH\n")
    assert [row.title for row in rows(found)] == ["Satu", "Tiga"]
    first, *others = problems(found)
    assert first == (3, STRAY)
    assert {reason for _, reason in others} == {"looks like part of the broken record at line 3"}
    assert len(others) == 3


def test_a_cell_of_thousands_of_lines() -> None:
    text = "Jangan percaya, sebarkan, SALAH\n" * 8_000
    found = read(
        csv_file.read, f'judul,isi,label\nSatu,"{text[:99_000]}",SALAH\nDua,"{text}",SALAH\nTiga,x,\n'
    )
    assert [row.title for row in rows(found)] == ["Satu", "Tiga"]
    assert [reason.partition(",")[0] for _, reason in problems(found)] == ["explanation: has 255"]


def test_a_cell_without_end_costs_no_more_than_its_lines() -> None:
    text = "Jangan percaya, sebarkan\n" * 50_000
    found = read(csv_file.read, f'judul,isi,label\nSatu,"{text}",SALAH\nDua,x,SALAH\n')
    assert [row.title for row in rows(found)] == ["Dua"]
    assert problems(found)[0] == (2, "is not a CSV row: field larger than field limit (1000000)")
    assert len(problems(found)) == 50_001


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "\ufeffSEP=;", "sep=^"])
def test_a_first_line_that_names_the_delimiter(line: str) -> None:
    mark = "^" if "^" in line else ";"
    text = "\r\n".join(
        (line, "judul;isi, lengkap;label".replace(";", mark), "Satu;x;SALAH".replace(";", mark))
    )
    row = rows(read(csv_file.read, text))[0]
    assert (row.title, row.verdict, row.line) == ("Satu", "hoaks", 3)


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({"kategori": "Politik", "status": "Terbit", "label": "SALAH"}, "hoaks"),
        ({"kategori": "Cek Fakta", "label": "SALAH"}, "hoaks"),
        ({"kategori": "SALAH", "label": "Hoaks"}, "hoaks"),
        ({"kategori": "BENAR", "label": "SALAH"}, ""),
        ({"kategori": "Politik", "label": ""}, ""),
    ],
)
def test_the_order_of_columns_decides_no_verdict(cells: dict[str, str], verdict: str) -> None:
    for names in (list(cells), list(cells)[::-1]):
        text = f"judul,{','.join(names)}\nSatu,{','.join(cells[name] for name in names)}\n"
        assert rows(read(csv_file.read, text))[0].verdict == verdict


def test_other_broken_csv_rows() -> None:
    found = read(
        csv_file.read,
        b"judul,tanggal\nSatu,5/1/2026,lebih,lagi\nDua\n,5/1/2026\nTiga,kapan\n,,\n"
        + b"x" * 1_500_000
        + b',1\nEmp\x00at,"5/1/2026"\n\xff\xfeLima,\n',
    )
    assert problems(found) == [
        (2, "has 4 cells, the header has 2"),
        (4, "title: is missing or empty"),
        (5, "checked_on: 'kapan' is not a date"),
        (7, "the line is longer than 1,000,000 bytes"),
    ]
    assert [(row.line, row.title) for row in rows(found)] == [(3, "Dua"), (8, "Empat"), (9, "ÿþLima")]


@pytest.mark.parametrize("data", ["nama,alamat\na,b\n", "\n\n", "a;b", '"'])
def test_csv_without_a_title_column(data: str) -> None:
    with pytest.raises(SourceUnreadable, match="no column is named title, judul, claim or klaim"):
        read(csv_file.read, data)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=4), max_size=8))
def test_any_cells_are_rows_or_reasons_in_order(table: list[list[str]]) -> None:
    found = read(csv_file.read, "judul,isi,tanggal\n" + "\n".join(",".join(cells) for cells in table))
    numbers = [item.line for item in found]
    assert numbers == sorted(set(numbers))


# ClaimReview

REVIEW: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "url": "https://contoh.example/a",
    "claimReviewed": "Semeru meletus &amp; Bromo <b>juga</b>",
    "reviewBody": "<p>Tidak benar.</p>",
    "author": {"@type": "Organization", "name": "Contoh"},
    "datePublished": "2026-01-05T08:00:00+07:00",
    "reviewRating": {
        "@type": "Rating",
        "ratingValue": "1",
        "bestRating": "5",
        "worstRating": "1",
        "alternateName": "Salah",
    },
    "inLanguage": "id-ID",
    "itemReviewed": {"@type": "Claim", "appearance": {"url": "https://penipu.example/undian"}},
}
EXPECTED = ArchiveRow(
    "https://contoh.example/a", "Semeru meletus & Bromo juga", "Semeru meletus & Bromo juga", "Tidak benar.",
    verdict="hoaks", publisher="Contoh", checked_on=date(2026, 1, 5), url="https://contoh.example/a", line=1,
)  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        REVIEW,
        [REVIEW],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, REVIEW]},
        {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": REVIEW}]},
        {"@type": "DataFeed", "dataFeedElement": [{"@type": "DataFeedItem", "item": [REVIEW]}]},
        {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": REVIEW}]},
        {"@type": ["Article"], "review": REVIEW},
        REVIEW | {"@type": ["ClaimReview", "Review"]},
        REVIEW | {"@type": "http://schema.org/ClaimReview"},
        REVIEW | {"claimReviewed": {"@value": REVIEW["claimReviewed"], "@language": "id"}},
        REVIEW | {"author": [{"name": "Contoh"}, {"name": "Lain"}]},
        REVIEW | {"author": "Contoh"},
        REVIEW | {"reviewRating": [REVIEW["reviewRating"]]},
        REVIEW | {"inLanguage": {"@type": "Language", "alternateName": "id"}},
        {k: v for k, v in REVIEW.items() if k != "claimReviewed"}
        | {"itemReviewed": {"name": REVIEW["claimReviewed"]}},
    ],
)
def test_claim_review_in_every_wrapping(document: Any) -> None:
    assert read(read_json, json.dumps(document)) == [EXPECTED]


def test_where_a_hoax_circulates_is_no_evidence() -> None:
    assert "penipu" not in repr(read(read_json, json.dumps(REVIEW)))


@pytest.mark.parametrize(
    ("rating", "verdict"),
    [
        ({"ratingValue": 1, "bestRating": 5, "worstRating": 1, "alternateName": "Klarifikasi"}, ""),
        ({"ratingValue": 1, "bestRating": 5, "worstRating": 1, "alternateName": "Kata lain"}, "hoaks"),
        ({"ratingValue": "5"}, "benar"),
        ({"ratingValue": "satu"}, ""),
        ({"ratingValue": None, "bestRating": {}}, ""),
        ({"ratingValue": 10**400}, ""),
        ("Hoaks", "hoaks"),
        (None, ""),
        ([], ""),
    ],
)
def test_claim_review_ratings(rating: Any, verdict: str) -> None:
    found = read(read_json, json.dumps(REVIEW | {"reviewRating": rating}))
    assert rows(found)[0].verdict == verdict


def test_googles_claim_search() -> None:
    document = {"claims": [{"text": "Semeru meletus", "claimReview": [
        {"publisher": {"name": "Contoh", "site": "contoh.example"}, "url": "https://contoh.example/a",
         "title": "Cek", "reviewDate": "2026-01-05T00:00:00Z", "textualRating": "Salah",
         "languageCode": "id"},
        "rusak",
    ]}]}  # fmt: skip
    found = read(read_json, json.dumps(document))
    assert rows(found)[0].title == "Semeru meletus"
    assert (rows(found)[0].publisher, rows(found)[0].verdict) == ("Contoh", "hoaks")
    assert problems(found) == [(2, "the claim's review is not an object")]


def keys(*reviews: dict[str, Any]) -> list[str]:
    return [row.source_key for row in rows(read(read_json, json.dumps(reviews)))]


SECOND = REVIEW | {"claimReviewed": "Klaim kedua"}


def test_two_claims_on_one_page_are_two_entries() -> None:
    """The first keeps the key that it has alone: what is found beside it makes no second entry of it."""
    first, second = keys(REVIEW, SECOND)
    assert [first] == keys(REVIEW)
    assert second.startswith(f"{first}#")
    assert keys(REVIEW, REVIEW | {"claimReviewed": "Klaim ketiga"}, SECOND)[::2] == [first, second]


def test_spellings_of_one_address_are_one_page() -> None:
    page = str(REVIEW["url"])
    found = keys(REVIEW | {"url": f"{page}#satu"}, SECOND | {"url": f"{page}/?utm_source=x"})
    assert (found[0], len(set(found))) == (page, 2)


def test_a_review_that_stands_on_its_page_twice_is_one() -> None:
    assert len(set(keys(REVIEW, REVIEW))) == 1
    assert len(set(keys(REVIEW, SECOND, SECOND))) == 2


def test_what_a_graph_says_elsewhere() -> None:
    """Author, rating and claim stand beside the review and are named in it."""
    said = {
        "author": REVIEW["author"],
        "reviewRating": REVIEW["reviewRating"],
        "itemReviewed": {"@type": "Claim", "name": REVIEW["claimReviewed"]},
    }
    review = {name: value for name, value in REVIEW.items() if name != "claimReviewed"}
    review |= {name: {"@id": f"#{name}"} for name in said}
    beside = [{"@id": f"#{name}"} | node for name, node in said.items()]
    graph = {"@graph": [review, {"@type": "WebPage", "hasPart": beside}]}
    assert read(read_json, json.dumps(graph)) == [EXPECTED]
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(part)}</script>' for part in (review, beside)
    )
    assert read(claimreview.read_page, scripts) == [EXPECTED]


@pytest.mark.parametrize(
    "graph",
    [
        [{"@type": "ClaimReview", "@id": "#a", "claimReviewed": "Satu", "author": {"@id": "#a"}}],
        [REVIEW | {"author": {"@id": "#b"}}, {"@id": "#b", "name": {"@id": "#b"}}],
    ],
)
def test_a_graph_that_names_itself_ends(graph: list[Any]) -> None:
    assert len(read(read_json, json.dumps({"@graph": graph}))) == 1


def test_reviews_one_per_line() -> None:
    lines = [REVIEW, {"target_id": "x1", "title": "Lain"}, SECOND, {"@type": "WebPage"}]
    found = read(jsonl.read, "".join(f"{json.dumps(line)}\n" for line in lines))
    assert [(row.line, row.source_key) for row in rows(found)] == list(
        zip((1, 2, 3), (keys(REVIEW)[0], "x1", keys(REVIEW, SECOND)[1]), strict=True)
    )
    assert problems(found) == [(4, "holds no ClaimReview")]


def test_entries_in_one_list() -> None:
    found = read(read_json, '[{"target_id": "x1", "title": "Satu", "text": "Isi"}, 5, {"title": "Dua"}]')
    assert [(row.line, row.title, row.explanation) for row in rows(found)] == [
        (1, "Satu", "Isi"),
        (3, "Dua", ""),
    ]
    assert problems(found) == [(2, "is not a JSON object")]


def test_broken_items_of_a_feed() -> None:
    elements = [
        {"@type": "DataFeedItem", "item": None},
        {"@type": "DataFeedItem", "item": REVIEW | {"claimReviewed": {"x": 1}}},
        {"@type": "DataFeedItem", "item": REVIEW | {"url": "javascript:x"}},
        {"@type": "DataFeedItem", "item": REVIEW | {"datePublished": "besok"}},
        {"@type": "DataFeedItem", "item": REVIEW},
    ]
    found = read(read_json, json.dumps({"@type": "DataFeed", "dataFeedElement": elements}))
    assert [row.line for row in rows(found)] == [5]
    assert problems(found) == [
        (1, "the feed item holds no ClaimReview"),
        (2, "claim: must be text, found an object"),
        (3, "url: 'javascript:x' is not an http(s) address"),
        (4, "checked_on: 'besok' is not a date"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("{}", "holds no ClaimReview"),
        ("[]", "holds no ClaimReview"),
        ("null", "holds no ClaimReview"),
        ('{"@graph": "x"}', "holds no ClaimReview"),
        ('{"@type": "ClaimReview"', "is not JSON at line 1"),
        (b"\xff\xff", "is not usable JSON"),
        ("[" * 200_000, "is not usable JSON"),
        ('{"@graph":' * 50 + json.dumps(REVIEW) + "}" * 50, "holds no ClaimReview"),
        ('{"@graph":' * 900 + json.dumps(REVIEW) + "}" * 900, "holds no ClaimReview"),
    ],
)
def test_what_is_no_claim_review(data: str | bytes, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason):
        read(read_json, data)


class Endless(io.RawIOBase):
    """A document without end, of which no more is taken than asked for."""

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "asked for all of an endless document"
        return b" " * size


@pytest.mark.parametrize(
    ("reader", "limit"), [(feeds.read, "5 MB"), (claimreview.read_page, "5 MB"), (read_json, "100 MB")]
)
def test_no_document_is_read_beyond_its_limit(reader: Read, limit: str) -> None:
    with pytest.raises(SourceUnreadable, match=f"the document is larger than {limit}"):
        list(reader(Endless()))  # type: ignore[arg-type]


def test_reviews_in_a_web_page() -> None:
    page = f"""<!doctype html><html><head><title>x</title>
    <script>var a = '<script type="application/ld+json">';</script>
    <script type='application/ld+json; charset=utf-8'>{json.dumps(REVIEW)}</script>
    <script type="application/ld+json">{{rusak</script>
    <SCRIPT TYPE="application/LD+JSON">{json.dumps({"@type": "WebPage"})}</SCRIPT></head><p>&lt;/html>"""
    found = read(claimreview.read_page, page)
    assert rows(found) == [EXPECTED]
    assert [line for line, _ in problems(found)] == [2]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("//<![CDATA[\n", "\n//]]>"),
        ("/* <![CDATA[ */", "/* ]]> */ "),
        ("<![CDATA[", "]]>"),
        ("<!--\n", "\n-->"),
    ],
)
def test_a_script_in_old_wrapping(before: str, behind: str) -> None:
    review = REVIEW | {"reviewBody": "Tidak benar --> ]]>"}
    page = f'<script type="application/ld+json">\n{before}{json.dumps(review)}{behind}\n</script>'
    assert rows(read(claimreview.read_page, page))[0].explanation == "Tidak benar --> ]]>"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="windows-1252">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">', "latin-1"),
        ("<meta charset=utf-8>", "utf-8"),
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("", "cp1252"),
        ('<meta charset="entah">', "cp1252"),
    ],
)
def test_a_page_in_its_own_encoding(head: str, encoding: str) -> None:
    review = json.dumps(REVIEW | {"claimReviewed": "Kafé Bromo"}, ensure_ascii=False)
    page = f'<html>{head}<script type="application/ld+json">{review}</script>'
    assert rows(read(claimreview.read_page, page.encode(encoding)))[0].claim == "Kafé Bromo"


@pytest.mark.parametrize(
    "page",
    [
        "<meta" * 800_000,
        '<script type="application/ld+json"><!--' + " " * 4_000_000 + "{}",
        "<html><form>Masuk</form></html>",
        "<![" * 9,
        "<!--" * 200_000,
        "<script" * 9,
        "<script>" * 100_000,
        "<",
    ],
)
def test_a_web_page_without_reviews(page: str) -> None:
    with pytest.raises(SourceUnreadable, match="holds no ClaimReview"):
        read(claimreview.read_page, page)


# WordPress

POST: dict[str, Any] = {
    "id": 7, "date": "2026-01-05T08:00:00", "date_gmt": "2026-01-05T01:00:00", "type": "post",
    "link": "https://www.contoh.example/2026/semeru/",
    "title": {"rendered": "[SALAH] Semeru &#8220;meletus&#8221;"},
    "content": {"rendered": "<p>Tidak&nbsp;benar.</p>\n<script>x()</script>", "protected": False},
}  # fmt: skip


def test_wordpress_posts() -> None:
    assert read(read_json, json.dumps([POST])) == [
        ArchiveRow(
            "https://contoh.example/2026/semeru",
            "Semeru “meletus”",
            "",
            "Tidak benar.",
            verdict="hoaks",
            publisher="contoh.example",
            checked_on=date(2026, 1, 5),
            url="https://www.contoh.example/2026/semeru/",
            line=1,
        )
    ]


def test_broken_posts() -> None:
    found = read(
        read_json, json.dumps([POST, None, POST | {"title": {"rendered": ""}}, POST | {"link": 5}, {}])
    )
    assert problems(found) == [
        (2, "is not a post"),
        (3, "title: is missing or empty"),
        (4, "url: must be text, found a number"),
        (5, "title: is missing or empty"),
    ]


# RSS and Atom

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Contoh</title><language>id-ID</language>{items}</channel></rss>"""
ITEM = """<item><title>[SALAH] Semeru &amp;#8220;meletus&amp;#8221;</title>
<link>https://contoh.example/a?utm_source=rss</link>
<guid isPermaLink="false">https://contoh.example/?p=7</guid><pubDate>Mon, 05 Jan 2026 01:00:00 +0000</pubDate>
<description>Ringkas</description>
<content:encoded><![CDATA[<p>Tidak benar.</p><script>x()</script>]]></content:encoded></item>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Contoh</title>
<entry><title>Hoaks! Semeru meletus</title><id>urn:x:1</id><link href="https://contoh.example/a"/>
<updated>2026-01-05T01:00:00Z</updated><summary>Tidak benar.</summary></entry></feed>"""


@pytest.mark.parametrize(
    ("language", "code"), [("Bahasa Indonesia", "id"), ("in", "id"), ("jv", "jv"), ("bahasa kami ini", "id")]
)
def test_what_a_feed_says_of_its_language_loses_no_item(language: str, code: str) -> None:
    feed = RSS.format(items=ITEM).replace("id-ID", language)
    assert [row.language for row in rows(read(feeds.read, feed))] == [code]


def test_links_of_a_saved_feed_are_relative_to_its_site() -> None:
    item = (
        "<item><title>Satu</title><link>/a</link></item><item><title>Dua</title><link>http://[</link></item>"
    )
    found = read(feeds.read, RSS.format(items="<link>https://contoh.example/x</link>" + item))
    assert [row.url for row in rows(found)] == ["https://contoh.example/a"]
    assert problems(found) == [(2, "url: 'http://[' has no usable host")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "windows-1252"])
def test_feeds_in_other_encodings(encoding: str) -> None:
    feed = RSS.format(items=ITEM.replace("Semeru", "Kafé")).replace("UTF-8", encoding)
    assert rows(read(feeds.read, feed.encode(encoding)))[0].title.startswith("Kafé")


def test_atom_with_a_prefix() -> None:
    feed = (
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>C</a:title><a:entry><a:title>Semeru</a:title>'
        '<a:link href="https://contoh.example/a"/></a:entry></a:feed>'
    )
    assert [row.source_key for row in rows(read(feeds.read, feed))] == ["https://contoh.example/a"]


def test_rss() -> None:
    row = rows(read(feeds.read, RSS.format(items=ITEM)))[0]
    assert (row.title, row.verdict, row.explanation) == ("Semeru “meletus”", "hoaks", "Tidak benar.")
    assert (row.source_key, row.checked_on) == ("https://contoh.example/a", date(2026, 1, 5))
    assert (row.publisher, row.language) == ("Contoh", "id")


def test_atom() -> None:
    row = rows(read(feeds.read, ATOM))[0]
    assert (row.title, row.verdict, row.explanation) == ("Semeru meletus", "hoaks", "Tidak benar.")
    assert (row.source_key, row.publisher) == ("https://contoh.example/a", "Contoh")


def test_a_post_has_one_key_in_feed_and_interface_and_markup() -> None:
    link = "https://contoh.example/a"
    keys = {
        rows(read(feeds.read, ATOM))[0].source_key,
        rows(read(feeds.read, RSS.format(items=ITEM)))[0].source_key,
        rows(read(read_json, json.dumps([POST | {"link": link + "/"}])))[0].source_key,
        rows(read(read_json, json.dumps(REVIEW)))[0].source_key,
    }
    assert keys == {link}


def test_broken_items_and_broken_xml() -> None:
    items = "<item><title></title></item><item><title>Buruk</title><link>ftp://x</link></item>" + ITEM
    found = read(feeds.read, RSS.format(items=items).replace("</channel></rss>", "&tidak <unclosed>"))
    assert [line for line, _ in problems(found)] == [1, 2]
    assert [row.title for row in rows(found)] == ["Semeru “meletus”"]


BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        BOMB.replace("</rss>", "<rusak").encode(),
        BOMB.encode("utf-16"),
        BOMB.replace('"aaaaaaaaaa"', 'SYSTEM "file:///etc/passwd"').encode(),
    ],
    ids=["bomb", "broken bomb", "utf-16", "external"],
)
def test_xml_that_defines_entities_is_refused(data: bytes) -> None:
    with pytest.raises(SourceUnreadable, match="defines entities"):
        read(feeds.read, data)


@pytest.mark.parametrize(
    "data", ["<html><p>Masuk</p></html>", "bukan xml", "/etc/passwd", "http://127.0.0.1/"]
)
def test_what_is_no_feed(data: str) -> None:
    with pytest.raises(SourceUnreadable, match="is not an RSS or Atom feed"):
        read(feeds.read, data)


def test_documents_have_a_limit() -> None:
    with pytest.raises(SourceUnreadable, match="larger than 5 MB"):
        read(claimreview.read_page, b"<" + b" " * 5_000_001)
