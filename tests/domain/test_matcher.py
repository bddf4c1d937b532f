"""The live matcher: its index follows the store, and only what is new is read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import structlog
from sqlalchemy import event as sqlalchemy_event

from models.types import MatchResult
from triage import outbox
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.config import Config, load_config
from triage.db import Store
from triage.matcher import LiveMatcher
from triage.tables import ClaimText, ClaimVector, FactCheck

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
TITLES = {
    "a": "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam",
    "b": "Gempa besar akan mengguncang pantai selatan pada hari Jumat",
}


@pytest.fixture
def config(tmp_path: Path, on_stack: dict[str, str]) -> Config:
    settings = {"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": str(ENCODERS)}
    return load_config(settings | on_stack)


def _put(store: Store, **titles: str) -> None:
    with store.write() as session:
        upsert(session, [ArchiveRow(source_key=key, title=title) for key, title in titles.items()])


def _embed(store: Store, matcher: LiveMatcher) -> None:
    while jobs := outbox.claim(store, "embed", 4):
        matcher.embed(jobs)


def _best(store: Store, results: Sequence[MatchResult]) -> list[str | None]:
    with store.read() as session:
        keys = {str(row.id): row.source_key for row in session.query(FactCheck)}
    return [keys[result.matches[0].target_id] if result.matches else None for result in results]


def test_entries_are_found_once_encoded_changed_and_forgotten(any_store: Store, config: Config) -> None:
    matcher = LiveMatcher(any_store, config)
    assert matcher.match([TITLES["a"]])[0].matches == ()
    _put(any_store, **TITLES)
    _embed(any_store, matcher)
    assert _best(any_store, matcher.match(list(TITLES.values()))) == ["a", "b"]
    _put(any_store, a="Undian motor dari toko daring bagi pelanggan lama")
    _embed(any_store, matcher)
    assert _best(any_store, matcher.match(["undian motor toko daring pelanggan lama"])) == ["a"]
    with any_store.write() as session:
        entry = session.query(FactCheck).filter(FactCheck.source_key == "a").one()
        entry.searchable, entry.seq = False, entry.seq + 10
    assert _best(any_store, matcher.match(["undian motor toko daring pelanggan lama"])) == ["b"]


def test_an_entry_is_found_by_its_explanation_once_that_is_encoded(store: Store, config: Config) -> None:
    matcher = LiveMatcher(store, config)
    told = (
        "Beredar kabar bahwa petani bercangkul gagang merah didatangi macan kumbang. Kabar itu tidak benar."
    )
    _put(store, **TITLES)
    with store.write() as session:
        upsert(session, [ArchiveRow(source_key="c", title="Pesan berantai soal cangkul", explanation=told)])
    with store.read() as session:
        explained = session.query(ClaimText).filter(ClaimText.told).one()
    _embed(store, matcher)
    asked = ["petani bercangkul gagang merah didatangi macan kumbang"]
    with_it = matcher.match(asked)[0]
    assert _best(store, [with_it]) == ["c"]
    with store.write() as session:
        session.query(ClaimVector).filter(ClaimVector.claim_text_id == explained.id).delete()
    without = LiveMatcher(store, config).match(asked)[0]
    assert _best(store, [without]) == ["c"], "an entry must not wait for its explanation"
    assert without.matches[0].probability < with_it.matches[0].probability


def test_a_second_process_loads_what_the_first_encoded(store: Store, config: Config) -> None:
    first = LiveMatcher(store, config)
    _put(store, **TITLES)
    _embed(store, first)
    with store.read() as session:
        before = session.query(ClaimVector).count()
    second = LiveMatcher(store, config)
    assert outbox.claim(store, "embed", 4) == []
    assert _best(store, second.match([TITLES["b"]])) == ["b"]
    assert before == 2


def test_an_archive_without_vectors_for_this_encoder_is_encoded_again(store: Store, config: Config) -> None:
    _put(store, **TITLES)
    for job in outbox.claim(store, "embed", 4):
        with store.write() as session:
            outbox.settle(session, job)
    matcher = LiveMatcher(store, config)
    _embed(store, matcher)
    assert _best(store, matcher.match([TITLES["a"]])) == ["a"]


def test_embedding_the_same_job_twice_stores_each_vector_once(store: Store, config: Config) -> None:
    matcher = LiveMatcher(store, config)
    _put(store, **TITLES)
    jobs = outbox.claim(store, "embed", 4)
    matcher.embed(jobs)
    matcher.embed(jobs)
    with store.read() as session:
        assert session.query(ClaimVector).count() == 2


def test_matching_again_reads_nothing_but_what_is_new(store: Store, config: Config) -> None:
    matcher = LiveMatcher(store, config)
    _put(store, **TITLES)
    _embed(store, matcher)
    matcher.match([TITLES["a"]])
    statements: list[str] = []
    sqlalchemy_event.listen(
        store.engine, "before_cursor_execute", lambda *given: statements.append(str(given[2]))
    )
    matcher.match([TITLES["a"]])
    # What was learned; whom nobody trusts; the newest number, what left since, what is new since, and the
    # entries of that: none.
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 6


@pytest.mark.parametrize("damaged", [b"", b"\0\1\2", np.full(384, np.nan, "<f2").tobytes()])
def test_an_entry_with_a_damaged_vector_is_left_out_with_a_warning(
    store: Store, config: Config, damaged: bytes
) -> None:
    first = LiveMatcher(store, config)
    _put(store, **TITLES)
    _embed(store, first)
    with store.write() as session:
        vector = session.query(ClaimVector).order_by(ClaimVector.id).first()
        assert vector is not None
        vector.vector = damaged
    with structlog.testing.capture_logs() as said:
        found = LiveMatcher(store, config).match(list(TITLES.values()))
    assert {key for result in found for key in _best(store, [result])} == {"b"}
    assert [(line["event"], line["log_level"]) for line in said] == [("vector_damaged", "warning")]


def test_what_is_owed_already_is_not_owed_once_more_at_each_start(any_store: Store, config: Config) -> None:
    _put(any_store, **TITLES)
    for job in outbox.claim(any_store, "embed", 4):
        with any_store.write() as session:
            outbox.settle(session, job)
    for _ in range(3):
        LiveMatcher(any_store, config)
    assert len(outbox.claim(any_store, "embed", 9)) == 1
    # What a worker claimed is still owed; what is owed up to an earlier change is not enough.
    LiveMatcher(any_store, config)
    assert outbox.claim(any_store, "embed", 9) == []
    with any_store.write() as session:
        session.query(FactCheck).order_by(FactCheck.seq.desc()).first().seq += 10  # type: ignore[union-attr]
    LiveMatcher(any_store, config)
    assert len(outbox.claim(any_store, "embed", 9)) == 1


def test_vectors_of_an_earlier_encoder_go_once_all_are_made_anew(
    any_store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.matcher.DROP_CHUNK", 2)
    matcher = LiveMatcher(any_store, config)
    _put(any_store, **TITLES, c="Undian motor dari toko daring bagi pelanggan lama")
    _encoded_by(any_store, "earlier")
    matcher.drop_earlier_vectors()
    assert _encoders(any_store) == {"earlier": 3}
    _embed(any_store, matcher)
    # Another encoder begins to take over: its vectors are younger, and not ours to remove.
    _encoded_by(any_store, "next", 1)
    matcher.drop_earlier_vectors()
    assert sorted(_encoders(any_store).values()) == [1, 3]
    assert _encoders(any_store)["next"] == 1
    assert _best(any_store, matcher.match([TITLES["b"]])) == ["b"]


def _encoded_by(store: Store, encoder: str, count: int = 9) -> None:
    with store.write() as session:
        for text in session.query(ClaimText).order_by(ClaimText.id).limit(count).all():
            session.add(ClaimVector(claim_text_id=text.id, encoder=encoder, vector=b"12"))


def _encoders(store: Store) -> Counter[str]:
    with store.read() as session:
        return Counter(row.encoder for row in session.query(ClaimVector))
