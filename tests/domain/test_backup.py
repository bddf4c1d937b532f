"""Backups: whole, consistent while others write, refused when damaged, and restored all or nothing."""

from __future__ import annotations

import gzip
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, select, text

from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from triage import accounting, asking, backup, events, keys, nearest, receipt_view, review, schema
from triage.backup import file
from triage.cli.backup import command as backup_command
from triage.cli.restore import command as restore_command
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import BackupRefused
from triage.tables import ClaimVector, Submission

KNOWN = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam, sebarkan ke semua grup keluarga"
NEW = "Jembatan Perak di Pasirian ditutup mulai besok pagi karena retak, semua kendaraan lewat Tempeh"


def _lived_in(store: Store, config: Config) -> str:
    """A store with an answered message, waiting ones, people, a source, a merged group; gives a receipt."""
    matching = ScriptedMatching()
    with store.write() as session:
        number, siti = make_fact_check(session, KNOWN[:60]).id, make_account(session)
        dewi = make_account(session, "penyetuju")
        session.add(ClaimVector(claim_text_id=1, encoder="e5", vector=b"\x00\x3c\xff\x80"))
    matching.expect(KNOWN, "answer", (number, 0.99))
    receipt = send(store, config, KNOWN, "d1", "35.08.01.2001")
    for words in (NEW, "Bupati membagikan beras gratis di pendopo malam ini, bawa KTP asli dan fotokopinya"):
        send(store, config, words, "d2")
    drain(store, matching)
    # The lower number goes up in the higher one: a row that points to one after it.
    review.merge(store, siti, 2, 3)
    asking.add_source(store, config, dewi, "bpbd", "BPBD Lumajang", "0812-0000-1111")
    keys.note(store, config)
    return receipt


