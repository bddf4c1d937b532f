"""How much one machine takes: `python -m tests.load.throughput --data DIR`.

Reads `id_archive.jsonl`, `id_pairs.dev.jsonl` and `id_negatives.dev.jsonl` in DIR, starts `penjaga up` on
both stacks with one worker and with two, and prints what was accepted, assessed and read a second while the
generator of the load, the stores and everything else share the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psutil
from sqlalchemy import Table, func, insert, select, text

from tests.installation import MARKS, Installation, installation, wait_for
from tests.load import streams, wrk
from tests.load.stacks import STACKS, Stack
from triage import intake, schema
from triage.config import load_config
from triage.db import Store
from triage.intake import NewSubmission
from triage.tables import ArchiveImport, ClaimText, ClaimVector, FactCheck, FactCheckVersion, Submission

REGION = "35.08"
CONNECTIONS = 16
BACKLOG = 10_000
_DRAIN_S = 1800
# Percent of a core from which a process is at work.
_BUSY = 20.0
_ARCHIVE = (ArchiveImport, FactCheck, FactCheckVersion, ClaimText, ClaimVector)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=20, help="of each load")
    parser.add_argument("--stacks", nargs="+", choices=sorted(STACKS), default=sorted(STACKS))
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    given = parser.parse_args()
    if not wrk.installed():
        raise SystemExit("needs wrk: apt-get install wrk")
    texts = _texts(given.data)
    with tempfile.TemporaryDirectory(prefix="penjaga-load-") as folder:
        filled = _filled(Path(folder) / "filled", given.data / "id_archive.jsonl")
        for name in given.stacks:
            for workers in given.workers:
                with _running(STACKS[name], workers, filled, Path(folder) / f"{name}-{workers}") as running:
                    print(f"\n{name}, {workers} worker{'s' if workers > 1 else ''}")
                    _measure(running, texts, given.seconds)


def _measure(running: Installation, texts: Sequence[str], seconds: int) -> None:
    store = Store(load_config(running.environ).database_url)
    before, held = _bytes(store), _messages(store)
    _warm_up(running)
    _submit("viral stream", running, streams.viral(texts, 1), seconds, 400)
    _submit("all new", running, streams.all_new(texts[::-1], 2), max(seconds // 4, 3), 60)
    _read(running, texts[:200], seconds)
    _backlog(running, streams.viral(texts[::-1], 3))
    grown, came = _bytes(store) - before, _messages(store) - held
    print(f"{'store':13} {grown / came / 1024:.1f} KiB a message, of {came}")
    print(f"{'peak memory':13} ", end="")
    print(", ".join(f"{name} {peak / 2**20:.0f} MiB" for name, peak in sorted(running.peak_memory().items())))
    store.close()


def _warm_up(running: Installation) -> None:
    """Let each thread of the web process open what it keeps open."""
    folder = running.data.parent
    lines = streams.write(
        [json.dumps({"text": "Apakah server sudah siap untuk diukur?"})], folder / "warm.jsonl"
    )
    wrk.post(f"{running.url}/api/v1/submissions", lines, 2, CONNECTIONS, folder)
    wait_for("the warm-up to be assessed", lambda: not running.owed(), _DRAIN_S, every=0.2)


def _submit(name: str, running: Installation, texts: Iterator[str], seconds: int, most: int) -> None:
    """Post for a while, and wait until all of it is assessed; `most`: what may come a second."""
    folder = running.data.parent
    lines = streams.write(
        streams.bodies(texts, most * seconds * 3, REGION, 1), folder / f"{name.replace(' ', '-')}.jsonl"
    )
    began, before = time.monotonic(), running.processor_time()
    load = wrk.post(f"{running.url}/api/v1/submissions", lines, seconds, CONNECTIONS, folder)
    wait_for("all to be assessed", lambda: not running.owed(), _DRAIN_S, every=0.2)
    accepted = load.answered - load.refused
    lasted = time.monotonic() - began
    print(f"{name:13} accepted {load}; assessed {accepted / lasted:.1f}/s ({accepted} in {lasted:.0f} s)")
    taken = running.processor_time()
    each = (f"{part} {1000 * (taken[part] - before[part]) / accepted:.1f} ms" for part in ("web", "worker"))
    print(f"{'of a core':13} {', '.join(each)} a message")


def _read(running: Installation, texts: Sequence[str], seconds: int) -> None:
    folder = running.data.parent
    found = _send(running, texts)
    paths = {
        "status page": [f"/status/{receipt}" for receipt in found],
        "status API": [f"/api/v1/submissions/{receipt}" for receipt in found],
        "form": ["/"],
        "fact list": ["/fakta"],
    }
    for name, lines in paths.items():
        file = streams.write(lines, folder / "paths.txt")
        print(f"{name:13} read {wrk.get(running.url, file, max(seconds // 4, 3), CONNECTIONS, folder)}")


def _backlog(running: Installation, texts: Iterator[str]) -> None:
    """Let the workers stand still until much waits, and see what they need to catch up."""
    folder = running.data.parent
    workers = _workers(running)
    for process in workers:
        process.suspend()
    lines = streams.write(streams.bodies(texts, BACKLOG, REGION, 4), folder / "backlog.jsonl")
    sent = 0
    while sent < BACKLOG:
        load = wrk.post(f"{running.url}/api/v1/submissions", lines, 5, CONNECTIONS, folder)
        sent += load.answered - load.refused
    for process in workers:
        process.resume()
    began, memory = time.monotonic(), []

    def drained() -> bool:
        memory.append(sum(process.memory_info().rss for process in workers) / 2**20)
        return not running.owed()

    wait_for("the backlog to be assessed", drained, _DRAIN_S, every=1.0)
    print(f"{'backlog':13} {sent} waited; assessed in {time.monotonic() - began:.0f} s; workers ", end="")
    print(f"{memory[0]:.0f} MiB at the start, {max(memory):.0f} at most, {memory[-1]:.0f} at the end")


def _bytes(store: Store) -> int:
    with store.read() as session:
        if not store.is_sqlite:
            return session.scalar(text("SELECT pg_database_size(current_database())")) or 0
        pages = session.scalar(text("PRAGMA page_count")) or 0
        return pages * (session.scalar(text("PRAGMA page_size")) or 0)


def _messages(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count(Submission.id))) or 0


def _send(running: Installation, texts: Sequence[str]) -> list[str]:
    """Put messages in and wait until they are assessed; returns their receipts."""
    config = load_config(running.environ)
    store = Store(config.database_url)
    found = [intake.accept(store, config, NewSubmission(each)) for each in texts]
    store.close()
    wait_for("these to be assessed", lambda: not running.owed(), _DRAIN_S, every=0.2)
    return found


def _workers(running: Installation) -> list[psutil.Process]:
    tree = psutil.Process(running.process.pid).children(recursive=True)
    return [process for process in tree if MARKS["worker"] in " ".join(process.cmdline())]


def _idle(running: Installation) -> bool:
    return all(process.cpu_percent(1.0) < _BUSY for process in _workers(running))


@contextmanager
def _running(stack: Stack, workers: int, filled: Store, data: Path) -> Iterator[Installation]:
    """Start `penjaga up` with so many workers on a store that holds the archive already."""
    encoders = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    data.mkdir(parents=True)
    with stack(data.parent / f"{data.name}-stack") as environ:
        # From another address each: as behind the proxy that a server has in front.
        settings = environ | {"PENJAGA_WORKERS": str(workers), "PENJAGA_PROXIES": "1"}
        store = Store(load_config(settings | {"PENJAGA_DATA": str(data)}).database_url)
        schema.upgrade(store)
        _copy(filled, store)
        store.close()
        with installation(data, encoders, settings=settings) as running:
            _send(running, ["Apakah server sudah siap untuk diukur?"])
            wait_for("the archive to be in memory", lambda: _idle(running), _DRAIN_S)
            yield running


def _filled(data: Path, archive: Path) -> Store:
    """Import and encode the archive once; returns the store that holds it."""
    encoders = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    began = time.monotonic()
    with installation(data, encoders) as running:
        done = running.run("archive", "import", str(archive))
        assert done.returncode == 0, done.stderr
        wait_for("the archive to be encoded", lambda: not running.owed(), _DRAIN_S, every=0.5)
        store = Store(load_config(running.environ).database_url)
    with store.read() as session:
        number = len(session.scalars(select(FactCheck.id)).all())
    print(f"archive of {number} entries, imported and encoded in {time.monotonic() - began:.0f} s")
    return store


def _copy(source: Store, target: Store) -> None:
    with source.read() as there, target.write() as here:
        for entity in _ARCHIVE:
            table = cast("Table", entity.__table__)
            for rows in there.execute(select(table)).mappings().partitions(1000):
                here.execute(insert(table), [dict(row) for row in rows])


def _texts(data: Path) -> list[str]:
    """Return the messages of the development data, each once, in an order that a seed gives."""
    found = [row["query"] for row in _rows(data / "id_pairs.dev.jsonl")]
    found += [row["text"] for row in _rows(data / "id_negatives.dev.jsonl")]
    mixed = list(dict.fromkeys(found))
    random.Random(1).shuffle(mixed)
    return mixed


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


if __name__ == "__main__":
    main()
