"""pgvector: the same answers as with vectors in memory, and a clear word where it cannot be had."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import structlog
from sqlalchemy import inspect, make_url, text

from models.dense import Vectors
from models.elsewhere import Elsewhere
from models.types import MatchResult
from triage import doctor, nearest, outbox, schema
from triage.archive.rows import ArchiveRow
from triage.archive.starter import import_starter
from triage.archive.store import upsert
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import ConfigError
from triage.matcher import LiveMatcher
from triage.nearest import NearestInStore
from triage.tables import ClaimText, ClaimVector, FactCheck

ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
# Of the suggestions, so many are the same: near-ties change places by a rounding.
SHARED = 0.95


@pytest.fixture
def settings(postgres_store: Store, tmp_path: Path) -> Config:
    return load_config(
        {
            "PENJAGA_DATA": str(tmp_path / "data"),
            "PENJAGA_ENCODERS": str(ENCODERS),
            "PENJAGA_DATABASE_URL": postgres_store.engine.url.render_as_string(hide_password=False),
            "PENJAGA_VECTORS": "pgvector",
        }
    )


def _embed(store: Store, matcher: LiveMatcher) -> None:
    while jobs := outbox.claim(store, "embed", 4):
        matcher.embed(jobs)


def _messages(store: Store) -> list[str]:
    """The archive's own claims as people pass them on: a part of it, and with something around it."""
    with store.read() as session:
        claims = session.query(ClaimText.text).where(ClaimText.position == 1).order_by(ClaimText.id).all()
    texts = [row.text for row in claims[::4]]
    long = "Assalamualaikum bapak ibu semua. " * 15
    return [
        *(" ".join(each.split()[:9]) for each in texts),
        *(f"tolong dicek ya, katanya {each.lower()}" for each in texts[::3]),
        f"{long}{texts[0]} {long}{texts[1]}",
    ]


def _ids(result: MatchResult) -> list[str]:
    return [match.target_id for match in result.matches]


@pytest.mark.slow
def test_pgvector_gives_the_answers_that_vectors_in_memory_give(
    postgres_store: Store, settings: Config
) -> None:
    import_starter(postgres_store)
    memory = LiveMatcher(postgres_store, replace(settings, vectors="memory"))
    _embed(postgres_store, memory)
    matcher = LiveMatcher(postgres_store, settings)
    texts = _messages(postgres_store)
    assert len(texts) > 60
    pairs = list(zip(memory.match(texts), matcher.match(texts), strict=True))
    assert [there.band for _here, there in pairs] == [here.band for here, _there in pairs]
    best = [_ids(here)[0] == _ids(there)[0] for here, there in pairs]
    shared = [len(set(_ids(here)) & set(_ids(there))) / len(here.matches) for here, there in pairs]
    assert np.mean(best) >= SHARED
    assert np.mean(shared) >= SHARED
    sure = [(here.matches[0], there.matches[0]) for here, there in pairs if here.band == "answer"]
    assert sure
    assert all(abs(here.probability - there.probability) < 0.02 for here, there in sure)
    _the_index_is_used(postgres_store, matcher, texts)


def _the_index_is_used(store: Store, matcher: LiveMatcher, texts: Sequence[str]) -> None:
    search = matcher._search
    assert search is not None
    while not search.build():
        pass
    with store.read() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        asked = "[" + ",".join(["0.05"] * matcher._encoder.dimension) + "]"
        plan = session.scalars(text(f"EXPLAIN {search._statement()}"), {"asked": asked, "count": 10}).all()
    assert any("Index Scan using ix_claim_near" in line for line in plan)


def test_what_changes_in_the_archive_changes_what_is_found(postgres_store: Store, settings: Config) -> None:
    titles = {
        "a": "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam",
        "b": "Gempa besar akan mengguncang pantai selatan pada hari Jumat",
    }

    def put(**changed: str) -> None:
        with postgres_store.write() as session:
            upsert(session, [ArchiveRow(source_key=key, title=title) for key, title in changed.items()])
        _embed(postgres_store, matcher)

    def best(message: str) -> str | None:
        found = matcher.match([message])[0].matches
        with postgres_store.read() as session:
            keys = {str(row.id): row.source_key for row in session.query(FactCheck)}
        return keys[found[0].target_id] if found else None

    matcher = LiveMatcher(postgres_store, settings)
    assert best(titles["a"]) is None
    put(**titles)
    assert (best(titles["a"]), best(titles["b"])) == ("a", "b")
    put(a="Undian motor dari toko daring bagi pelanggan lama")
    assert best("undian motor toko daring pelanggan lama") == "a"
    with postgres_store.write() as session:
        entry = session.query(FactCheck).filter(FactCheck.source_key == "a").one()
        entry.searchable, entry.seq = False, entry.seq + 10
    assert best("undian motor toko daring pelanggan lama") == "b"
    # The database's own copy follows what was deleted.
    with postgres_store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM claim_near")) == session.query(ClaimVector).count()


