"""One archive entry at the edge: what is taken, what is refused in which words."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.archive import ratings
from triage.archive.dates import parse_date
from triage.archive.plain import from_html, from_text
from triage.archive.rows import (
    MAX_EXPLANATION,
    MAX_KEY,
    MAX_TITLE,
    ArchiveRow,
    RowProblem,
    parse_row,
)
from triage.verdicts import verdicts


def taken(markup: bool = False, **fields: Any) -> ArchiveRow:
    """Parse fields that must be fine."""
    row = parse_row(1, {"title": "Judul contoh"} | fields, markup=markup)
    assert isinstance(row, ArchiveRow), row
    return row


def refused(**fields: Any) -> str:
    """Parse fields that must be refused; returns the reason."""
    row = parse_row(7, {"title": "Judul contoh"} | fields)
    assert isinstance(row, RowProblem), row
    assert row.line == 7
    return row.reason


OURS = "id: begins with 'penjaga:', which is kept for this installation's own"


def test_a_whole_row() -> None:
    row = taken(
        id="a-1", claim="Isi pesan", explanation="Tidak benar.", what_to_do="Abaikan.", ask="BPBD",
        verdict="SALAH", harm="bencana", language="id-ID", publisher="Contoh", checked_on="2026-01-05",
        url="https://contoh.example/a", evidence=[{"label": "BMKG", "url": "https://bmkg.example/"}],
    )  # fmt: skip
    assert row == ArchiveRow(
        "a-1", "Judul contoh", "Isi pesan", "Tidak benar.", "Abaikan.", "BPBD", "hoaks", "disaster", "id",
        "Contoh", date(2026, 1, 5), "https://contoh.example/a",
        ({"label": "BMKG", "url": "https://bmkg.example/"},), searchable=True, line=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": ""}, "title: is missing or empty"),
        ({"title": None}, "title: is missing or empty"),
        ({"title": " \u200b\n\x00 "}, "title: is missing or empty"),
        ({"title": "<b></b>"}, "title: is missing or empty"),
        ({"title": 5}, "title: must be text, found a number"),
        ({"title": ["a"]}, "title: must be text, found a list"),
        ({"title": "a" * 501}, "title: has 501 characters, at most 500 are allowed"),
        (
            {"explanation": "a" * (MAX_EXPLANATION + 1)},
            "explanation: has 100,001 characters, at most 100,000 are allowed",
        ),
        ({"claim": "a" * 2_000_000}, "claim: has more than 300,000 characters"),
        ({"explanation": "<div>" * 10_001}, "explanation: has more than 10,000 tags"),
        ({"id": "a" * 201}, "id: has more than 200 characters"),
        ({"id": {"x": 1}}, "id: must be text, found an object"),
        ({"id": "penjaga:group:1"}, OURS),
        ({"id": " penjaga:\u200bgroup:1\n", "url": "https://contoh.example/a"}, OURS),
        ({"id": "7", "publisher": "Penjaga:group:1"}, OURS),
        ({"checked_on": "32/13/2026"}, "checked_on: '32/13/2026' is not a date"),
        (
            {"checked_on": "05/01/24"},
            "checked_on: '05/01/24' may be two dates: write the year with four digits",
        ),
        ({"checked_on": "25/01/99"}, "checked_on: '25/01/99' is in the future"),
        ({"checked_on": "kemarin"}, "checked_on: 'kemarin' is not a date"),
        ({"checked_on": "9999-01-01"}, "checked_on: '9999-01-01' is not a date"),
        ({"checked_on": "2150-01-01"}, "checked_on: '2150-01-01' is in the future"),
        ({"url": "javascript:alert(1)"}, "url: 'javascript:alert(1)' is not an http(s) address"),
        ({"url": "//contoh.example"}, "url: '//contoh.example' is not an http(s) address"),
        ({"url": "https://a b.example"}, "url: 'https://a b.example' is not an http(s) address"),
        ({"url": "https://"}, "url: 'https://' has no usable host"),
        ({"url": "https://u:p@contoh.example"}, "url: 'https://u:p@contoh.example' has no usable host"),
        ({"url": "https://contoh.example/" + "a" * 2000}, "url: has more than 2000 characters"),
        ({"harm": "entah"}, "harm: 'entah' is not a kind of harm"),
        ({"language": "bahasa kami"}, "language: 'bahasa kami' is not a language code"),
        ({"searchable": "kadang"}, "searchable: must be true or false, found text"),
        ({"evidence": {"url": "x"}}, "evidence: must be a list of at most 30 addresses, found an object"),
        ({"evidence": ["ftp://x"]}, "evidence: 'ftp://x' is not an http(s) address"),
        ({"evidence": [{"label": "tanpa"}]}, "evidence: holds an item without an address"),
        ({"evidence": [None]}, "evidence: holds an item without an address"),
    ],
)
def test_a_refused_row_says_why(fields: dict[str, Any], reason: str) -> None:
    assert refused(**fields) == reason


def test_several_reasons_at_once() -> None:
    reason = refused(title=1, claim=2, url="x", harm="x", language="12345")
    assert reason.startswith("title: must be text, found a number; claim: must be")
    assert reason.endswith("and 2 more")


def test_a_reason_quotes_little_and_nothing_invisible() -> None:
    reason = refused(checked_on="\x1b[31m\u202e" + "rahasia " * 50)
    assert reason.isascii()
    assert "\x1b" not in reason
    assert len(reason) < 120


def test_what_nobody_sees_does_not_get_in() -> None:
    row = taken(title="Se\u200bme\x00ru\u202e \ud800 meletus", explanation="a\u2066b\x07c\ufeff")
    assert row.title == "Semeru \ufffd meletus"
    assert row.explanation == "abc"


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("<p>Satu</p><p>dua</p>", "Satu\n\ndua"),
        ("Satu<br/>dua", "Satu\ndua"),
        ("<script>alert(1)</script>aman", "aman"),
        ("<style>p{}</style>aman<!-- komentar -->", "aman"),
        ("<img src=x onerror=alert(1)>aman", "aman"),
        ("&#8220;Semeru&#8221; &amp; Bromo&nbsp;!", "“Semeru” & Bromo !"),
        ("<ul><li>satu</li><li>dua</li></ul>", "satu\n\ndua"),
        ("<a href='javascript:x'>taut</a>", "taut"),
        ("&lt;script&gt;teks&lt;/script&gt;", "<script>teks</script>"),
        ("&#xD800;&#0;", "\ufffd\ufffd"),
    ],
)
def test_html_becomes_plain_text(given_: str, expected: str) -> None:
    assert from_html(given_) == expected
    assert from_text(given_) == expected


@pytest.mark.parametrize(
    "text", ["5 < 6 dan 7 > 3", "hubungi <nomor>", "a<b", "R&D", "AT&T; dan", "x <- y", "<3", "satu\n\ndua"]
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert from_text(text) == text


def test_marks_that_are_no_tags_survive_beside_tags() -> None:
    assert from_text("<b>Hubungi</b> <nomor> bila x < y") == "Hubungi <nomor> bila x < y"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05", date(2026, 1, 5)), ("2026-01-05T10:00:00Z", date(2026, 1, 5)),
        ("2026-01-05T23:59:00.123+07:00", date(2026, 1, 5)), ("2026-01-05 10:00:00", date(2026, 1, 5)),
        ("20260105", date(2026, 1, 5)), ("2026/1/5", date(2026, 1, 5)), ("5/1/2026", date(2026, 1, 5)),
        ("05-01-2026 10:00", date(2026, 1, 5)), ("5.1.2026", date(2026, 1, 5)),
        ("5 Januari 2026", date(2026, 1, 5)), ("Senin, 5 Januari 2026", date(2026, 1, 5)),
        ("5 Agt 2025, 10.00 WIB", date(2025, 8, 5)), ("January 5, 2026", date(2026, 1, 5)),
        ("Mon, 05 Jan 2026 00:00:00 GMT", date(2026, 1, 5)), ("05 Jan 2026 00:00:00 +0700", date(2026, 1, 5)),
        ("25/01/24", date(2024, 1, 25)), ("25-1-24 10:00", date(2024, 1, 25)), ("5/5/24", date(2024, 5, 5)),
        ("05-Jan-24", date(2024, 1, 5)), ("Jumat, 5 Agu 22", date(2022, 8, 5)),
        ("Fri, 05 Mar 99 10:00:00 GMT", date(1999, 3, 5)),
        ("", None), ("-", None), ("0000-00-00 00:00:00", None),
    ],
)  # fmt: skip
def test_dates(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    ["31/02/2026", "2026-13-01", "1/2", "0001-01-01", "5 Xyz 2026", "13/25/24", "5 Jan 10.00", "٥/١/٢٠٢٦x"],
)
def test_no_dates(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - from several places in the standard library
        parse_date(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bahasa Indonesia", "id"), ("bahasa", "id"), ("in", "id"), ("in_ID", "id"), ("id-ID", "id"),
        ("", "id"), ("Bahasa Jawa", "jv"), ("jw", "jv"), ("Madura", "mad"), ("en-GB", "en"),
        ("Indonesia (ID)", None),
        ("bahasa kami", None), ("x", None),
    ],
)  # fmt: skip
def test_languages(text: str, code: str | None) -> None:
    if code is None:
        assert refused(language=text) == f"language: '{text}' is not a language code"
    else:
        assert taken(language=text).language == code


@pytest.mark.parametrize(
    ("label", "verdict"),
    [
        ("SALAH", "hoaks"), ("Hoaks!", "hoaks"), ("[HOAX]", "hoaks"), ("False", "hoaks"),
        ("PENIPUAN", "hoaks"), ("Keliru", "hoaks"),
        ("Disinformasi", "menyesatkan"), ("Partly False", "menyesatkan"), ("Sebagian Benar", "menyesatkan"),
        ("Konten yang Menyesatkan", "menyesatkan"), ("Konteks yang Salah", "konteks-salah"),
        ("Missing context", "menyesatkan"), ("Konten Tiruan", "tiruan"), ("Satire/Parodi", "satire"),
        ("BENAR", "benar"), ("True", "benar"), ("Belum Terbukti", "belum-terbukti"),
        ("SALAH / HOAKS", "hoaks"), ("SALAH / MENYESATKAN", ""), ("BENAR/KLARIFIKASI", ""),
        ("KLARIFIKASI", ""), ("CEK FAKTA", ""), ("entah apa", ""), ("", ""), ("x" * 400, ""),
    ],
)  # fmt: skip
def test_ratings_of_publishers(label: str, verdict: str) -> None:
    assert taken(verdict=label).verdict == verdict


@pytest.mark.parametrize("code", sorted(verdicts()))
def test_our_own_codes_are_ratings(code: str) -> None:
    assert taken(verdict=code).verdict == code


@pytest.mark.parametrize(
    ("value", "worst", "best", "verdict"),
    [
        (1, 1, 5, "hoaks"), (2, 1, 5, "menyesatkan"), (3, 1, 5, ""), (4, 1, 5, ""), (5, 1, 5, "benar"),
        (0, 0, 100, "hoaks"), (100, 0, 100, "benar"), (1, 1, 1, ""), (6, 1, 5, ""), (0, 1, 5, ""),
        (float("nan"), 1, 5, ""), (float("inf"), 1, 5, ""), (1, 5, 1, ""),
    ],
)  # fmt: skip
def test_rating_numbers(value: float, worst: float, best: float, verdict: str) -> None:
    assert ratings.rating(value, worst, best) == verdict


@pytest.mark.parametrize(
    ("title", "rest", "verdict"),
    [
        ("[SALAH] Semeru meletus", "Semeru meletus", "hoaks"),
        ("(HOAKS) [PENIPUAN]: Undian", "Undian", "hoaks"),
        ("Hoaks! Bantuan tunai", "Bantuan tunai", "hoaks"),
        ("CEK FAKTA: Vaksin", "Vaksin", ""),
        ("[Video] Semeru", "[Video] Semeru", ""),
        ("Benar! Bantuan cair hari ini", "Benar! Bantuan cair hari ini", ""),
        ("[SALAH]", "[SALAH]", ""),
        ("Gempa: warga mengungsi", "Gempa: warga mengungsi", ""),
    ],
)
def test_labels_at_the_head_of_titles(title: str, rest: str, verdict: str) -> None:
    row = taken(title=title)
    assert (row.title, row.verdict) == (rest, verdict)


def test_the_verdict_of_the_row_goes_before_that_of_the_title() -> None:
    assert taken(title="[SALAH] Semeru", verdict="BENAR").verdict == "benar"


def test_a_scam_is_fraud_unless_the_row_says_otherwise() -> None:
    assert taken(verdict="PENIPUAN").harm == "fraud"
    assert taken(verdict="PENIPUAN", harm="kesehatan").harm == "health"
    assert taken(verdict="SALAH").harm == "other"


def test_what_is_no_claim_is_kept_but_not_searched() -> None:
    assert not taken(verdict="TOP 5").searchable
    assert not taken(searchable="tidak").searchable
    assert taken(verdict="KLARIFIKASI").searchable


def test_without_a_title_the_claim_heads_the_entry() -> None:
    row = taken(title="", claim="Satu.\nDua " + "kata " * 200)
    assert row.title.startswith("Satu. Dua kata")
    assert row.title.endswith("…")
    assert len(row.title) <= MAX_TITLE


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"id": "tur-12ab"}, "tur-12ab"),
        ({"id": "tur-12ab", "url": "https://contoh.example/a"}, "tur-12ab"),
        ({"id": "12", "url": "http://www.contoh.example/a/?utm_source=x#y"}, "https://contoh.example/a"),
        ({"id": 12, "publisher": "Diskominfo"}, "diskominfo#12"),
        ({"url": "https://contoh.example/a/"}, "https://contoh.example/a"),
    ],
)
def test_what_an_entry_is_recognised_by(fields: dict[str, Any], key: str) -> None:
    assert taken(**fields).source_key == key


def test_mere_numbers_of_two_files_do_not_collide() -> None:
    assert taken(id="1", title="Satu").source_key != taken(id="1", title="Dua").source_key


def test_long_addresses_give_distinct_bounded_keys() -> None:
    url = "https://contoh.example/" + "a" * 400
    keys = {taken(url=url + end).source_key for end in ("1", "2")}
    assert len(keys) == 2
    assert all(len(key) <= MAX_KEY for key in keys)


_text = st.text(st.characters(), max_size=60)
_value = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), _text, st.lists(_text, max_size=3),
    st.dictionaries(st.sampled_from(["url", "label", "x"]), _text, max_size=2),
)  # fmt: skip
_names = [
    "id", "title", "claim", "explanation", "what_to_do", "ask", "verdict", "harm", "language", "publisher",
    "checked_on", "url", "evidence", "searchable", "unknown",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(_names), _value), st.booleans())
def test_whatever_comes_is_a_clean_row_or_a_reason(fields: dict[str, Any], markup: bool) -> None:
    row = parse_row(3, fields, markup=markup)
    if isinstance(row, RowProblem):
        assert row.reason
        assert row.reason.isprintable()
        return
    assert row.title
    assert 0 < len(row.source_key) <= MAX_KEY
    assert row.verdict in {"", *verdicts()}
    texts = [
        row.source_key,
        row.title,
        row.claim,
        row.explanation,
        row.what_to_do,
        row.ask,
        row.publisher,
        row.url,
    ]
    texts += [row.url] + [value for item in row.evidence for value in item.values()]
    for text in texts:
        text.encode("utf-8")
        assert not [c for c in text if c not in "\n\t" and unicodedata.category(c) == "Cc"]
        assert "\u202e" not in text
    assert all(item["url"].lower().startswith(("http://", "https://")) for item in row.evidence)
    assert row.url == "" or row.url.lower().startswith(("http://", "https://"))
    assert "\n" not in row.title


@given(st.text(st.characters(codec=None), max_size=200))
def test_a_clean_text_is_clean_the_second_time(text: str) -> None:
    once = taken(explanation=text, title="Judul").explanation
    assert from_text(once) == once or "&" in once or "<" in once
