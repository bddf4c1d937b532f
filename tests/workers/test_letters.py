"""A real worker sees what rises, writes to a real mail server, and goes on where one was killed."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from tests.factories import make_account, make_group, make_submission
from tests.installation import wait_for
from tests.mailbox import HOST, Mailbox, mailbox
from tests.running import Environ
from tests.workers.conftest import worker
from tests.workers.test_draining import make_due, rows, wake
from triage.alerts import subscriptions
from triage.columns import now
from triage.config import Config
from triage.db import Store
from triage.permissions import Actor
from triage.tables import AlertSent

ADDRESSES = ["ani@contoh.go.id", "budi@contoh.go.id"]


def _subscribe(store: Store, config: Config) -> list[Actor]:
    with store.write() as session:
        people = [make_account(session, "analis") for _ in ADDRESSES]
    for actor, address in zip(people, ADDRESSES, strict=True):
        # Nobody is owed anything by asking: nothing rises, and this configuration has no server.
        subscriptions.choose(store, replace(config, mail=None), actor, address, 0, 0, active=True)
    return people


def _crowd(store: Store) -> None:
    """Let twelve people from as many villages send a new claim within some minutes."""
    with store.write() as session:
        group = make_group(session)
        for number in range(1, 13):
            make_submission(
                session, "Kabar yang ramai", state="assessed", group_id=group.id,
                reporter_hash=f"{number:064d}", village=f"35.08.{number:02d}.2001",
                created_at=now() - timedelta(minutes=number),
            )  # fmt: skip


def _owed(store: Store) -> bool:
    return sum(row.task == "alert" for row in rows(store)) == len(ADDRESSES)


def _told(store: Store) -> bool:
    with store.read() as session:
        sent = session.scalars(select(AlertSent.sent_at)).all()
        return len(sent) == len(ADDRESSES) and all(sent)


def test_letters_and_trials_go_out_once(installation: tuple[Config, Environ, Store]) -> None:
    settings, environ, store = installation
    with mailbox() as box:
        environ = environ | _mail(box)
        people = _subscribe(store, settings)
        _crowd(store)
        with worker(settings, environ) as killed:
            # Killed when the server has taken a letter and not said so yet.
            box.taken = lambda: killed.send_signal(signal.SIGKILL)
            wait_for("the worker to see what rises", lambda: _owed(store))
            make_due(store)
            wake(settings, "alert")
            wait_for("the worker to be killed", lambda: killed.poll() is not None)
        box.taken = lambda: None
        assert not _told(store)
        make_due(store)
        with worker(settings, environ):
            # Again and again, as the sweep does: letters go one at a time.
            wait_for("both to be told", lambda: wake(settings, "alert") and _told(store), every=1)
            subscriptions.ask_trial(store, people[0])
            wait_for("the trial to be done", lambda: wake(settings, "trial") and not rows(store), every=1)
    assert {*box.to} == {*ADDRESSES}
    # One came twice, under one number; the trial has its own.
    assert len(box.letters) == 4
    assert len({str(letter["Message-ID"]) for letter in box.letters}) == 3
    log = (settings.data / "worker.log").read_text("utf-8")
    assert "alert_sent" in log
    assert "contoh.go.id" not in log


def _mail(box: Mailbox) -> Environ:
    return {
        "PENJAGA_SMTP_URL": f"smtp://{HOST}:{box.port}?starttls=no",
        "PENJAGA_MAIL_FROM": "penjaga@lumajang.example.id",
    }
