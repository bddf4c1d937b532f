"""Imports into the store: nothing twice, nothing missing, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import make_account
from tests.site import Reply, Request, Site, open_site, with_etag
from triage import events, outbox
from triage.archive import importing, journal
from triage.archive.importing import Progress, enqueue_import, run_import, run_import_job
from triage.archive.rows import ArchiveRow
from triage.archive.starter import import_starter
from triage.archive.store import Counts, content_hash, upsert
from triage.archive.unreadable import SourceUnreadable
from triage.config import Config
from triage.db import Store
from triage.errors import Forbidden, NotFound
from triage.fetch import Fetcher, FetchFailed
from triage.permissions import OPERATOR
from triage.tables import (
    ArchiveImport,
    ClaimText,
    ClaimVector,
    Event,
    FactCheck,
    FactCheckVersion,
    ImportProblem,
    Outbox,
)

ROW = ArchiveRow("a1", "Judul satu", claim="Klaim satu", explanation="Tidak benar.", verdict="hoaks")


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def entry(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "target_id": f"a{number}",
        "title": f"Judul {number}",
        "verdict": "SALAH",
        "text": "Tidak benar.",
    } | fields


def write(path: Path, entries: list[Any]) -> str:
    """Write a JSON-lines file; a string stands for a line as it is."""
    lines = [item if isinstance(item, str) else json.dumps(item) for item in entries]
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return str(path)


def counts(report: journal.ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.same, report.refused


def stored(store: Store) -> dict[str, tuple[int, str]]:
    """Version and current title of every entry."""
    with store.read() as session:
        rows = session.execute(
            select(FactCheck.source_key, FactCheck.version, FactCheckVersion.title).join(
                FactCheckVersion,
                (FactCheckVersion.fact_check_id == FactCheck.id)
                & (FactCheckVersion.number == FactCheck.version),
            )
        )
        return {row.source_key: (row.version, row.title) for row in rows}


def number_of(store: Store, table: Any) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# rows into tables


def test_a_new_row(any_store: Store) -> None:
    with any_store.write() as session:
        assert upsert(session, [ROW]) == Counts(added=1)
    with any_store.read() as session:
        fact_check = session.scalars(select(FactCheck)).one()
        assert (fact_check.origin, fact_check.version, fact_check.seq, fact_check.searchable) == (
            "imported",
            1,
            1,
            True,
        )
        version = session.scalars(select(FactCheckVersion)).one()
        assert (version.number, version.title, version.verdict) == (1, "Judul satu", "hoaks")
        assert version.content_hash == content_hash(ROW)
        texts = session.scalars(select(ClaimText).order_by(ClaimText.position))
        assert [(text.text, text.told) for text in texts] == [
            ("Judul satu", False), ("Klaim satu", False), ("Tidak benar.", True),
        ]  # fmt: skip
        job = session.scalars(select(Outbox)).one()
        assert (job.task, job.ref) == ("embed", 1)
        event = session.scalars(select(Event)).one()
        assert (event.subject, event.subject_id, event.name) == ("fact_check", fact_check.id, "import")
        assert events.first_break(session) is None


def test_an_explanation_is_kept_apart_from_the_ways_of_making_the_claim(any_store: Store) -> None:
    with any_store.write() as session:
        upsert(session, [replace(ROW, claim="", explanation="Semeru tidak akan meletus.")])
    with any_store.read() as session:
        texts = session.execute(select(ClaimText.text, ClaimText.told).order_by(ClaimText.position)).all()
    assert [tuple(row) for row in texts] == [("Judul satu", False), ("Semeru tidak akan meletus.", True)]


def test_the_same_row_again_writes_nothing(any_store: Store) -> None:
    for expected in (Counts(added=1), Counts(same=1)):
        with any_store.write() as session:
            assert upsert(session, [replace(ROW, line=expected.same + 5)]) == expected
    assert [number_of(any_store, table) for table in (FactCheckVersion, ClaimText, Outbox, Event)] == [
        1,
        3,
        1,
        1,
    ]


def test_a_changed_row_is_a_further_version_with_new_wordings(any_store: Store) -> None:
    with any_store.write() as session:
        upsert(session, [ROW, replace(ROW, source_key="a2")])
        for text in session.scalars(select(ClaimText)):
            session.add(ClaimVector(claim_text_id=text.id, encoder="e", vector=b"\0\0"))
    changed = replace(ROW, title="Judul baru", searchable=False)
    with any_store.write() as session:
        assert upsert(session, [changed]) == Counts(updated=1)
    with any_store.read() as session:
        fact_check = session.scalars(select(FactCheck).where(FactCheck.source_key == "a1")).one()
        assert (fact_check.version, fact_check.seq, fact_check.searchable) == (2, 3, False)
        titles = session.scalars(
            select(FactCheckVersion.title)
            .where(FactCheckVersion.fact_check_id == fact_check.id)
            .order_by(FactCheckVersion.number)
        )
        assert titles.all() == ["Judul satu", "Judul baru"]
        texts = session.scalars(select(ClaimText).where(ClaimText.fact_check_id == fact_check.id)).all()
        assert {text.text for text in texts} == {"Judul baru", "Klaim satu", "Tidak benar."}
    assert number_of(any_store, ClaimVector) == 3, "the vectors of the other entry stay, the old ones go"


@pytest.mark.parametrize(
    ("first", "second"), [("own", "imported"), ("starter", "imported"), ("own", "starter")]
)
def test_no_import_changes_what_we_say_ourselves(any_store: Store, first: Any, second: Any) -> None:
    with any_store.write() as session:
        upsert(session, [ROW], origin=first)
    with any_store.write() as session:
        assert upsert(session, [replace(ROW, title="Lain")], origin=second) == Counts(
            protected=frozenset({"a1"})
        )
        assert upsert(session, [ROW], origin=second) == Counts(same=1)
    assert stored(any_store) == {"a1": (1, "Judul satu")}


def test_sequence_numbers_grow_with_every_change(any_store: Store) -> None:
    for batch in (
        [ROW],
        [replace(ROW, source_key="b"), replace(ROW, title="Baru")],
        [replace(ROW, source_key="c")],
    ):
        with any_store.write() as session:
            upsert(session, batch)
    with any_store.read() as session:
        seqs = session.scalars(select(FactCheck.seq).order_by(FactCheck.seq)).all()
    assert seqs == [2, 3, 4]


# whole imports


def test_import_twice(any_store: Store, config: Config, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", [*map(entry, range(1200)), "rusak", entry(5, title="Ulang"), {"title": ""}]
    )
    first = run_import(any_store, config, path)
    assert counts(first) == (1200, 0, 0, 3)
    assert [(problem.line, problem.reason) for problem in first.problems] == [
        (1201, "is not JSON at character 1: Expecting value"),
        (1202, "is the same entry as line 6"),
        (1203, "title: is missing or empty"),
    ]
    before = stored(any_store)
    again = run_import(any_store, config, path)
    assert counts(again) == (0, 0, 1200, 3)
    assert again.problems == first.problems
    assert stored(any_store) == before
    assert number_of(any_store, FactCheckVersion) == 1200


def test_a_changed_file_changes_what_changed(store: Store, config: Config, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", [*map(entry, range(10))])
    run_import(store, config, path)
    write(tmp_path / "a.jsonl", [entry(0, title="Baru"), *map(entry, range(1, 12))])
    assert counts(run_import(store, config, path)) == (2, 1, 9, 0)
    assert stored(store)["a0"] == (2, "Baru")


def test_a_folder_is_one_source_with_many_files(store: Store, config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "arsip"
    folder.mkdir()
    write(folder / "a.jsonl", [entry(1), "rusak"])
    (folder / "b.csv").write_text("judul,tanggal\nSatu,\nDua,kapan\n", "utf-8")
    (folder / "c.json").write_text('{"@graph": []}', "utf-8")
    report = run_import(store, config, str(folder))
    assert counts(report) == (2, 0, 0, 3)
    assert [(Path(problem.source).name, problem.line) for problem in report.problems] == [
        ("a.jsonl", 2), ("b.csv", 3), ("c.json", 0),
    ]  # fmt: skip
    assert report.problems[2].reason == "holds no ClaimReview"


@pytest.mark.parametrize(
    ("name", "content"), [("x.csv", "nama\nx\n"), ("x.json", "[]"), ("x.jsonl", ""), ("y", None)]
)
def test_a_source_that_cannot_be_read(
    store: Store, config: Config, tmp_path: Path, name: str, content: str | None
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(SourceUnreadable, match=f"{name}: "):
        run_import(store, config, str(tmp_path / name))
    with store.read() as session:
        row = session.scalars(select(ArchiveImport)).one()
        assert row.state == "failed"
        assert row.error
    if content is not None:
        (tmp_path / name).write_text('{"judul":1}\n{"target_id":"a","title":"Satu"}', "utf-8")
        if name.endswith(".jsonl"):
            assert counts(run_import(store, config, str(tmp_path / name))) == (1, 0, 0, 1)


def test_a_file_name_that_is_not_unicode(store: Store, config: Config, tmp_path: Path) -> None:
    path = tmp_path / "arsip-\udcff.jsonl"
    try:
        write(path, [entry(1)])
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert counts(run_import(store, config, str(path))) == (1, 0, 0, 0)
    assert counts(run_import(store, config, str(path))) == (0, 0, 1, 0)


def test_only_so_many_problems_are_kept_but_all_are_counted(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MAX_PROBLEMS", 7)
    monkeypatch.setattr(importing, "BATCH", 5)
    report = run_import(store, config, write(tmp_path / "a.jsonl", ["rusak"] * 20))
    assert report.refused == 20
    assert [problem.line for problem in report.problems] == [1, 2, 3, 4, 5, 6, 7]


def test_a_line_of_several_entries_is_taken_whole(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A position is a line: an import that stops within one would never come back for its rest."""
    monkeypatch.setattr(importing, "BATCH", 5)
    reviews = [
        {"@type": "ClaimReview", "claimReviewed": f"Klaim {n}", "url": f"https://contoh.example/{n}"}
        for n in range(7)
    ]
    path = write(tmp_path / "a.jsonl", [entry(1), {"@graph": reviews}, *map(entry, range(2, 9))])
    with pytest.raises(Stopped):
        run_import(store, config, path, stop_at(2))
    assert counts(run_import(store, config, path)) == (15, 0, 0, 0)


