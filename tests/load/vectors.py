"""Vectors in PostgreSQL by pgvector's HNSW beside exact search, on real files.

`python -m tests.load.vectors --data DIR [--entries N] [--queries N]` reads `id_archive.jsonl` and
`id_pairs.dev.jsonl` there. Prints recall@10 of HNSW against exact search, the time of each search, how often
the whole matching gives the same answer, and what of the archive's vectors a worker holds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from models.dense import Vectors
from models.elsewhere import Elsewhere
from models.encoders import load_encoder
from models.text import clean
from models.types import MatchResult
from tests.running import postgresql
from triage import outbox, schema
from triage.archive import jsonl
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.config import Config, load_config
from triage.db import Store
from triage.matcher import LiveMatcher
from triage.nearest import NearestInStore
from triage.tables import ClaimVector

TOP, BATCH = 10, 500
T = TypeVar("T")


def main() -> None:
    """Run the comparison in a temporary folder and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--entries", type=int, default=None)
    parser.add_argument("--queries", type=int, default=500)
    given = parser.parse_args()
    encoders = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    with tempfile.TemporaryDirectory(prefix="penjaga-vectors-") as folder, postgresql() as url:
        config = load_config(
            {
                "PENJAGA_DATA": folder,
                "PENJAGA_ENCODERS": str(encoders),
                "PENJAGA_DATABASE_URL": url,
                "PENJAGA_VECTORS": "pgvector",
            }
        )
        store = Store(config.database_url)
        schema.upgrade(store)
        _import(store, given.data / "id_archive.jsonl", given.entries)
        texts = _queries(given.data / "id_pairs.dev.jsonl", given.queries)
        _compare(store, config, texts)
        store.close()


def _import(store: Store, archive: Path, entries: int | None) -> None:
    with archive.open("rb") as stream:
        found = (row for row in jsonl.read(stream) if isinstance(row, ArchiveRow))
        rows = itertools.islice(found, entries)
        while batch := list(itertools.islice(rows, BATCH)):
            with store.write() as session:
                upsert(session, batch)


def _queries(pairs: Path, count: int) -> list[str]:
    lines = pairs.read_text("utf-8").splitlines()[:count]
    return [str(json.loads(line)["query"]) for line in lines]


def _compare(store: Store, config: Config, texts: Sequence[str]) -> None:
    began = time.perf_counter()
    memory = LiveMatcher(store, replace(config, vectors="memory"))
    while jobs := outbox.claim(store, "embed", 1):
        memory.embed(jobs)
    print(f"encoded      in {time.perf_counter() - began:.1f} s")
    encoder = load_encoder(config.encoder, config.encoders)
    search = NearestInStore.opened(store, encoder.name, encoder.dimension)
    assert search is not None
    began = time.perf_counter()
    search.take_in()
    _built(search)
    print(f"index        copied and built in {time.perf_counter() - began:.1f} s")
    queries = encoder.encode([clean(each) for each in texts], "query")
    _search(store, search, queries)
    _matching(memory, LiveMatcher(store, config), texts)


def _built(search: NearestInStore) -> None:
    # The thread that `take_in` started may be at it.
    while not search.build():
        time.sleep(0.2)


def _search(store: Store, search: NearestInStore, queries: NDArray[np.float32]) -> None:
    with store.read() as session:
        rows = session.query(ClaimVector.id, ClaimVector.vector).order_by(ClaimVector.id).all()
    keys = np.array([row.id for row in rows], np.int64)
    whole = np.stack([np.frombuffer(row.vector, "<f2") for row in rows]).astype(np.float32)
    held = Vectors.of(whole)

    def in_memory(query: NDArray[np.float32]) -> NDArray[np.int64]:
        return keys[np.argsort(-held.scores(query[np.newaxis])[0])[:TOP]]

    exact = [keys[np.argsort(-(whole @ query))[:TOP]] for query in queries]
    _print(f"exact, int8 in memory, {keys.size} vectors", exact, *_timed(in_memory, queries))
    _print("hnsw in PostgreSQL", exact, *_timed(lambda query: search.nearest(query, TOP), queries))
    with store.engine.connect() as connection:
        connection.execute(text("ALTER DATABASE postgres SET enable_indexscan = off"))
        connection.commit()
    store.engine.dispose()
    _print("exact in PostgreSQL", exact, *_timed(lambda query: search.nearest(query, TOP), queries[:50]))
    with store.engine.connect() as connection:
        connection.execute(text("ALTER DATABASE postgres RESET enable_indexscan"))
        connection.commit()
    store.engine.dispose()


def _timed(work: Callable[[NDArray[np.float32]], T], queries: NDArray[np.float32]) -> tuple[list[T], float]:
    work(queries[0])
    found, taken = [], []
    for query in queries:
        began = time.perf_counter()
        found.append(work(query))
        taken.append(1000 * (time.perf_counter() - began))
    return found, statistics.median(taken)


def _print(
    name: str, exact: Sequence[NDArray[np.int64]], found: Sequence[NDArray[np.int64]], taken: float
) -> None:
    recall = statistics.mean(
        len(set(right.tolist()) & set(got.tolist())) / TOP for right, got in zip(exact, found, strict=False)
    )
    print(f"search       {name}: recall@{TOP} {recall:.4f}, {taken:.2f} ms per query")


def _matching(memory: LiveMatcher, pgvector: LiveMatcher, texts: Sequence[str]) -> None:
    results, taken = {}, {}
    for name, matcher in (("memory", memory), ("pgvector", pgvector)):
        matcher.match(texts[:2])
        times = []
        results[name] = []
        for each in texts:
            began = time.perf_counter()
            results[name] += matcher.match([each])
            times.append(1000 * (time.perf_counter() - began))
        taken[name] = statistics.median(times)
    pairs = list(zip(results["memory"], results["pgvector"], strict=True))
    same_best = statistics.mean(_ids(here)[:1] == _ids(there)[:1] for here, there in pairs)
    same_band = statistics.mean(here.band == there.band for here, there in pairs)
    shared = statistics.mean(
        len(set(_ids(here)) & set(_ids(there))) / max(len(here.matches), 1) for here, there in pairs
    )
    print(
        f"matching     {len(texts)} messages: same best entry {same_best:.4f}, same band {same_band:.4f}, "
        f"of the suggestions shared {shared:.4f}"
    )
    here, there = (f"{taken[name]:.1f} ms" for name in ("memory", "pgvector"))
    print(f"matching     in memory {here}, with pgvector {there} per message, the encoder included")
    print(
        f"a worker holds {_bytes_held(memory) / 1e6:.1f} MB of vectors in memory, "
        f"{_bytes_held(pgvector) / 1e6:.1f} MB with pgvector"
    )


def _bytes_held(matcher: LiveMatcher) -> int:
    snapshot = matcher._matcher.index.snapshot()
    assert snapshot is not None
    held = 0
    for segment in snapshot.segments:
        vectors = segment.vectors
        if isinstance(vectors, Elsewhere):
            held += vectors.keys.nbytes + vectors.places.nbytes + vectors.weights.nbytes
            vectors = vectors.sample
        held += vectors.codes.nbytes + vectors.scales.nbytes
    return held


def _ids(result: MatchResult) -> list[str]:
    return [match.target_id for match in result.matches]


if __name__ == "__main__":
    main()
