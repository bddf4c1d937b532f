"""`penjaga archive` as people run it: what it prints, what it survives."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from tests.site import Site, open_site
from triage.archive import jsonl
from triage.archive.rows import ArchiveRow
from triage.cli import penjaga
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.tables import ArchiveImport, ClaimText, FactCheck, FactCheckVersion, ImportProblem

ENTRIES = 6_000


@pytest.fixture
def environ(config: Config, on_stack: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a command on this test's installation."""
    monkeypatch.setenv("PENJAGA_DATA", str(config.data))
    for name in {"PENJAGA_DATABASE_URL", "PENJAGA_FETCH_ALLOW", "PENJAGA_ENV"} - set(on_stack):
        monkeypatch.delenv(name, raising=False)
    return dict(os.environ)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def run(*arguments: str) -> Result:
    return CliRunner().invoke(penjaga, ["archive", *arguments])


def lines(path: Path, count: int, broken: frozenset[int] = frozenset()) -> Path:
    """Write an archive of so many entries; lines in `broken` (from 1) are none."""
    with path.open("w", encoding="utf-8") as stream:
        for number in range(1, count + 1):
            entry = {"target_id": f"a{number}", "title": f"Judul {number}", "text": "Tidak benar. " * 20}
            stream.write("rusak\n" if number in broken else json.dumps(entry) + "\n")
    return path


def test_import_reports_every_refused_row(environ: dict[str, str], tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 5, broken=frozenset({2, 4}))
    result = run("import", str(path))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{path}:2: is not JSON at character 1: Expecting value",
        f"{path}:4: is not JSON at character 1: Expecting value",
        f"{path}: added 3, updated 0, same 0, refused 2",
    ]
    assert "added 0, updated 0, same 3, refused 2" in run("import", str(path)).stdout


def test_only_the_first_refused_rows_are_shown(environ: dict[str, str], tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 61, broken=frozenset(range(1, 61)))
    shown = run("import", str(path)).stdout.splitlines()
    assert len(shown) == 52
    assert shown[-2:] == ["and 10 more", f"{path}: added 1, updated 0, same 0, refused 60"]


def test_a_source_that_cannot_be_opened_stops_no_other(environ: dict[str, str], tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 2)
    result = run("import", str(tmp_path / "tidak-ada"), "http://127.0.0.1:9/", str(path))
    assert result.exit_code == 1
    assert "added 2, updated 0, same 0, refused 0" in result.stdout
    assert result.stderr.splitlines()[0] == f"penjaga: {tmp_path}/tidak-ada: No such file or directory"
    assert "PENJAGA_FETCH_ALLOW" in result.stderr
    assert "Traceback" not in result.output


