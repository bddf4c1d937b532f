"""Dead letters that a person gives up on: the reason is kept, and nobody who waits is left in silence."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.factories import make_account, make_fact_check, make_group
from tests.scripted import send
from triage import accounting, dismissing, outbox, receipt_view
from triage.broker import OutboxTask
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.errors import DismissalRefused, Forbidden, NotFound
from triage.outbox import MAX_ATTEMPTS
from triage.permissions import Actor
from triage.states import move
from triage.tables import ClaimGroup, Event, Outbox, Submission


def parked(store: Store, task: OutboxTask, ref: int) -> int:
    with store.write() as session:
        row = Outbox(
            task=task, ref=ref, created_at=now(), due_at=now(), attempts=MAX_ATTEMPTS,
            last_error="ValueError", parked_at=now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def account(store: Store, role: str = "admin") -> Actor:
    with store.write() as session:
        return make_account(session, role)  # type: ignore[arg-type]


def test_a_message_that_cannot_be_matched_goes_to_people(any_store: Store, config: Config) -> None:
    receipt = send(any_store, config, "Pesan yang tidak dapat dicocokkan oleh mesin mana pun")
    with any_store.write() as session:
        row = session.scalars(select(Outbox)).one()
        row.attempts, row.due_at = MAX_ATTEMPTS, now()
    assert outbox.claim(any_store, "assess", 1) == []
    admin, verifier = account(any_store), account(any_store, "verifikator")
    with pytest.raises(Forbidden):
        dismissing.dismiss(any_store, row.id, verifier, "rusak")
    with pytest.raises(DismissalRefused):
        dismissing.dismiss(any_store, row.id, admin, "  ")
    group_id = dismissing.dismiss(any_store, row.id, admin, "Mesin gagal membacanya; hubungi 081234567890")
    with pytest.raises(NotFound):
        dismissing.dismiss(any_store, row.id, admin, "lagi")
    with any_store.read() as session:
        group = session.get_one(ClaimGroup, group_id)
        assert (group.state, group.band, group.submissions) == ("queued", "new", 1)
        sums = accounting.balance(session)
        assert (sums.accepted, sums.waiting, sums.parked, sums.adds_up) == (1, 1, 0, True)
        handed = session.scalars(select(Event).where(Event.name == "hand_on")).one()
        assert handed.actor == admin.label
        assert handed.data["reason"].startswith("Mesin gagal membacanya")
        assert "081234567890" not in handed.data["reason"]
    assert receipt_view.find(any_store, config, receipt).status == "in_review"


def test_other_work_is_dropped_with_its_reason(any_store: Store) -> None:
    admin, number = account(any_store), parked(any_store, "embed", 3)
    assert dismissing.dismiss(any_store, number, admin, "Arsipnya sudah dihapus") is None
    with any_store.read() as session:
        assert outbox.parked(session) == []
        event = session.scalars(select(Event).where(Event.name == "dismiss")).one()
    assert (event.actor, event.data) == (
        admin.label, {"task": "embed", "ref": 3, "reason": "Arsipnya sudah dihapus"}
    )  # fmt: skip


def test_what_people_wait_for_is_not_dismissed(any_store: Store) -> None:
    admin = account(any_store)
    with any_store.write() as session:
        group = make_group(session, state="published")
        group.fact_check_id = make_fact_check(session).id
        number = group.id
    row = parked(any_store, "answer", number)
    with pytest.raises(DismissalRefused, match="People wait"):
        dismissing.dismiss(any_store, row, admin, "tidak perlu")
    with any_store.write() as session:
        submission = session.scalars(select(Submission).where(Submission.group_id == number)).one()
        move(session, submission, "answer", "system")
    assert dismissing.dismiss(any_store, row, admin, "sudah disampaikan") is None
