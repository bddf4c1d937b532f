"""Retention: what closed long ago is emptied, what waits is not, and all goes on adding up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from tests.domain.test_erasure import _everything
from tests.factories import make_account, make_fact_check
from tests.scripted import ScriptedMatching, drain, send
from triage import (
    accounting,
    answers,
    erasure,
    events,
    intake,
    objections,
    outbox,
    own_data,
    receipt_view,
    retention,
    review,
)
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import IllegalTransition
from triage.intake import NewSubmission
from triage.tables import Answer, ClaimGroup, ClaimText, Event, Fingerprint, Sighting, Submission

TEXT = "Zarafakuning bagikan bantuan tunai malam ini di balai desa Kebonsari untuk seluruh warga dusun"
CANARY = "zarafakuning"
HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"
VILLAGE = "35.08.01.2001"
LATER, SOON = timedelta(days=91), timedelta(days=89)


def _answered(
    store: Store, config: Config, words: str = TEXT, device: str | None = "d1", times: int = 1
) -> list[str]:
    with store.write() as session:
        known = session.scalar(select(ClaimText.fact_check_id).limit(1))
        number = known or make_fact_check(session, HEADING).id
    matching = ScriptedMatching()
    matching.expect(intake.whole(words, "https://zarafakuning.example/x"), "answer", (number, 0.99))
    found = [
        intake.accept(
            store, config,
            NewSubmission(
                words, "https://zarafakuning.example/x", VILLAGE, device=device, remark=words, seen="told"
            ),
        )
        for _ in range(times)
    ]  # fmt: skip
    drain(store, matching)
    return found


def _add_up(store: Store) -> accounting.Accounts:
    with store.read() as session:
        assert events.first_break(session) is None
        sums = accounting.balance(session)
    assert sums.adds_up
    return sums


def test_a_message_is_emptied_some_time_after_its_answer(any_store: Store, config: Config) -> None:
    (receipt,) = _answered(any_store, config)
    with any_store.read() as session:
        reporter = session.scalars(select(Submission.reporter_hash)).one()
    answer = receipt_view.find(any_store, config, receipt).answer
    assert answer is not None
    with time_machine.travel(now() + SOON, tick=False):
        assert retention.expire(any_store, config) == 0
    before = _everything(any_store)
    with time_machine.travel(now() + LATER, tick=False):
        assert retention.expire(any_store, config) == 1
        assert retention.expire(any_store, config) == 0
    after = _everything(any_store)
    for gone in (CANARY, str(reporter)):
        assert gone in before
        assert gone not in after
    view = receipt_view.find(any_store, config, receipt)
    assert (view.status, view.expired, view.text, view.url) == ("closed", True, "", None)
    assert view.answer == answer, "what its sender was told can still be read"
    held = own_data.held(any_store, config, receipt)
    assert (held.text, held.remark, held.seen, held.village) == ("", "", "", None)
    assert [(one.name, one.by) for one in held.events][-1] == ("expire", "system")
    assert held.answers[0].headline == HEADING
    sums = _add_up(any_store)
    assert (sums.accepted, sums.erased, sums.answered) == (1, 1, 0)
    erasure.erase(any_store, config, receipt)
    assert _everything(any_store) == after


def test_numbers_stay_and_name_nobody(any_store: Store, config: Config) -> None:
    _answered(any_store, config, device="d1", times=2)
    _answered(any_store, config, device="d2")
    _answered(any_store, config, device=None)
    with any_store.read() as session:
        before = session.get_one(ClaimGroup, 1)
        counted = (before.submissions, before.reporters, before.villages)
    with time_machine.travel(now() + LATER, tick=False):
        assert retention.expire(any_store, config) == 4
    with any_store.read() as session:
        group = session.get_one(ClaimGroup, 1)
        assert (group.submissions, group.reporters, group.villages) == counted == (4, 3, 1)
        assert [(row.reporter_hash, row.village, row.times) for row in session.scalars(select(Sighting))] == [
            ("", VILLAGE, 4)
        ]
        assert session.scalar(select(func.count()).select_from(Fingerprint)) == 0
        assert group.state == "answered"


def test_the_newest_answer_counts_and_others_keep_their_words(any_store: Store, config: Config) -> None:
    (early,) = _answered(any_store, config)
    with time_machine.travel(now() + timedelta(days=60), tick=False):
        (late,) = _answered(any_store, config, device="d2")
        assert retention.expire(any_store, config) == 0
    with time_machine.travel(now() + LATER, tick=False):
        assert retention.expire(any_store, config) == 1
        assert receipt_view.find(any_store, config, early).text == ""
        assert receipt_view.find(any_store, config, late).text == TEXT
        with any_store.read() as session:
            assert session.get_one(ClaimGroup, 1).representative_id == 2
            assert session.scalar(select(func.count()).select_from(Fingerprint)) == 1
        # What comes now in the same words is still recognised by them.
        matching = ScriptedMatching()
        (again,) = _answered(any_store, config, device="d3")
        assert receipt_view.find(any_store, config, again).status == "answered"
        assert matching.asked == []
    with time_machine.travel(now() + timedelta(days=60) + LATER, tick=False):
        assert retention.expire(any_store, config) == 1
    assert _add_up(any_store).accepted == 3


def test_what_waits_is_never_emptied(store: Store, config: Config) -> None:
    waiting = send(store, config, TEXT)
    drain(store, ScriptedMatching())
    (objected,) = _answered(store, config, f"{TEXT} kata pak lurah")
    objections.object_to(store, config, objected)
    send(store, config, "Zarafakuning yang belum dibaca sama sekali oleh siapa pun")
    for job in outbox.claim(store, "assess", 5):
        for _ in range(outbox.MAX_ATTEMPTS):
            with store.write() as session:
                session.execute(text("UPDATE outbox SET attempts = 6"))
            outbox.fail(store, [job], "EncoderError")
    with store.read() as session:
        assert sorted(session.scalars(select(Submission.state))) == ["assessed", "assessed", "parked"]
    with time_machine.travel(now() + timedelta(days=4000), tick=False):
        assert retention.expire(store, config) == 0
    assert receipt_view.find(store, config, waiting).text == TEXT
    assert receipt_view.find(store, config, objected).text == f"{TEXT} kata pak lurah"


def test_the_time_is_a_setting(store: Store, config: Config) -> None:
    _answered(store, config)
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        assert retention.expire(store, config) == 0
        assert retention.expire(store, replace(config, retention=timedelta(days=7))) == 1


def test_learned_wordings_stay_without_numbers_and_names(any_store: Store, config: Config) -> None:
    said = (
        "Kata Bu Sulastri anak kena DBD minumkan saja godhong kates digodhog sampai kental, isuk wis mari, "
        "tanya Pak Lurah atau telepon 0812-3456-7890 ora usah nang puskesmas"
    )
    with any_store.write() as session:
        number, siti = make_fact_check(session, HEADING).id, make_account(session)
    matching = ScriptedMatching()
    matching.expect(said, "review", (number, 0.6))
    receipt = send(any_store, config, said, "d1")
    drain(any_store, matching)
    review.confirm(any_store, siti, 1, 1)
    with time_machine.travel(now() + timedelta(minutes=1)):
        answers.answer_groups(any_store, outbox.claim(any_store, "answer", 10))
    with time_machine.travel(now() + LATER, tick=False):
        assert retention.expire(any_store, config) == 1
    with any_store.read() as session:
        (learned,) = session.scalars(select(ClaimText.text).where(ClaimText.submission_id.is_not(None)))
    assert "Bu <nama> anak kena DBD" in learned
    assert "Pak Lurah atau telepon <nomor>" in learned
    whole = _everything(any_store)
    assert "sulastri" not in whole
    # Hashes and times have digits of their own.
    own_digits = r"\b[0-9a-f]{64}\b|datetime\.datetime\([^()]*|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"
    assert "3456" not in re.sub(own_digits, "", whole)
    erasure.erase(any_store, config, receipt)
    with any_store.read() as session:
        assert session.scalar(select(ClaimText.text).where(ClaimText.submission_id.is_not(None))) is None
    _add_up(any_store)


def test_a_wrong_answer_is_withdrawn_from_emptied_messages_too(any_store: Store, config: Config) -> None:
    with any_store.write() as session:
        siti = make_account(session)
    (receipt,) = _answered(any_store, config)
    with time_machine.travel(now() + LATER, tick=False):
        retention.expire(any_store, config)
        review.withdraw(any_store, siti, 1)
        with any_store.read() as session:
            assert session.get_one(ClaimGroup, 1).state == "erased", "there is nothing to look at"
        answers.answer_groups(any_store, outbox.claim(any_store, "answer", 10))
    assert receipt_view.find(any_store, config, receipt).answer is None
    with any_store.read() as session:
        assert session.scalars(select(Answer.withdrawn_at)).one() is not None
    with pytest.raises(IllegalTransition):
        review.lease(any_store, siti, 1)
    _add_up(any_store)


_KILLED = """
import os, signal, sys
from triage import erasure, retention
from triage.config import load_config
from triage.db import Store
retention.CHUNK = 3
emptied, before = [], erasure.empty
def empty(session, message):
    before(session, message)
    emptied.append(message.id)
    if len(emptied) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
erasure.empty = empty
import time_machine
from datetime import datetime
with time_machine.travel(datetime.fromisoformat(sys.argv[2]), tick=False):
    retention.expire(Store(sys.argv[1]), load_config())
"""


def test_a_job_that_is_killed_goes_on_where_it_was(any_store: Store, config: Config) -> None:
    _answered(any_store, config, times=8)
    later = now() + LATER
    url = any_store.engine.url.render_as_string(hide_password=False)
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, url, later.isoformat()],
        env=os.environ | {"PENJAGA_DATA": str(config.data)}, check=False,
    )  # fmt: skip
    assert child.returncode == -signal.SIGKILL
    assert _add_up(any_store).erased == 3
    with time_machine.travel(datetime.fromisoformat(later.isoformat()), tick=False):
        assert retention.expire(any_store, config) == 5
    assert _add_up(any_store).erased == 8
    with any_store.read() as session:
        emptied = session.scalars(select(Event.subject_id).where(Event.name == "expire")).all()
    assert sorted(emptied) == list(range(1, 9)), "one event each"