def test_arguments_that_name_nothing_stop_no_other(environ: dict[str, str], tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", 2)
    names = ("~tidak-ada-orangnya/x.jsonl", "a" * 300, "")
    result = run("import", *names, str(path))
    assert result.exit_code == 1
    assert result.stdout == f"{path}: added 2, updated 0, same 0, refused 0\n"
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == ["penjaga"] * len(names)


def test_a_folder_of_nothing_but_bad_files_names_each(environ: dict[str, str], tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number:02}.csv").write_text("nama\nx\n", "utf-8")
    result = run("import", str(tmp_path))
    assert result.exit_code == 1
    heading, *named, rest = result.stderr.splitlines()
    assert heading == f"penjaga: {tmp_path}: none of its 60 files could be read"
    assert [line.partition(": no column")[0] for line in named] == [
        f"  {tmp_path}/{number:02}.csv" for number in range(50)
    ]
    assert rest == "  and 10 more"


def test_a_file_name_that_the_terminal_does_not_take(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "nama-\udcff\x1b[2J\né.jsonl"
    try:
        lines(path, 1, broken=frozenset({1}))
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    shown = subprocess.run(
        command(path), env=environ | {"PYTHONIOENCODING": "utf-8:strict"}, capture_output=True, check=True
    )
    name = f"{tmp_path}/nama-\\udcff\\x1b[2J\\né.jsonl"
    assert shown.stdout.decode().splitlines() == [
        f"{name}:1: is not JSON at character 1: Expecting value",
        f"{name}: added 0, updated 0, same 0, refused 1",
    ]


def test_an_output_that_takes_no_more_stops_no_import(
    environ: dict[str, str], config: Config, tmp_path: Path
) -> None:
    lines(tmp_path / "b.jsonl", 3)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command(lines(tmp_path / "a.jsonl", 2)), str(tmp_path / "b.jsonl")],
            env=environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "penjaga: the output cannot be written: No space left on device\n"
    store = Store(config.database_url)
    with store.read() as session:
        imports = session.scalars(select(ArchiveImport).order_by(ArchiveImport.id))
        assert [(row.state, row.added) for row in imports] == [("finished", 2), ("finished", 1)]
    store.close()


def test_an_address(environ: dict[str, str], site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENJAGA_FETCH_ALLOW", site.host)
    url = site.serve("/klaim", b'{"@type": "ClaimReview", "claimReviewed": "Satu"}', "application/ld+json")
    assert run("import", url).stdout == f"{url}: added 1, updated 0, same 0, refused 0\n"


def test_list(environ: dict[str, str], tmp_path: Path) -> None:
    assert run("list").stdout == ""
    path = lines(tmp_path / "a.jsonl", 2)
    run("import", str(path), str(tmp_path / "tidak-ada"))
    listed = run("list").stdout.splitlines()
    assert listed[0].endswith(f"finished     added 2, updated 0, same 0, refused 0  {path}")
    assert listed[2].strip() == "No such file or directory"


def test_nothing_to_import(environ: dict[str, str]) -> None:
    assert run("import").exit_code == 2


def test_an_import_that_a_person_stops(environ: dict[str, str], config: Config, tmp_path: Path) -> None:
    # So many that it cannot be done before a busy machine comes to stop it.
    many = 3 * ENTRIES
    path, store = lines(tmp_path / "a.jsonl", many), Store(config.database_url)
    process = subprocess.Popen(command(path), env=environ, stderr=subprocess.PIPE, text=True)
    end_when(process, store, 500, signal.SIGINT)
    assert process.returncode == 130
    assert process.stderr is not None
    assert process.stderr.read().splitlines()[-1] == (
        f"penjaga: {path}: interrupted. What was read so far is in the archive; "
        "the same command goes on from there."
    )
    reached = position(store)
    assert 500 <= reached < many
    assert (
        f"interrupted  added {reached}, updated 0, same 0, refused 0, at line {reached}" in run("list").stdout
    )
    assert f"went on after line {reached}" in run("import", str(path)).stdout
    everything_once(store, many)
    store.close()


@pytest.mark.parametrize(
    ("silent", "state"), [(timedelta(minutes=1), "running"), (timedelta(hours=1), "interrupted")]
)
def test_an_import_that_was_killed_is_not_said_to_run_for_ever(
    environ: dict[str, str], config: Config, tmp_path: Path, silent: timedelta, state: str
) -> None:
    run("import", str(lines(tmp_path / "a.jsonl", 2)))
    store = Store(config.database_url)
    with store.write() as session:
        session.execute(update(ArchiveImport).values(state="running", touched_at=now() - silent))
    store.close()
    assert f"UTC  {state:<11}  added 2" in run("list").stdout


def test_an_import_for_the_workers_waits_in_the_list(environ: dict[str, str], tmp_path: Path) -> None:
    """No broker runs here; the real thing is in the tests of the workers."""
    for name in ("b.jsonl", "a.jsonl"):
        lines(tmp_path / name, 2)
    url = "https://contoh.example/umpan.xml"
    result = run("import", "--background", str(tmp_path), url, str(tmp_path / "tidak" / ""), "~tidak-ada/x")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:4] == [
        f"import 1: {tmp_path}/a.jsonl",
        f"import 2: {tmp_path}/b.jsonl",
        f"import 3: {url}",
        f"import 4: {tmp_path}/tidak",
    ]
    assert result.stderr.splitlines() == [
        "penjaga: ~tidak-ada/x: there is no home folder of that name",
        "the broker does not answer: imports start when a worker runs again",
    ]
    assert [line.split()[3:5] for line in run("list").stdout.splitlines()] == [["UTC", "queued"]] * 4


def position(store: Store) -> int:
    """How far the import is, in another process; 0 before it began."""
    try:
        with store.read() as session:
            return session.scalar(select(func.max(ArchiveImport.position))) or 0
    except (SQLAlchemyError, StoreUnavailable):
        return 0  # the other process has not migrated yet


def command(path: Path) -> list[str]:
    return [sys.executable, "-m", "triage.cli", "archive", "import", str(path)]


def end_when(process: subprocess.Popen[Any], store: Store, line: int, how: signal.Signals) -> None:
    """Send a process a signal once its import has passed a line."""
    deadline = time.monotonic() + 120
    while position(store) < line:
        assert process.poll() is None, "the import ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(how)
    process.wait()


def everything_once(store: Store, count: int) -> None:
    """Check that each entry is there with one version, one wording and one explanation."""
    with store.read() as session:
        assert set(session.scalars(select(FactCheck.source_key))) == {f"a{n}" for n in range(1, count + 1)}
        for table in (FactCheck, FactCheckVersion):
            assert session.scalar(select(func.count()).select_from(table)) == count
        assert session.scalar(select(func.count()).select_from(ClaimText)) == 2 * count


def test_an_import_that_is_killed_again_and_again(
    environ: dict[str, str], config: Config, tmp_path: Path
) -> None:
    broken = frozenset({7, ENTRIES + 1})
    path, store = lines(tmp_path / "a.jsonl", ENTRIES + 1, broken), Store(config.database_url)
    for line in (500, 2000, 4500):
        process = subprocess.Popen(command(path), env=environ, stderr=subprocess.DEVNULL)
        end_when(process, store, line, signal.SIGKILL)
    reached = position(store)
    assert 4500 <= reached < ENTRIES
    finished = subprocess.run(command(path), env=environ, capture_output=True, text=True, check=True)
    assert f"went on after line {reached}" in finished.stdout
    assert f"added {ENTRIES - 1}, updated 0, same 0, refused 2" in finished.stdout
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(FactCheckVersion)) == ENTRIES - 1
        assert session.scalar(select(func.count()).select_from(ClaimText)) == 2 * (ENTRIES - 1)
        assert session.scalars(select(ImportProblem.line)).all() == [7, ENTRIES + 1]
        assert session.scalar(select(func.count()).select_from(ArchiveImport)) == 1
    store.close()


