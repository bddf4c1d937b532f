"""What fitting rests on: batches, folds, labels, bands. The fits themselves are measured, not tested."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from random import Random

import numpy as np
import pytest

from models.benchmark import Pair
from models.encoders import Encoder
from models.index import MatchIndex, Snapshot
from models.training import bands, pairs
from models.training.bands import Best
from models.training.labels import label
from models.training.pairs import Example, batches
from models.types import Entry
from tests.models.conftest import CLAIMS


@pytest.fixture(scope="module")
def snapshot(encoder: Encoder) -> Snapshot:
    entries = [Entry(name, (claim,), f"Faktanya kabar {name} keliru.") for name, claim in CLAIMS.items()]
    entries.append(Entry("lahar-lagi", (f"Hoaks: {CLAIMS['lahar']}",)))
    index = MatchIndex(encoder.dimension)
    index.update(entries, encoder.encode([text for entry in entries for text in entry.searched], "passage"))
    found = index.snapshot()
    assert found is not None
    return found


def test_no_two_examples_of_a_batch_share_a_claim_and_none_is_lost() -> None:
    examples = [
        Example(f"pesan {number}", (f"judul {number % 50}",), (), frozenset([number % 50, 100 + number % 7]))
        for number in range(400)
    ]
    claims_of = {example.query: example.claims for example in examples}
    found = batches(examples, 4, Random(3))
    for batch in found:
        claims = [claim for query in batch.queries for claim in claims_of[query]]
        assert len(claims) == len(set(claims))
        assert len(batch.queries) == len(batch.passages)
        assert batch.others == []
    assert sorted(query for batch in found for query in batch.queries) == sorted(claims_of)


def test_batches_are_the_same_for_the_same_seed() -> None:
    examples = [Example(f"pesan nomor {n}", ("a", "b"), ("c", "d"), frozenset([n])) for n in range(64)]
    first, again = (batches(examples, 8, Random(5), noisy=True) for _ in range(2))
    assert first == again
    assert any(query not in {each.query for each in examples} for batch in first for query in batch.queries)
    assert all(len(batch.others) == len(batch.queries) for batch in first)


def test_sentences_that_are_held_out_are_not_trained_on(tmp_path: Path) -> None:
    stored = json.loads(resources.files("models").joinpath("data/held_out_sentences.json").read_text("utf-8"))
    held = stored["ids"].split()[0]
    rows = [
        {"id": "lain", "lang": "jv", "ind": "Ayam naik atap.", "tgt": "Pitik munggah payon."},
        {"id": held, "lang": "mad", "ind": "Hujan lebat.", "tgt": "Ojan raja."},
    ]
    (tmp_path / "lang_pairs.train.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert [example.query for example in pairs.languages(tmp_path)] == ["Pitik munggah payon."]


def test_entries_in_the_same_words_are_right_with_all_their_rows(snapshot: Snapshot) -> None:
    (found,) = label(snapshot, [Pair("semeru", "lahar", frozenset(["lahar"]), "easy")])
    owners = sorted(snapshot.wordings[row].target_id for row in found.right)
    assert owners == ["lahar", "lahar", "lahar-lagi"]
    assert found.right <= found.unsure


def _best(odds: list[float], right: list[bool]) -> Best:
    count = len(odds)
    return Best(
        np.array(odds), np.full(count, 1), np.array(right), np.array(right), np.zeros(count, np.bool_)
    )


def test_a_line_makes_odds_true() -> None:
    draw = np.random.default_rng(1)
    odds = draw.normal(size=4000) * 3
    right = draw.random(4000) < 1 / (1 + np.exp(-(0.5 * odds - 1)))
    line = bands.lines(_best(odds.tolist(), right.tolist()))["medium"]
    assert line.slope == pytest.approx(0.5, abs=0.08)
    assert line.intercept == pytest.approx(-1, abs=0.15)
