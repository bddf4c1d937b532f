"""The program of fault runs: what it deals and counts is right, it finds what is wrong, and it runs."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import ClassVar, get_args

import pytest

from tests.faults import deck, messages, places
from tests.faults.__main__ import Sums, run
from tests.faults.messages import Message
from tests.faults.places import EMBEDDED, OUTGROWN
from tests.faults.reporters import Ledger, Reporters
from tests.faults.verdict import Verdict, forgotten, judge, told_twice
from tests.faults.verifiers import Minutes, Step, undone
from tests.scripted import ScriptedMatching, drain, send
from triage import events, outbox
from triage.config import Config
from triage.db import Store
from triage.states import move
from triage.tables import ClaimGroup, Submission


def test_every_fault_is_dealt_and_none_overlaps_another() -> None:
    hands = [deck.deal(f"1-{turn}", turn, deck.FULL_S) for turn in range(7)]
    for faults in hands:
        assert {fault.kind for fault in faults} >= set(deck.KILLS)
        assert all(one.at + one.lasts <= other.at for one, other in pairwise(faults))
        assert faults[-1].at + faults[-1].lasts <= deck.FULL_S
    assert {fault.kind for faults in hands for fault in faults} == set(get_args(deck.Kind))
    assert deck.deal("1-3", 3, 60) == deck.deal("1-3", 3, 60)


def test_the_plan_is_mostly_repeats_and_the_same_for_a_seed() -> None:
    plan = messages.plan("1-1", 4000)
    assert plan == messages.plan("1-1", 4000)
    assert plan != messages.plan("1-2", 4000)
    kinds = Counter(message.kind for message in plan)
    assert kinds["viral"] > 0.75 * len(plan)
    assert 0 < kinds["new"] < 0.1 * len(plan)
    assert len({message.text for message in plan if message.kind == "viral"}) == messages.VIRAL
    keys = [message.key for message in plan if message.key]
    assert len(set(keys)) == len(keys) > 0.5 * len(plan)


class Unsteady(BaseHTTPRequestHandler):
    """Accepts each message only at the second time, and forgets to answer the first."""

    seen: ClassVar[Counter[str]] = Counter()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.endswith("/hapus"):
            self.send_response(303)
            self.end_headers()
            return
        text = json.loads(body)["text"]
        self.seen[text] += 1
        if self.seen[text] == 1:
            self.close_connection = True
            return
        self.send_response(202)
        self.end_headers()
        self.wfile.write(json.dumps({"receipt": f"R-{text}"}).encode())

    def log_message(self, *_given: object) -> None:
        return


@pytest.fixture
def unsteady() -> Iterator[str]:
    Unsteady.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Unsteady)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_has_a_key_sends_until_it_is_accepted(unsteady: str) -> None:
    plan = [Message(n, "new", str(n), f"k{n}" if n % 2 else None, erase=n == 1) for n in range(6)]
    reporters = Reporters(unsteady, plan, 100.0, "1")
    reporters.start()
    assert reporters.finish(30) == 0
    ledger = reporters.ledger
    assert ledger.receipts == {1: "R-1", 3: "R-3", 5: "R-5"}
    assert (ledger.unsure, ledger.erased, ledger.resent) == ({0, 2, 4}, {1}, 3)
    ledger.note_receipt(3, "R-another")
    assert ledger.twice == {3}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that knows every receipt: these tests are about what the store holds."""
    monkeypatch.setattr("tests.faults.verdict._without_status", lambda *_: [])


def _sent(store: Store, config: Config, count: int) -> tuple[list[Message], Ledger]:
    plan = [
        Message(n, "new", f"Kabar nomor {n} dari pasar yang baru", None, erase=False) for n in range(count)
    ]
    ledger = Ledger()
    for message in plan:
        ledger.note_receipt(message.number, send(store, config, message.text))
    drain(store, ScriptedMatching())
    return plan, ledger


@pytest.mark.usefixtures("answering")
def test_what_is_whole_is_found_whole(any_store: Store, config: Config) -> None:
    plan, ledger = _sent(any_store, config, 3)
    verdict = judge(any_store, config, "", plan, ledger)
    assert (verdict.good, verdict.accepted, verdict.unheard) == (True, 3, 0)


@pytest.mark.usefixtures("answering")
def test_what_is_lost_or_there_twice_is_found(any_store: Store, config: Config) -> None:
    plan, ledger = _sent(any_store, config, 3)
    ledger.note_receipt(7, "ABCD-EFGH-JKLM-NPQR")
    send(any_store, config, "Pesan yang tidak dikirim siapa pun")
    drain(any_store, ScriptedMatching())
    verdict = judge(any_store, config, "", plan, ledger)
    assert verdict.lost == ["message 7 was accepted and is not there"]
    assert verdict.twice == ["1 messages are stored that nobody sent"]
    with any_store.write() as session:
        submission = session.get_one(Submission, 1)
        for _ in range(2):
            move(session, submission, "answer", events.SYSTEM)
        (found,) = told_twice(session)
    assert found.startswith("submission 1: ")
    assert "submission 1 counts as answered, without an answer" in (
        judge(any_store, config, "", plan, ledger).lost
    )


@pytest.mark.usefixtures("answering")
def test_work_that_nobody_owes_does_not_add_up(store: Store, config: Config) -> None:
    plan, ledger = _sent(store, config, 1)
    send(store, config, "Pesan kedua yang pekerjaannya hilang")
    (job,) = outbox.claim(store, "assess", 1)
    with store.write() as session:
        outbox.settle(session, job)
    ledger.unsure.add(1)
    verdict = judge(store, config, "", plan, ledger)
    assert (verdict.lost, verdict.twice, verdict.good) == ([], [], False)


def test_who_is_passed_over_and_what_was_done_in_vain_are_found(any_store: Store, config: Config) -> None:
    _sent(any_store, config, 1)
    minutes = Minutes(done=[Step(1, "decide"), Step(1, "decide")])
    with any_store.write() as session:
        assert forgotten(session) == []
        events.of_group(session, "siti", 1, "decide", {})
        session.get_one(ClaimGroup, 1).state = "answered"
        assert forgotten(session) == ["submission 1 waits, its group is answered"]
        assert undone(session, minutes) == ["group 1: 2 times told that decide is done, 1 in the log"]
        events.of_group(session, "siti", 1, "decide", {})
        assert undone(session, minutes) == []


def test_the_closing_line() -> None:
    sums = Sums()
    sums.add(Verdict(accepted=5), 12.4)
    sums.add(Verdict(accepted=6, lost=["one"], broken_at=3), 3.0)
    assert str(sums) == "runs 2, accepted 11, lost 1, twice 0, chain broken, drained in 12 s"
    assert not sums.good


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [EMBEDDED, OUTGROWN])
def test_a_short_run_loses_nothing(name: str) -> None:
    left_out = places.missing()
    if name in left_out:
        pytest.skip(left_out[name])
    verdict, _ = run(name, "test", 0, 15, 20, frozenset(left_out))
    assert verdict.accepted > 100
    assert verdict.good, verdict
