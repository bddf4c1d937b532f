"""Intake: stored whole with what it owes, or refused with a clear reason; never twice, never half."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from triage import events, intake, receipt_view, receipts
from triage.config import Config
from triage.db import Store
from triage.errors import SubmissionRefused
from triage.intake import NewSubmission
from triage.tables import Event, Outbox, Submission

TEXT = "Semeru meletus besar nanti malam, warga Pronojiwo mengungsi sekarang"


def _count(store: Store) -> tuple[int, int, int]:
    with store.read() as session:
        return session.query(Submission).count(), session.query(Outbox).count(), session.query(Event).count()


def test_a_submission_is_stored_with_its_outbox_row_and_event(any_store: Store, config: Config) -> None:
    receipt = intake.accept(any_store, config, NewSubmission(TEXT, village="35.08.01.2001", device="d1"))
    assert receipts.canonical(receipt) == receipt
    with any_store.read() as session:
        submission = session.query(Submission).one()
        assert (submission.text, submission.village, submission.state) == (TEXT, "35.08.01.2001", "received")
        owed = session.query(Outbox).one()
        assert (owed.task, owed.ref) == ("assess", submission.id)
        assert events.first_break(session) is None


def test_neither_receipt_nor_device_nor_key_is_stored(store: Store, config: Config) -> None:
    receipt = intake.accept(
        store, config, NewSubmission(TEXT, device="peramban-1", idempotency_key="kunci-1")
    )
    store.close()
    raw = b"".join(path.read_bytes() for path in config.data.glob("penjaga.db*"))
    for secret in (receipt, receipt.replace("-", ""), "peramban-1", "kunci-1"):
        assert secret.encode() not in raw


def test_the_receipt_finds_the_submission_however_it_is_typed(store: Store, config: Config) -> None:
    receipt = intake.accept(store, config, NewSubmission(TEXT))
    for typed in (receipt, receipt.lower(), receipt.replace("-", " ")):
        view = receipt_view.find(store, config, typed)
        assert (view.status, view.text, view.answer) == ("received", TEXT, None)


def test_the_same_key_gives_the_same_receipt_and_one_submission(any_store: Store, config: Config) -> None:
    new = NewSubmission(TEXT, idempotency_key="sekali")
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: intake.accept(any_store, config, new), range(24)))
    assert len(made) == 1
    assert _count(any_store) == (1, 1, 1)


def test_a_key_used_for_another_message_is_refused(store: Store, config: Config) -> None:
    intake.accept(store, config, NewSubmission(TEXT, idempotency_key="k"))
    with pytest.raises(SubmissionRefused) as refused:
        intake.accept(store, config, NewSubmission("Pesan lain", idempotency_key="k"))
    assert refused.value.code == "idempotency-key-reused"
    assert _count(store) == (1, 1, 1)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewSubmission(""), "empty"),
        (NewSubmission(" \u200b\u202e\x00\n"), "empty"),
        (NewSubmission("a" * 10_001), "text-too-long"),
        (NewSubmission(TEXT, village="35.08.99.2001"), "village-unknown"),
        (NewSubmission(TEXT, village="'; DROP TABLE submission"), "village-unknown"),
        (NewSubmission(TEXT, url="javascript:alert(1)"), "url-invalid"),
        (NewSubmission(TEXT, url="https://x.example/" + "a" * 2000), "url-invalid"),
        (NewSubmission(TEXT, channel="burung"), "channel-unknown"),
        (NewSubmission(TEXT, idempotency_key="k" * 201), "idempotency-key-too-long"),
    ],
)
def test_what_cannot_be_accepted_is_refused_by_name_and_stores_nothing(
    store: Store, config: Config, new: NewSubmission, code: str
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        intake.accept(store, config, new)
    assert refused.value.code == code
    assert TEXT not in str(refused.value)
    assert _count(store) == (0, 0, 0)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("😀" * 10_000, "😀" * 10_000),
        ("cek\x00 ini\ud800 ya", "cek ini\ufffd ya"),
        ("jangan \u202emurah\u202c percaya", "jangan murah percaya"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_hostile_texts_are_kept_as_harmless_text(store: Store, config: Config, sent: str, kept: str) -> None:
    receipt = intake.accept(store, config, NewSubmission(sent))
    assert receipt_view.find(store, config, receipt).text == kept


def test_a_private_address_is_kept_as_text_and_never_opened(store: Store, config: Config) -> None:
    receipt = intake.accept(store, config, NewSubmission("", url="http://127.0.0.1:9/x"))
    assert receipt_view.find(store, config, receipt).url == "http://127.0.0.1:9/x"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=300), url=st.none() | st.text(max_size=80), key=st.none() | st.text(max_size=30))
def test_any_input_is_accepted_whole_or_refused(
    store: Store, config: Config, text: str, url: str | None, key: str | None
) -> None:
    before = _count(store)
    try:
        intake.accept(store, config, NewSubmission(text, url=url, idempotency_key=key))
    except SubmissionRefused:
        assert _count(store) == before
    else:
        after = _count(store)
        assert after in (before, tuple(number + 1 for number in before))


@pytest.mark.parametrize("column", ["text", "village", "payload_hash", "created_at"])
def test_the_store_refuses_to_change_what_was_sent(any_store: Store, config: Config, column: str) -> None:
    intake.accept(any_store, config, NewSubmission(TEXT))
    value = "'2020-01-01 00:00:00'" if column == "created_at" else "'lain'"
    with any_store.write() as session, pytest.raises(DBAPIError, match="stay as they were sent"):
        session.execute(sql(f"UPDATE submission SET {column} = {value}"))
    with any_store.write() as session:
        session.execute(sql("UPDATE submission SET text = '', state = 'erased'"))