def test_damaged_vectors_are_left_out(postgres_store: Store, settings: Config) -> None:
    matcher = LiveMatcher(postgres_store, replace(settings, vectors="memory"))
    with postgres_store.write() as session:
        upsert(
            session, [ArchiveRow(source_key=f"k{n}", title=f"Kabar nomor {n} dari pasar") for n in range(3)]
        )
    _embed(postgres_store, matcher)
    with postgres_store.write() as session:
        first, second, _third = session.query(ClaimVector).order_by(ClaimVector.id)
        first.vector, second.vector = b"\0\1\2", np.full(384, np.nan, "<f2").tobytes()
    found = LiveMatcher(postgres_store, settings).match(["Kabar nomor 2 dari pasar"])[0]
    assert len(found.matches) == 1


def test_sqlite_has_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PENJAGA_VECTORS=pgvector needs PostgreSQL"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_VECTORS": "pgvector"})
    with pytest.raises(ConfigError, match="use 'memory' or 'pgvector'"):
        load_config({"PENJAGA_DATA": str(tmp_path), "PENJAGA_VECTORS": "faiss"})


def test_without_the_extension_it_goes_on_in_memory_and_says_so(
    postgres_store: Store, settings: Config
) -> None:
    """The user of the store may not make extensions, and there is none yet."""
    with postgres_store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = make_url(settings.database_url).database
        connection.execute(text("DROP ROLE IF EXISTS kecil"))
        connection.execute(text("CREATE ROLE kecil LOGIN"))
        connection.execute(
            text("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO kecil")
        )
        connection.execute(text(f"REVOKE CREATE ON DATABASE {name} FROM kecil"))
    url = make_url(settings.database_url).set(username="kecil").render_as_string(hide_password=False)
    limited = Store(url)
    with structlog.testing.capture_logs() as said:
        assert NearestInStore.opened(limited, "e", 384) is None
    assert [line["event"] for line in said] == ["vectors_searched_in_memory"]
    assert "CREATE EXTENSION vector" in said[0]["reason"]
    limited.close()
    with postgres_store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP OWNED BY kecil"))
        connection.execute(text("DROP ROLE kecil"))


def test_the_doctor_says_where_vectors_are_searched(postgres_store: Store, settings: Config) -> None:
    found = {finding.subject: finding for finding in doctor.examine(settings)}
    assert found["vectors"].ok
    assert nearest.refusal(postgres_store) == ""


def test_a_sample_stands_for_all() -> None:
    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(9_000, 16)).astype(np.float32) + 0.2
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    kept = Elsewhere.of(np.arange(9_000), Vectors.of(vectors))
    assert kept.sample.codes.shape[0] <= 2_048
    assert kept.weights.sum() == 9_000
    np.testing.assert_allclose(kept.total() / 9_000, vectors.mean(axis=0), atol=0.02)
    # Without every second row, and with others behind it: still the mean of what is there.
    half = kept.only(np.arange(0, 9_000, 2))
    both = Elsewhere.joined([half, Elsewhere.of(np.arange(9_000, 10_000), Vectors.of(vectors[:1_000]))])
    assert both.keys.tolist() == [*range(0, 9_000, 2), *range(9_000, 10_000)]
    whole = np.concatenate([vectors[::2], vectors[:1_000]]).mean(axis=0)
    np.testing.assert_allclose(both.total() / both.weights.sum(), whole, atol=0.03)
    places, codes = both.places, both.sample.codes
    every = Vectors.of(np.concatenate([vectors[::2], vectors[:1_000]]))
    np.testing.assert_array_equal(codes, every.codes[places])


def test_the_table_comes_and_goes_with_the_schema_where_there_is_the_extension(postgres_store: Store) -> None:
    assert not inspect(postgres_store.engine).has_table("claim_near")
    with postgres_store.write() as session:
        session.execute(text("CREATE EXTENSION vector"))
    schema.downgrade(postgres_store, "base")
    schema.upgrade(postgres_store)
    assert inspect(postgres_store.engine).has_table("claim_near")
    # The program finds it made, and makes nothing twice.
    assert NearestInStore.opened(postgres_store, "e", 384) is not None
    schema.downgrade(postgres_store, "base")
    assert inspect(postgres_store.engine).get_table_names() == ["alembic_version"]
