"""The whole path on real files, through HTTP and real workers: import, submit, assess; then the account.

`python -m tests.load.journey --data DIR` reads `id_archive.jsonl`, `id_pairs.dev.jsonl` and
`id_negatives.dev.jsonl` there. Prints accepted = answered + queued + new + parked, rates, peak memory, R@1.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from tests.installation import Installation, installation, wait_for
from triage import receipts
from triage.config import load_config
from triage.db import Store
from triage.tables import Answer, ClaimGroup, FactCheck, Submission, SuggestedMatch

NEGATIVES = 500
SECONDS_PER_ITEM = 2.0


def main() -> None:
    """Run the journey in a temporary folder and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    encoders = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
    pairs = _rows(data / "id_pairs.dev.jsonl")
    negatives = _rows(data / "id_negatives.dev.jsonl")[:NEGATIVES]
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "data", encoders) as running:
        _import(running, data / "id_archive.jsonl")
        texts = [pair["query"] for pair in pairs] + [negative["text"] for negative in negatives]
        _submit(running, texts, pairs)


def _import(running: Installation, archive: Path) -> None:
    started = time.monotonic()
    done = running.run("archive", "import", str(archive))
    assert done.returncode == 0, done.stderr
    imported = time.monotonic() - started
    store = Store(load_config(running.environ).database_url)
    wait_for("the archive to be encoded", lambda: not running.owed(), 900, every=0.5)
    with store.read() as session:
        entries = session.scalar(select(func.count()).select_from(FactCheck))
    store.close()
    print(f"archive      {entries} entries: imported in {imported:.1f} s, ", end="")
    print(f"encoded and searchable after {time.monotonic() - started:.1f} s")


def _submit(running: Installation, texts: Sequence[str], pairs: Sequence[dict[str, Any]]) -> None:
    config = load_config(running.environ)
    store = Store(config.database_url)
    api = requests.Session()
    latencies, numbers = [], []
    started = time.monotonic()
    for text in texts:
        sent = time.perf_counter()
        response = api.post(f"{running.url}/api/v1/submissions", json={"text": text}, timeout=30)
        latencies.append(time.perf_counter() - sent)
        numbers.append(response.json()["receipt"] if response.status_code == 202 else None)
    posted = time.monotonic() - started
    accepted = sum(number is not None for number in numbers)
    wait_for("all submissions to be assessed", lambda: not running.owed(), len(texts) * SECONDS_PER_ITEM)
    drained = time.monotonic() - started
    hashes = [receipts.keyed_hash(config.secret, "receipt", n) if n else "" for n in numbers]
    _print_account(store, accepted, len(texts))
    _print_latency(latencies[:1000])
    print(
        f"throughput   posted {accepted / posted:.0f}/s, assessed {accepted / drained:.1f} items/s end to end"
    )
    print("peak memory  ", end="")
    print(", ".join(f"{name} {peak / 2**20:.0f} MiB" for name, peak in sorted(running.peak_memory().items())))
    _print_recall(store, pairs, hashes)
    store.close()


def _print_account(store: Store, accepted: int, sent: int) -> None:
    with store.read() as session:
        per_state = select(Submission.state, func.count()).group_by(Submission.state)
        states = Counter(dict(session.execute(per_state).all()))
        asked = (
            session.scalar(select(func.count()).select_from(Answer).where(Answer.fact_check_id.is_(None)))
            or 0
        )
        bands = Counter(
            dict(
                session.execute(
                    select(ClaimGroup.band, func.count())
                    .join(Submission, Submission.group_id == ClaimGroup.id)
                    .where(Submission.state == "assessed")
                    .group_by(ClaimGroup.band)
                ).all()
            )
        )
    answered, queued, new, parked = states["answered"], bands["review"], bands["new"], states["parked"]
    print(
        f"submissions  sent {sent}, accepted {accepted} = answered {answered} (of these asked back {asked}) "
        f"+ queued {queued} + new {new} + parked {parked}"
    )
    total = answered + queued + new + parked
    print(f"account      {'balanced' if total == accepted else f'NOT balanced: {accepted - total} missing'}")


def _print_latency(latencies: Sequence[float]) -> None:
    cuts = statistics.quantiles(latencies, n=100)
    p50, p95, p99, most = (1000 * seconds for seconds in (cuts[49], cuts[94], cuts[98], max(latencies)))
    print(f"POST         p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.0f} ms, ", end="")
    print(f"longest {most:.0f} ms over the first {len(latencies)} in a row")


def _print_recall(store: Store, pairs: Sequence[dict[str, Any]], hashes: Sequence[str]) -> None:
    with store.read() as session:
        best = {
            row.receipt_hash: row
            for row in session.execute(
                select(Submission.receipt_hash, Submission.state, FactCheck.source_key)
                .join(SuggestedMatch, SuggestedMatch.group_id == Submission.group_id)
                .join(FactCheck, FactCheck.id == SuggestedMatch.fact_check_id)
                .where(SuggestedMatch.rank == 1)
            )
        }
    known = [(pair, best.get(number)) for pair, number in zip(pairs, hashes, strict=False)]
    hits = sum(row is not None and row.source_key in _right(pair) for pair, row in known)
    told = [(pair, row) for pair, row in known if row is not None and row.state == "answered"]
    right = sum(row.source_key in _right(pair) for pair, row in told)
    false = sum(
        number in best and best[number].state == "answered" for number in hashes[len(pairs) :] if number
    )
    print(f"lenient R@1  {hits / len(pairs):.3f} over {len(pairs)} queries of id_pairs.dev, whole product")
    print(
        f"answered     {len(told)} of these, {right / max(len(told), 1):.3f} with the right entry; ", end=""
    )
    print(f"{false} of {len(hashes) - len(pairs)} texts of id_negatives.dev")


def _right(pair: dict[str, Any]) -> set[str]:
    return {pair["target_id"], *pair["alt_target_ids"], *pair["soft_alt_ids"], *pair["judged_same"]}


def _rows(path: Path) -> list[dict[str, Any]]:
    lines: Iterable[str] = path.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


if __name__ == "__main__":
    main()