class Stopped(Exception):
    """What a test throws into an import."""


def stop_at(line: int) -> importing.OnProgress:
    def on_progress(progress: Progress) -> None:
        if progress.line >= line:
            raise Stopped

    return on_progress


def test_a_stopped_import_goes_on_where_it_stood(
    any_store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    path = write(tmp_path / "a.jsonl", [*map(entry, range(450)), "rusak", entry(3)])
    with pytest.raises(Stopped):
        run_import(any_store, config, path, stop_at(200))
    assert len(stored(any_store)) == 200
    report = run_import(any_store, config, path)
    assert report.resumed_from == 200
    assert counts(report) == (450, 0, 0, 2)
    assert [problem.reason for problem in report.problems][1] == "is the same entry as line 4"
    assert len(stored(any_store)) == number_of(any_store, FactCheckVersion) == 450
    assert number_of(any_store, ArchiveImport) == 1


def test_a_source_that_changed_in_between_starts_over(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    path = write(tmp_path / "a.jsonl", ["rusak", *map(entry, range(300))])
    with pytest.raises(Stopped):
        run_import(store, config, path, stop_at(200))
    write(tmp_path / "a.jsonl", [entry(0, title="Baru"), *map(entry, range(1, 300))])
    report = run_import(store, config, path)
    assert report.resumed_from == 0
    assert counts(report) == (101, 1, 198, 0)
    assert report.problems == ()
    assert number_of(store, ImportProblem) == 0


def test_two_processes_on_one_source_do_the_work_once(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one runs from start to end while the first is between two batches."""
    monkeypatch.setattr(importing, "BATCH", 100)
    path = write(tmp_path / "a.jsonl", [*map(entry, range(350)), "rusak"])
    second: list[journal.ImportReport] = []

    def meanwhile(progress: Progress) -> None:
        if progress.line == 100 and not second:
            second.append(None)  # type: ignore[arg-type]
            second[0] = run_import(store, config, path)

    first = run_import(store, config, path, meanwhile)
    assert counts(first) == counts(second[0]) == (350, 0, 0, 1)
    assert number_of(store, FactCheckVersion) == 350
    assert number_of(store, ImportProblem) == 1


def test_an_overtaken_import_stops(
    store: Store, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 100)
    path = tmp_path / "a.jsonl"
    write(path, [*map(entry, range(350))])
    old = path.read_bytes()

    def meanwhile(progress: Progress) -> None:
        if progress.line and path.read_bytes() == old:
            path.rename(tmp_path / "lama.jsonl")  # the first import keeps reading the old file
            write(path, [*map(entry, range(5))])
            run_import(store, config, str(path))

    with pytest.raises(SourceUnreadable, match="another import has taken over"):
        run_import(store, config, str(path), meanwhile)
    assert len(stored(store)) == 100


# addresses


def test_an_address_again_is_asked_whether_it_changed(store: Store, site: Site, config: Config) -> None:
    config = replace(config, fetch_allow=frozenset({site.host}))
    body = "".join(json.dumps(entry(n)) + "\n" for n in range(3)) + "rusak\n"
    site.pages["/a.jsonl"] = with_etag(body.encode(), '"satu"')
    first = run_import(store, config, site.url("/a.jsonl"))
    again = run_import(store, config, site.url("/a.jsonl"))
    assert (counts(first), counts(again)) == ((3, 0, 0, 1), (0, 0, 3, 1))
    assert again.problems == first.problems
    assert "if-none-match" in site.requests[-1].headers
    site.pages["/a.jsonl"] = with_etag(body.replace("Judul 1", "Baru").encode(), '"dua"')
    assert counts(run_import(store, config, site.url("/a.jsonl"))) == (0, 1, 2, 1)


def test_an_address_is_read_again_if_another_import_changed_its_entries(
    store: Store, site: Site, config: Config, tmp_path: Path
) -> None:
    config = replace(config, fetch_allow=frozenset({site.host}))
    site.pages["/a.jsonl"] = with_etag(json.dumps(entry(1)).encode(), '"satu"')
    url = site.url("/a.jsonl")
    run_import(store, config, url)
    run_import(store, config, write(tmp_path / "lain.jsonl", [entry(2)]))
    assert counts(run_import(store, config, url)) == (0, 0, 1, 0)
    assert "if-none-match" in site.requests[-1].headers
    run_import(store, config, write(tmp_path / "b.jsonl", [entry(1, title="Lain")]))
    assert counts(run_import(store, config, url)) == (0, 1, 0, 0)
    assert stored(store)["a1"] == (3, "Judul 1")
    run_import(store, config, url)
    assert "if-none-match" in site.requests[-1].headers


def test_an_address_is_read_again_by_readers_that_have_changed(
    store: Store, site: Site, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, fetch_allow=frozenset({site.host}))
    site.pages["/a.jsonl"] = with_etag(json.dumps(entry(1)).encode(), '"satu"')
    run_import(store, config, site.url("/a.jsonl"))
    monkeypatch.setattr(journal, "READERS", journal.READERS + 1)
    assert counts(run_import(store, config, site.url("/a.jsonl"))) == (0, 0, 1, 0)
    assert "if-none-match" not in site.requests[-1].headers


def test_after_a_stop_the_content_is_asked_for_whatever_the_etag(
    store: Store, site: Site, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, fetch_allow=frozenset({site.host}))
    monkeypatch.setattr(importing, "BATCH", 10)
    body = "".join(json.dumps(entry(n)) + "\n" for n in range(30))
    site.pages["/a.jsonl"] = with_etag(body.encode(), '"satu"')
    with pytest.raises(Stopped):
        run_import(store, config, site.url("/a.jsonl"), stop_at(10))
    report = run_import(store, config, site.url("/a.jsonl"))
    assert (report.resumed_from, counts(report)) == (10, (30, 0, 0, 0))


def test_a_blog_that_breaks_off_is_read_again_from_its_first_page(
    store: Store, site: Site, config: Config
) -> None:
    """What came before the break is kept; a post that moved forward because another went is not missed."""
    config = replace(config, fetch_allow=frozenset({site.host}))
    fetcher, numbers, broken = Fetcher(config, sleep=lambda _seconds: None), list(range(1, 1001)), [True]

    def page(request: Request) -> Reply:
        last = int(request.query["page"]) * 100
        if last >= 800 and broken:
            return Reply(status=500)
        posts = [
            {"id": n, "title": {"rendered": f"Judul {n}"}, "link": f"https://contoh.example/{n}"}
            for n in numbers[last - 100 : last]
        ]
        return Reply(json.dumps(posts).encode(), headers={"X-WP-TotalPages": "10", "X-WP-Total": "1000"})

    site.pages["/wp-json/wp/v2/posts"] = page
    url = site.url("/wp-json/wp/v2/posts")
    with pytest.raises(FetchFailed, match=r"page 10: .* answered 500"):
        run_import(store, config, url, fetcher=fetcher)
    assert len(stored(store)) == 700
    broken.clear()
    numbers.remove(150)
    numbers.append(1001)
    report = run_import(store, config, url, fetcher=fetcher)
    assert (report.resumed_from, counts(report)) == (0, (301, 0, 699, 0))
    assert set(stored(store)) == {f"https://contoh.example/{n}" for n in range(1, 1002)}


# by the workers


def test_an_import_for_the_workers(store: Store, site: Site, config: Config) -> None:
    config = replace(config, fetch_allow=frozenset({site.host}))
    url = site.serve("/a.jsonl", json.dumps(entry(1)).encode())
    with store.write() as session:
        analyst = make_account(session, "analis")
    import_id = enqueue_import(store, url, analyst)
    assert enqueue_import(store, url, analyst) == import_id
    assert {job.ref for job in outbox.claim(store, "import", 5)} == {import_id}
    for _ in range(2):
        assert counts(run_import_job(store, config, import_id)) == (1, 0, 0, 0)
    assert len(site.requests) == 1
    assert enqueue_import(store, url, analyst) != import_id


def test_who_may_owe_the_workers_what(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        verifier, admin = make_account(session, "verifikator"), make_account(session, "admin")
    with pytest.raises(Forbidden):
        enqueue_import(store, "https://contoh.example/", verifier)
    with pytest.raises(SourceUnreadable, match="Only http"):
        enqueue_import(store, "/etc/passwd", admin)
    assert enqueue_import(store, write(tmp_path / "a.jsonl", [entry(1)]), OPERATOR) == 1


def test_an_import_that_does_not_exist(store: Store, config: Config) -> None:
    with pytest.raises(NotFound):
        run_import_job(store, config, 77)


def test_a_job_whose_source_cannot_be_opened_fails_with_the_reason(store: Store, config: Config) -> None:
    import_id = enqueue_import(store, "/tidak/ada.jsonl", OPERATOR)
    with pytest.raises(SourceUnreadable, match="No such file"):
        run_import_job(store, config, import_id)
    with store.read() as session:
        assert session.get_one(ArchiveImport, import_id).error == "No such file or directory"


def test_a_job_whose_address_must_not_be_fetched_is_over(store: Store, config: Config) -> None:
    import_id = enqueue_import(store, "http://127.0.0.1:9/", OPERATOR)
    run_import_job(store, config, import_id)
    with store.read() as session:
        row = session.get_one(ArchiveImport, import_id)
        assert row.state == "failed"
        assert "not a public address" in row.error


def test_an_import_that_failed_waits_again_when_it_is_wanted_again(store: Store, config: Config) -> None:
    import_id = enqueue_import(store, "http://127.0.0.1:9/", OPERATOR)
    run_import_job(store, config, import_id)
    assert enqueue_import(store, "http://127.0.0.1:9/", OPERATOR) == import_id
    with store.read() as session:
        row = session.get_one(ArchiveImport, import_id)
        assert (row.state, row.error) == ("queued", "")


# the starter archive


def test_the_starter_archive_goes_in_once(any_store: Store) -> None:
    added = import_starter(any_store)
    assert added >= 150
    assert import_starter(any_store) == 0
    with any_store.read() as session:
        assert set(session.scalars(select(FactCheck.origin))) == {"starter"}
        assert set(session.scalars(select(FactCheckVersion.verdict))) >= {"hoaks", "tiruan"}
    assert number_of(any_store, FactCheck) == added