def _content(store: Store) -> dict[str, list[Any]]:
    with store.read() as session:
        connection = session.connection()
        found = MetaData()
        found.reflect(connection)
        return {
            table.name: [
                tuple(file_value(value) for value in row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in found.sorted_tables
        }


def file_value(value: Any) -> Any:
    """An instant as both stores mean it."""
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


@pytest.fixture
def other_store(any_store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of the other kind than `any_store`, without a schema."""
    if any_store.is_sqlite:
        store = Store(request.getfixturevalue("empty_postgres"))
    else:
        store = Store(f"sqlite:///{tmp_path / 'other.db'}")
    yield store
    store.close()


def test_a_backup_moves_everything_to_the_other_kind_of_store(
    any_store: Store, other_store: Store, config: Config, tmp_path: Path
) -> None:
    receipt = _lived_in(any_store, config)
    target = tmp_path / "cadangan.penjaga"
    rows = backup.make(any_store, config, target)
    before = _content(any_store)
    assert rows == {name: len(found) for name, found in before.items() if name != schema.VERSIONS}
    found = backup.restore(other_store, config, target)
    assert _content(other_store) == before
    assert found.rows == rows
    assert found.broken is None
    assert found.accounts.adds_up
    assert schema.is_current(other_store)
    # It goes on where the other stopped.
    assert receipt_view.find(other_store, config, receipt).text == KNOWN
    send(other_store, config, "Kabar sesudah pindah: pembagian bibit di balai desa Kebonsari besok")
    drain(other_store, ScriptedMatching())
    with other_store.write() as session:
        assert session.scalars(select(Submission.id).order_by(Submission.id)).all() == [1, 2, 3, 4]
        newest = ClaimVector(claim_text_id=1, encoder="other", vector=b"\x00")
        session.add(newest)
        session.flush()
        assert newest.id == 2
    with other_store.read() as session:
        assert events.first_break(session) is None
        assert accounting.balance(session).adds_up


def test_what_pgvector_keeps_a_second_time_is_not_in_it(
    postgres_store: Store, store: Store, config: Config, tmp_path: Path
) -> None:
    with postgres_store.write() as session:
        session.execute(text(f"CREATE TABLE {nearest.TABLE} (vector_id BIGINT PRIMARY KEY, near TEXT)"))
        session.execute(text(f"INSERT INTO {nearest.TABLE} VALUES (1, '[0.5]')"))
    target = tmp_path / "cadangan.penjaga"
    assert nearest.TABLE not in backup.make(postgres_store, config, target)
    assert nearest.TABLE not in backup.restore(store, config, target).rows


def test_numbers_of_vectors_only_grow_over_a_backup(
    any_store: Store, other_store: Store, config: Config, tmp_path: Path
) -> None:
    _lived_in(any_store, config)
    with any_store.write() as session:
        session.execute(text("DELETE FROM claim_vector"))
    backup.make(any_store, config, tmp_path / "b")
    backup.restore(other_store, config, tmp_path / "b")
    with other_store.write() as session:
        vector = ClaimVector(claim_text_id=1, encoder="e5", vector=b"\x00")
        session.add(vector)
        session.flush()
        assert vector.id == 2


def test_a_backup_is_one_moment_while_others_write(
    any_store: Store, other_store: Store, config: Config, tmp_path: Path
) -> None:
    _lived_in(any_store, config)
    stop, sent = threading.Event(), [0, 0]

    def write(number: int) -> None:
        while not stop.is_set():
            send(any_store, config, f"Kabar {number} ke-{sent[number]}", f"d{number}")
            sent[number] += 1

    writers = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            before = sum(sent)
            rows = backup.make(any_store, config, tmp_path / str(number))
            assert rows["submission"] >= 3 + before
            end = time.monotonic() + 20
            while sum(sent) < before + 10 and time.monotonic() < end:
                time.sleep(0.01)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert sum(sent) >= 30
    for number in range(3):
        found = backup.restore(other_store, config, tmp_path / str(number), replace=True)
        # One moment: no message without its event and its work, and the chain ends where the log ends.
        assert found.broken is None
        assert found.accounts.adds_up
        assert found.rows["event"] == found.head.seq


def test_it_is_for_its_owner_alone_and_replaces_nothing_unasked(
    store: Store, config: Config, tmp_path: Path
) -> None:
    target = tmp_path / "b"
    backup.make(store, config, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    with pytest.raises(BackupRefused, match="exists already"):
        backup.make(store, config, target)
    assert target.read_bytes() == before
    send(store, config, NEW)
    assert backup.make(store, config, target, replace=True)["submission"] == 1
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".b")] == []


def test_the_secret_is_not_in_it_nor_what_it_seals(store: Store, config: Config, tmp_path: Path) -> None:
    _lived_in(store, config)
    backup.make(store, config, tmp_path / "b")
    with gzip.open(tmp_path / "b") as lines:
        content = lines.read().decode()
    assert "Jembatan Perak" in content
    assert config.secret not in content
    assert "0812-0000-1111" not in content


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _changed_word(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content).replace(b"Jembatan", b"Jembalan"))


def _row_gone(content: bytes) -> bytes:
    lines = gzip.decompress(content).splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if b"Jembatan" in line)
    return gzip.compress(b"".join(lines[:place] + lines[place + 1 :]))


def _end_gone(content: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(content).splitlines(keepends=True)[:-2]))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_cut, "ends too early"),
        (_flip, "damaged"),
        (_changed_word, "does not fit its checksum"),
        (_row_gone, "does not fit its checksum"),
        (_end_gone, "ends too early"),
        (lambda content: content + gzip.compress(b"lagi\n"), "something follows its end"),
        (lambda _content: b"", "ends too early"),
        (lambda _content: b"PK\x03\x04 something else", "damaged at the header"),
        (lambda _content: gzip.compress(b'{"a": 1}\n'), "is no backup of Penjaga"),
        (
            lambda content: gzip.compress(gzip.decompress(content).replace(b'"format":1', b'"format":2', 1)),
            "has format 2",
        ),
    ],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    store: Store, config: Config, tmp_path: Path, damage: Any, message: str
) -> None:
    _lived_in(store, config)
    target = tmp_path / "b"
    backup.make(store, config, target)
    target.write_bytes(damage(target.read_bytes()))
    before = _content(store)
    with pytest.raises(BackupRefused, match=message):
        backup.restore(store, config, target, replace=True)
    assert _content(store) == before


def test_every_byte_counts(store: Store, config: Config, tmp_path: Path) -> None:
    send(store, config, NEW)
    backup.make(store, config, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    told = list(file.read(tmp_path / "b"))
    refused = 0
    # In gzip's own header stand a time and a system, which mean nothing here.
    places = range(10, len(whole), 37)
    for place in places:
        (tmp_path / "b").write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            # The bits that fill up the last byte of what is compressed mean nothing either.
            assert list(file.read(tmp_path / "b")) == told, place
        except BackupRefused:
            refused += 1
    assert refused >= len(places) - 1


def test_a_store_that_holds_something_is_not_overwritten_unasked(
    any_store: Store, config: Config, tmp_path: Path
) -> None:
    receipt = _lived_in(any_store, config)
    backup.make(any_store, config, tmp_path / "b")
    kept = _content(any_store)
    later = send(any_store, config, "Kabar yang belum dicadangkan, tentang pembagian beras")
    before = _content(any_store)
    with pytest.raises(BackupRefused, match="not empty"):
        backup.restore(any_store, config, tmp_path / "b")
    assert _content(any_store) == before
    backup.restore(any_store, config, tmp_path / "b", replace=True)
    assert _content(any_store) == kept
    assert receipt_view.find(any_store, config, receipt).text == KNOWN
    assert later not in str(kept)


def test_another_secret_is_refused_unless_the_earlier_is_lost(
    store: Store, config: Config, tmp_path: Path
) -> None:
    _lived_in(store, config)
    backup.make(store, config, tmp_path / "b")
    other = load_config({"PENJAGA_DATA": str(tmp_path / "elsewhere")})
    there = Store(other.database_url)
    with pytest.raises(BackupRefused, match="made with another secret"):
        backup.restore(there, other, tmp_path / "b")
    with there.read() as session:
        assert schema.revision(session.connection()) is None
    knowing = load_config(
        {"PENJAGA_DATA": str(tmp_path / "elsewhere"), "PENJAGA_SECRET_EARLIER": config.secret}
    )
    backup.restore(there, knowing, tmp_path / "b")
    with there.read() as session:
        assert keys.standing(session, knowing) == "known"
    backup.restore(there, other, tmp_path / "b", replace=True, other_secret=True)
    with there.read() as session:
        assert keys.standing(session, other) == "known"
    there.close()


@pytest.mark.parametrize("revision", ["0001", "0006", "0009"])
def test_a_backup_of_an_earlier_schema_is_restored_and_upgraded(
    any_store: Store, other_store: Store, config: Config, tmp_path: Path, revision: str
) -> None:
    receipt = send(any_store, config, KNOWN)
    schema.downgrade(any_store, revision)
    backup.make(any_store, config, tmp_path / "b")
    found = backup.restore(other_store, config, tmp_path / "b")
    assert found.header.revision == revision
    assert schema.is_current(other_store)
    assert found.accounts.adds_up
    assert receipt_view.find(other_store, config, receipt).text == KNOWN


@pytest.mark.embedded
def test_a_broken_event_log_is_restored_as_it_was_and_told(
    store: Store, config: Config, tmp_path: Path
) -> None:
    _lived_in(store, config)
    with store.write() as session:
        session.execute(text("DROP TRIGGER event_no_update"))
        session.execute(text("UPDATE event SET actor = 'account:9' WHERE seq = 2"))
    backup.make(store, config, tmp_path / "b")
    found = backup.restore(store, config, tmp_path / "b", replace=True)
    assert found.broken is not None
    assert found.broken.seq == 2


def test_a_full_disk_leaves_no_half_backup(store: Store, config: Config, tmp_path: Path) -> None:
    _lived_in(store, config)
    folder = tmp_path / "stick"
    folder.mkdir()
    full = subprocess.run(
        [sys.executable, "-m", "triage.cli", "backup", str(folder / "b")],
        env=os.environ | {"PENJAGA_DATA": str(config.data)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode == 1
    assert "cannot be written" in full.stderr
    assert "Traceback" not in full.stderr
    assert list(folder.iterdir()) == []


_SLOW = """
import sys, time
from pathlib import Path
from triage.backup import file, restoring
from triage.config import load_config
from triage.db import Store
config = load_config()
def slowly(path, read=file.read):
    for part in read(path):
        yield part
        if passes and isinstance(part, file.Table) and part.name == "event":
            print("in the middle", flush=True)
            time.sleep(60)
    passes.append(1)
passes = []
restoring.file.read = slowly
restoring.restore(Store(sys.argv[1]), config, Path(sys.argv[2]), replace=True)
"""


@pytest.mark.parametrize("empty", [True, False])
def test_a_restore_that_is_killed_leaves_what_was_there_and_can_be_repeated(
    any_store: Store, config: Config, tmp_path: Path, empty: bool
) -> None:
    _lived_in(any_store, config)
    backup.make(any_store, config, tmp_path / "b")
    wanted = _content(any_store)
    if empty:
        schema.downgrade(any_store, "base")
    else:
        send(any_store, config, "Kabar yang datang sesudah cadangan dibuat")
    before = _content(any_store)
    url = any_store.engine.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, "-c", _SLOW, url, str(tmp_path / "b")],
        env=os.environ | {"PENJAGA_DATA": str(config.data)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "in the middle\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert _content(any_store) == before
    backup.restore(any_store, config, tmp_path / "b", replace=True)
    assert _content(any_store) == wanted


def test_the_commands_say_what_they_did(store: Store, config: Config, tmp_path: Path) -> None:
    _lived_in(store, config)
    environ = {"PENJAGA_DATA": str(config.data)}
    made = CliRunner().invoke(backup_command, [str(tmp_path / "b")], env=environ)
    assert made.exit_code == 0
    assert "The secret is not in it" in made.output
    restored = CliRunner().invoke(restore_command, [str(tmp_path / "b"), "--replace"], env=environ)
    assert restored.exit_code == 0, restored.output
    assert "  submission             3" in restored.output
    assert "chain ok: " in restored.output
    assert "accounting: accepted 3 = answered 1 + waiting 2 + parked 0 + erased 0" in restored.output
