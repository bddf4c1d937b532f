"""`penjaga match`: the contract of its files, and clear words for files that break it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.types import MatchResult
from triage import match_files
from triage.errors import InputRefused

PENJAGA = str(Path(sys.executable).with_name("penjaga"))
ENCODERS = str(Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute())
ARCHIVE = [
    {"target_id": "a", "title": "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"},
    {
        "target_id": "b",
        "title": "Gempa besar akan mengguncang pantai selatan hari Jumat",
        "text": "Tidak benar.",
    },
    {"target_id": "c", "title": "Undian motor dari toko daring untuk pelanggan lama"},
]
QUERIES = [
    {"query_id": "1", "query": "GEMPA BESAR akan mengguncang pantai selatan hari Jumat!!!\u2028sebarkan"},
    {"query_id": "2", "query": ""},
    {"query_id": "3", "query": "rebusan daun pepaya bisa menyembuhkan demam berdarah semalam"},
]


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def _run(tmp_path: Path, archive: Path, queries: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": ENCODERS}
    given = ["--archive", str(archive), "--queries", str(queries), "--out", str(tmp_path / "r.jsonl")]
    return subprocess.run(
        [PENJAGA, "match", *given, *more],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_results_keep_order_and_shape(tmp_path: Path) -> None:
    archive, queries = _write(tmp_path / "a.jsonl", ARCHIVE), _write(tmp_path / "q.jsonl", QUERIES)
    done = _run(tmp_path, archive, queries, "--top", "2")
    assert done.returncode == 0, done.stderr
    assert "items/s" in done.stdout
    assert "peak memory" in done.stdout
    rows = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").split("\n") if line]
    assert [row["query_id"] for row in rows] == ["1", "2", "3"]
    assert {row["band"] for row in rows} <= {"answer", "review", "new"}
    assert [row["matches"][0]["target_id"] if row["matches"] else None for row in rows] == ["b", None, "a"]
    assert rows[1]["band"] == "new"
    for row in rows:
        probabilities = [match["probability"] for match in row["matches"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert len(row["matches"]) <= 2
        assert all(set(match) == {"target_id", "probability", "reasons"} for match in row["matches"])
    assert rows[0]["matches"][0]["reasons"]
    assert all("{" not in reason for reason in rows[0]["matches"][0]["reasons"])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"target_id": "d", "title": ', "not JSON"),
        ('["d"]', "not a JSON object"),
        ('{"target_id": "d"}', "title must be a text"),
        ('{"title": "x"}', "target_id must be a text; it is missing"),
        ('{"target_id": 4, "title": "x"}', "target_id must be a text"),
        ('{"target_id": "a", "title": "lagi"}', "occurs twice"),
        ('{"target_id": "d", "title": "  "}', "title is empty"),
    ],
)
def test_a_broken_line_is_named_before_any_work(tmp_path: Path, line: str, says: str) -> None:
    archive, queries = _write(tmp_path / "a.jsonl", ARCHIVE), _write(tmp_path / "q.jsonl", QUERIES)
    archive.write_text(archive.read_text("utf-8") + line + "\n", "utf-8")
    done = _run(tmp_path, archive, queries)
    assert done.returncode == 1
    assert "a.jsonl:4: " in done.stderr
    assert says in done.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = _run(tmp_path, tmp_path / "tidak-ada.jsonl", _write(tmp_path / "q.jsonl", QUERIES))
    assert done.returncode == 1
    assert "tidak-ada.jsonl: No such file" in done.stderr


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"query_id": "1", "query": "lagi"}', 'query_id "1" occurs twice, first on line 1'),
        (b'{"query_id": "9"}', "query must be a text; it is missing"),
        (b'{"query_id": "9", "query": null}', "query must be a text"),
        (b'{"query_id": "9", "query": "\xff"}', "not UTF-8 at byte 29"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_broken_queries_are_named(tmp_path: Path, line: bytes, says: str) -> None:
    archive, queries = _write(tmp_path / "a.jsonl", ARCHIVE), _write(tmp_path / "q.jsonl", QUERIES)
    queries.write_bytes(queries.read_bytes() + line)
    done = _run(tmp_path, archive, queries)
    assert done.returncode == 1
    assert f"q.jsonl:4: {says}" in done.stderr
    assert not (tmp_path / "r.jsonl").exists()


def test_an_explanation_is_no_wording_of_the_claim(tmp_path: Path) -> None:
    entries = match_files.read_archive(_write(tmp_path / "a.jsonl", ARCHIVE))
    assert [entry.texts for entry in entries] == [(row["title"],) for row in ARCHIVE]


def test_a_text_that_is_no_string_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"target_id": "a", "title": "x", "text": 3}\n', "utf-8")
    with pytest.raises(InputRefused, match=r"a\.jsonl:1: text must be a text"):
        match_files.read_archive(path)


def test_ids_that_utf8_cannot_hold_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"query_id": "\\ud800", "query": "x"}\n', "utf-8")
    (query,) = match_files.read_queries(path)
    line = match_files.result_row(query, MatchResult("new", (), "m"))
    line.encode("utf-8")
    assert json.loads(line) == {"query_id": "\ud800", "band": "new", "matches": []}


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    archive, queries = _write(tmp_path / "a.jsonl", ARCHIVE), _write(tmp_path / "q.jsonl", QUERIES)
    out = tmp_path / "tidak-ada" / "r.jsonl"
    done = _run(tmp_path, archive, queries, "--out", str(out))
    assert done.returncode == 1
    assert "there is no folder" in done.stderr
