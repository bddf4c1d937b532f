"""What runs all the time is found by an index: SQLite's plans of the statements really sent."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
import time_machine
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from tests.factories import make_account, make_fact_check, make_group, suggest
from tests.scripted import ScriptedMatching, drain, send
from triage import accounting, answers, library, outbox, receipt_view, retention, review, urgency
from triage.archive.rows import ArchiveRow
from triage.archive.store import upsert
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.matcher import LiveMatcher
from triage.permissions import Actor
from triage.review.queue import View
from triage.tables import Submission
from triage.trends.behind import Figure, behind
from triage.trends.calendar import day_of
from triage.trends.filters import Filter
from triage.trends.overview import overview

pytestmark = pytest.mark.embedded
ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
HOAX = "Awas! Pembagian bantuan tunai lewat tautan ini hanya sampai malam nanti, segera daftar sekarang"
NEWS = "Besok pagi ada pemadaman listrik di seluruh kecamatan, harap warga menyiapkan lilin dan air bersih"
# They grow without bound; a name with a number is SQLAlchemy's alias of the table.
GROWING = r"(outbox|claim_group|fact_check|submission|surge|tally_(hour|day|area|delay))(_\d+)?"
# The indexes of parked items and of surges that go on hold nothing else, so they may be read whole.
SCAN = re.compile(rf"SCAN {GROWING}(?!\w)(?! USING INDEX ix_(outbox_parked|surge_going_on))")
SORT = "USE TEMP B-TREE FOR ORDER BY"


@contextmanager
def recorded(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements sent meanwhile, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def keep(
        _connection: object, _cursor: object, statement: str, given: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            sent.append((statement, given[0] if many else given))

    sqlalchemy_event.listen(store.engine, "before_cursor_execute", keep)
    yield sent
    sqlalchemy_event.remove(store.engine, "before_cursor_execute", keep)


def plans(store: Store, work: Callable[[], object]) -> dict[str, list[str]]:
    """Return the plan of each statement that the work sends."""
    with recorded(store) as sent:
        work()
    assert sent
    with store.read() as session:
        connection = session.connection()
        return {
            statement: [
                str(row.detail)
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(given))
            ]
            for statement, given in sent
        }


def scans(found: dict[str, list[str]]) -> list[tuple[str, str]]:
    """List the steps that read one of the growing tables from end to end."""
    return [(step, statement) for statement, steps in found.items() for step in steps if SCAN.search(step)]


@pytest.fixture
def actor(store: Store) -> Actor:
    with store.write() as session:
        actor = make_account(session)
        fact_check = make_fact_check(session)
        for state in ("queued", "leased", "decided", "published", "answered"):
            suggest(session, make_group(session, state=state), fact_check)
    return actor


def _owing(store: Store) -> None:
    outbox.due_tasks(store)
    jobs = outbox.claim(store, "assess", 5)
    outbox.renew(store, jobs)
    outbox.fail(store, jobs, "EncoderError")
    with store.write() as session:
        assert outbox.settle(session, jobs[0])
        outbox.parked(session)


def test_the_outbox_is_read_where_it_is_due(store: Store, config: Config) -> None:
    send(store, config, HOAX)
    found = plans(store, lambda: _owing(store))
    assert scans(found) == []
    due = [steps for statement, steps in found.items() if "outbox.due_at <=" in statement]
    # The longest due row lies at the head of the index: nothing is sorted, however much is owed.
    assert {*map(tuple, due)} == {("SEARCH outbox USING INDEX ix_outbox_due (task=? AND due_at<?)",)}


def _journey(store: Store, config: Config, fact_check: int) -> None:
    matching = ScriptedMatching()
    matching.expect(HOAX, "answer", (fact_check, 0.99))
    matching.expect(NEWS, "review", (fact_check, 0.6))
    receipts = [send(store, config, text, device="d", village="35.08.01.2001") for text in (HOAX, NEWS, NEWS)]
    drain(store, matching)
    with store.write() as session:
        outbox.add(session, "answer", 1)
    answers.answer_groups(store, outbox.claim(store, "answer", 5))
    for receipt in receipts:
        receipt_view.find(store, config, receipt)


def test_a_message_is_taken_assessed_and_answered_by_index(store: Store, config: Config) -> None:
    with store.write() as session:
        fact_check = make_fact_check(session).id
    assert scans(plans(store, lambda: _journey(store, config, fact_check))) == []


@pytest.mark.parametrize("search", ["", "bantuan tunai"])
def test_the_public_list_reads_our_own_entries_only(store: Store, search: str) -> None:
    with store.write() as session:
        make_fact_check(session, "Bantuan tunai", origin="own")

    def shown() -> None:
        with store.read() as session:
            assert library.published(session, search).total == 1

    found = plans(store, shown)
    assert scans(found) == []
    assert [sum("ix_fact_check_library" in step for step in steps) for steps in found.values()] == [1, 1]


@pytest.mark.parametrize("view", get_args(View))
def test_the_queue_takes_each_page_from_the_head_of_an_index(store: Store, actor: Actor, view: View) -> None:
    def shown() -> None:
        with store.read() as session:
            review.queue(session, actor, view)

    found = plans(store, shown)
    assert scans(found) == []
    (listed,) = (steps for statement, steps in found.items() if "LIMIT" in statement)
    # Only the heads are sorted together, at the end.
    assert listed.count(SORT) == 1
    assert listed[-1] == SORT


@pytest.mark.parametrize(
    "choice", list(product(("", "35.08.05"), ("", "health"), ("", "web"), ("", "belum")))
)
def test_trends_are_read_by_time_whatever_is_asked_for(
    store: Store, config: Config, choice: tuple[str, ...]
) -> None:
    given = {"hari": "90"} | dict(zip(("kec", "bahaya", "saluran", "putusan"), choice, strict=True))
    region = config.wilayah

    def shown() -> None:
        with store.read() as session:
            asked = Filter.read(given, region, day_of(region, now()))
            overview(session, config, asked)
            behind(session, region, asked, figure=Figure("unanswered", nowhere=True))
            behind(session, region, asked, figure=Figure(village="35.08.05.2001"))

    found = plans(store, shown)
    assert sum("tally_" in statement for statement in found) >= 8
    assert scans(found) == []


def test_the_page_of_a_group_reads_no_table_whole(store: Store, actor: Actor) -> None:
    def shown() -> None:
        with store.read() as session:
            review.group_page(session, actor, 1)

    assert scans(plans(store, shown)) == []


def test_upkeep_reads_what_waits_and_nothing_else(store: Store, actor: Actor) -> None:
    def upkeep() -> None:
        urgency.refresh(store)
        review.expire_leases(store)

    assert scans(plans(store, upkeep)) == []


def test_what_closed_long_ago_is_found_by_its_index(store: Store, config: Config) -> None:
    with store.write() as session:
        fact_check = make_fact_check(session).id
    with time_machine.travel(now() - config.retention * 2, tick=False):
        _journey(store, config, fact_check)
    found = plans(store, lambda: retention.expire(store, config))
    assert scans(found) == []
    looked = [steps for statement, steps in found.items() if "answer.created_at >=" in statement]
    assert {steps[0] for steps in looked} == {
        "SEARCH submission USING INDEX ix_submission_closed (state=? AND created_at<?)"
    }
    with store.read() as session:
        assert sorted(session.scalars(select(Submission.state))) == ["assessed", "assessed", "erased"]


def test_what_an_earlier_secret_made_is_found_by_index(store: Store, config: Config) -> None:
    with store.write() as session:
        fact_check = make_fact_check(session).id
    _journey(store, config, fact_check)
    rotated = replace(config, secret="b" + config.secret[1:], earlier_secrets=(config.secret,))
    found = plans(store, lambda: _journey(store, rotated, fact_check))
    assert scans(found) == []
    assert any("ix_submission_reporter_hash" in step for steps in found.values() for step in steps)


def test_matching_follows_the_archive_by_index(store: Store, tmp_path: Path) -> None:
    config = load_config({"PENJAGA_DATA": str(tmp_path / "data"), "PENJAGA_ENCODERS": str(ENCODERS)})
    matcher = LiveMatcher(store, config)
    with store.write() as session:
        upsert(session, [ArchiveRow("a", HOAX)])

    def follow() -> None:
        matcher.embed(outbox.claim(store, "embed", 1))
        matcher.match([HOAX])

    assert scans(plans(store, follow)) == []


def test_the_accounts_are_read_from_indexes(store: Store, actor: Actor) -> None:
    def ask() -> None:
        with store.read() as session:
            accounting.balance(session)

    found = plans(store, ask)
    steps = [step for each in found.values() for step in each if re.search(r"\b(event|submission)\b", step)]
    assert any("ix_event_received" in step for step in steps)
    assert [step for step in steps if "COVERING INDEX" not in step and "PRIMARY KEY" not in step] == []