@pytest.mark.embedded
def test_a_full_disk_loses_nothing_that_is_in(
    environ: dict[str, str], config: Config, tmp_path: Path
) -> None:
    """The limit on the size of a file stands in for the end of the disk."""
    path, store = lines(tmp_path / "a.jsonl", ENTRIES), Store(config.database_url)
    limit = 3_000_000
    full = subprocess.run(
        command(path),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert full.returncode == 1
    assert "the store took no more (is the disk full?)" in full.stderr
    assert "the same command goes on there" in full.stderr
    assert "Traceback" not in full.stderr
    reached = position(store)
    assert 0 < reached < ENTRIES
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(FactCheck)) == reached
    again = subprocess.run(command(path), env=environ, capture_output=True, text=True, check=True)
    assert f"added {ENTRIES}, updated 0, same 0, refused 0" in again.stdout
    everything_once(store, ENTRIES)
    store.close()


def shared() -> Path | None:
    """The folder of measuring data beside the repository, if this machine has it."""
    given = os.environ.get("PENJAGA_SHARED")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared"
    return folder if (folder / "data" / "id_archive.jsonl").is_file() else None


@pytest.mark.slow
@pytest.mark.skipif(shared() is None, reason="the measuring data (PENJAGA_SHARED) is not on this machine")
def test_the_whole_archive_of_indonesian_fact_checks_is_accounted_for(
    environ: dict[str, str], config: Config
) -> None:
    folder = shared()
    assert folder is not None
    path = folder / "data" / "id_archive.jsonl"
    assert "added 27442, updated 0, same 0, refused 0" in run("import", str(path)).stdout
    assert "added 0, updated 0, same 27442, refused 0" in run("import", str(path)).stdout
    with path.open("rb") as stream:
        rows = [row for row in jsonl.read(stream) if isinstance(row, ArchiveRow)]
    store = Store(config.database_url)
    with store.read() as session:
        stored = session.execute(
            select(FactCheck.source_key, FactCheckVersion.title, FactCheckVersion.verdict).join(
                FactCheckVersion
            )
        )
        assert Counter(map(tuple, stored)) == Counter(
            (row.source_key, row.title, row.verdict) for row in rows
        )
    store.close()
