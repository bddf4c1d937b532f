"""The page of dead letters: an admin reads why, puts back to work, or gives up with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from sqlalchemy import select

from tests.factories import make_fact_check, make_group, make_submission
from tests.web.pages import Browser, Page
from triage.broker import OutboxTask
from triage.columns import now
from triage.db import Store
from triage.permissions import Role
from triage.tables import ClaimGroup, Event, Outbox, Submission
from triage.web import labels


def park(store: Store) -> tuple[int, int]:
    """Park a message that cannot be read, and an answer that somebody waits for; return their numbers."""
    with store.write() as session:
        message = make_submission(session, "Pesan rahasia warga", state="parked")
        group = make_group(session, state="published")
        group.fact_check_id = make_fact_check(session).id
        rows = [
            Outbox(
                task=task, ref=ref, created_at=now(), due_at=now(), attempts=6,
                last_error="ValueError (models.text:1)", parked_at=now(),
            )
            for task, ref in (("assess", message.id), ("answer", group.id))
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        return rows[0].id, rows[1].id


def test_every_kind_of_work_has_a_word() -> None:
    assert set(labels.TASKS) == set(get_args(OutboxTask))


def test_only_who_may_sees_it(store: Store, signed_in: Callable[[Role], Browser]) -> None:
    assert "Tertunda" not in signed_in("verifikator").get("/kim").text
    assert signed_in("verifikator").get("/kim/tertunda").status == 403
    admin = signed_in("admin")
    assert "Tertunda" in admin.get("/kim").text
    assert "Tidak ada pekerjaan yang tertunda." in admin.get("/kim/tertunda").text


def test_a_message_is_given_to_people_and_what_is_awaited_is_not_given_up(
    store: Store, signed_in: Callable[[Role], Browser]
) -> None:
    message, answer = park(store)
    admin = signed_in("admin")
    page = admin.get("/kim/tertunda")
    assert "ValueError (models.text:1)" in page.text
    assert "Pesan rahasia warga" not in page.text
    empty = Page(admin.submit(page.form(f"/{message}/hentikan"), reason=" "))
    assert (empty.status, "Tulis alasannya" in empty.text) == (422, True)
    awaited = Page(admin.submit(page.form(f"/{answer}/hentikan"), reason="tidak perlu"))
    assert (awaited.status, "Masih ada orang yang menunggu" in awaited.text) == (422, True)
    done = admin.landing(admin.submit(page.form(f"/{message}/hentikan"), reason="Mesin gagal membacanya"))
    assert "di antrean petugas" in done.text
    back = admin.landing(admin.submit(done.form(f"/{answer}/ulang")))
    assert "Tidak ada pekerjaan yang tertunda." in back.text
    with store.read() as session:
        assert session.scalars(select(ClaimGroup.state).order_by(ClaimGroup.id.desc())).first() == "queued"
        assert session.get_one(Submission, 1).state == "assessed"
        assert "Mesin gagal membacanya" in [
            event.data.get("reason") for event in session.scalars(select(Event).order_by(Event.seq))
        ]
