"""Any bytes at all, read as an archive: entries, problems with a reason, or one refusal; never a crash."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.text import clean, normalise
from tests.hostile.texts import text as hostile_text
from triage.archive.rows import ArchiveRow, RowProblem
from triage.archive.sources import open_source
from triage.archive.unreadable import SourceUnreadable
from triage.config import load_config
from triage.fetch import Fetcher

SUFFIXES = (".jsonl", ".csv", ".json", ".html", ".xml", ".rss", "")
_ENTRY = {
    "target_id": "a",
    "title": "Judul",
    "text": "Isi",
    "verdict": "SALAH",
    "date": "2026-01-05",
    "url": "https://c.id",
}
_REVIEW = {
    "@context": "https://schema.org", "@type": "ClaimReview", "claimReviewed": "Klaim", "url": "https://c.id/1",
    "reviewRating": {"@type": "Rating", "alternateName": "Salah"},
    "author": {"name": "C"}, "datePublished": "2026-01-05",
}  # fmt: skip
_POST = {
    "id": 1, "date": "2026-01-05T00:00:00", "link": "https://c.id/1", "title": {"rendered": "[SALAH] Judul"},
    "content": {"rendered": "<p>Isi</p>"}, "excerpt": {"rendered": ""},
}  # fmt: skip
_FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>C</title><item><title>[HOAX] Judul</title>'
    "<link>https://c.id/1</link><guid>1</guid><description>Isi</description></item></channel></rss>"
)
_WHOLE = (
    json.dumps(_ENTRY), json.dumps(_REVIEW), json.dumps([_POST]), json.dumps({"@graph": [_REVIEW]}), _FEED,
    "title,verdict,url\nJudul,SALAH,https://c.id\n", "sep=;\ntitle;verdict\nJudul;BENAR\n",
    f"<html><script type='application/ld+json'>{json.dumps(_REVIEW)}</script></html>",
)  # fmt: skip
_BOMBS = (
    b"[" * 200_000, b'{"a":' * 50_000, b'"' * 100_000, b"<a>" * 100_000, b"," * 200_000, b"\n" * 200_000,
    b"1" * 300_000,
    b'{"title": ' + b"9" * 10_000 + b"}", b'{"date": 1e999, "title": "a"}',
    b"<!DOCTYPE x [<!ENTITY a 'b'>]><rss>&a;</rss>",
    gzip.compress(b"[" * 1_000_000), b"\xff\xfe" + "title,verdict\n".encode("utf-16-le"),
    b"\x00" * 1_000, b"\xef\xbb\xbf",
    b'"' + b"a,\n" * 50_000, b"<script type=application/ld+json>" * 20_000, b"<" * 100_000, b"&#" * 100_000,
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Bytes of no kind, and documents of each kind with something torn out, put in or put twice."""
    whole = draw(st.sampled_from(_WHOLE)).encode()
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted((draw(st.integers(0, len(whole))), draw(st.integers(0, len(whole)))))
        put = draw(st.one_of(st.just(whole[start:end]), st.binary(max_size=12), _odd()))
        whole = whole[:start] + put + whole[draw(st.sampled_from((start, end))) :]
    return draw(st.one_of(st.just(whole), st.binary(max_size=300)))


def _odd() -> st.SearchStrategy[bytes]:
    made = st.randoms(use_true_random=False).map(lambda rng: hostile_text(rng, 200))
    return made.map(lambda text: text.encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arsip")


def _read(folder: Path, data: bytes, suffix: str) -> Iterator[ArchiveRow | RowProblem]:
    path = folder / f"arsip{suffix}"
    path.write_bytes(data)
    fetcher = Fetcher(load_config({"PENJAGA_DATA": str(folder / "data")}))
    try:
        with open_source(str(path), fetcher) as source:
            yield from source.rows()
    except SourceUnreadable as refused:
        yield RowProblem(0, str(refused))


def _check(found: list[ArchiveRow | RowProblem]) -> None:
    for each in found:
        if isinstance(each, RowProblem):
            assert each.reason
            assert each.reason.isprintable()
        else:
            assert each.title.strip()
            assert clean(each.title) == each.title


@given(documents(), st.sampled_from(SUFFIXES))
@settings(
    max_examples=400, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
def test_any_bytes_are_read_or_refused(folder: Path, data: bytes, suffix: str) -> None:
    _check(list(_read(folder, data, suffix)))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("number", range(len(_BOMBS)))
def test_bombs_are_read_or_refused(folder: Path, number: int, suffix: str) -> None:
    _check(list(_read(folder, _BOMBS[number], suffix)))


@pytest.mark.parametrize("whole", _WHOLE)
def test_what_is_whole_is_an_entry(folder: Path, whole: str) -> None:
    (row,) = _read(folder, whole.encode(), "")
    assert isinstance(row, ArchiveRow)


@given(_odd().map(lambda data: data.decode("utf-8", "surrogatepass")))
@settings(max_examples=300, derandomize=True, deadline=None, database=None)
def test_the_normal_form_holds_nothing_that_nobody_sees_and_is_not_much_longer(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not HIDDEN.intersection(once)
    # One letter becomes at most eighteen where Unicode takes it apart.
    assert len(once) <= 18 * 3 * max(len(text), 1)


HIDDEN = frozenset(
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\0"
)
