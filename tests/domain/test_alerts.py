"""Letters about what rises: to whom, when, what they say, each once whatever fails in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, select, update

from tests.factories import make_account, make_fact_check, make_group, make_submission, suggest
from tests.mailbox import HOST, Mailbox, mailbox
from triage import accounts, outbox
from triage.alerts import owing, post, sending, subscriptions
from triage.alerts.post import MailAway
from triage.alerts.subscriptions import AlertRefused
from triage.broker import OutboxTask
from triage.columns import now
from triage.config import Config, load_config
from triage.db import Store
from triage.errors import Forbidden, NotFound
from triage.mail_settings import MailServer
from triage.outbox import Job
from triage.permissions import Actor, Role
from triage.tables import (
    AlertSent,
    AlertSubscription,
    ClaimGroup,
    Event,
    Outbox,
    Surge,
)

NOON = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
"""12.00 WIB."""
SITE = "https://penjaga.contoh.go.id"
TEXT = (
    "Kabar dari Pak Bambang Sutrisno: pembagian beras di balai desa besok, daftar di 0812-7766-5544 atau "
    "https://wa.me/6281277665544 dan surel beras@contoh.example"
)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as served:
        yield served


@pytest.fixture
def mailing(config: Config, box: Mailbox) -> Config:
    """The installation, with the mail server of this test."""
    server = MailServer(HOST, box.port, "none", "", "", "penjaga@contoh.go.id")
    return replace(config, mail=server, site=SITE)


def subscribe(
    store: Store, config: Config, address: str, quiet: tuple[int, int] = (0, 0), role: Role = "analis"
) -> Actor:
    """Somebody who wants letters, before anything rises."""
    with store.write() as session:
        actor = make_account(session, role)
    subscriptions.choose(store, config, actor, address, *quiet, active=True)
    while jobs := outbox.claim(store, "alert", 9):
        for job in jobs:
            sending.send_alerts(store, config, job)
    return actor


def rise(store: Store, config: Config, text: str = TEXT, **fields: object) -> int:
    """Let a claim begin to rise, as the watch does; returns the surge."""
    with store.write() as session:
        message = make_submission(session, text, state="assessed")
        group = make_group(session, representative_id=message.id)
        surge = Surge(
            group_id=group.id, found_at=now(), since=now() - timedelta(hours=1), observed=12, expected=1.6,
            score=7.0, villages=5, last_at=now(),
        )  # fmt: skip
        for name, value in fields.items():
            setattr(surge, name, value)
        session.add(surge)
        session.flush()
        owing.owe(session, config)
        return surge.id


def end(store: Store, surge: int) -> None:
    with store.write() as session:
        session.get_one(Surge, surge).ended_at = now()


def due(store: Store) -> None:
    """Let what is owed be due, as if time had passed."""
    with store.write() as session:
        session.execute(update(Outbox).where(Outbox.parked_at.is_(None)).values(due_at=now()))


def work(store: Store, config: Config, task: OutboxTask = "alert") -> None:
    """Do what is due as a worker does, one after the other."""
    send = sending.send_alerts if task == "alert" else sending.send_trial
    while jobs := outbox.claim(store, task, 1):
        try:
            send(store, config, jobs[0])
        except MailAway as error:
            outbox.fail(store, jobs, str(error))


def go(store: Store, config: Config) -> None:
    due(store)
    work(store, config)


def rows(store: Store) -> list[tuple[str, int, bool, str]]:
    """What is owed: task, for whom, whether it is parked, and why it failed."""
    with store.read() as session:
        found = session.scalars(select(Outbox).order_by(Outbox.id)).all()
        return [(row.task, row.ref, row.parked_at is not None, row.last_error) for row in found]


def test_everybody_who_asked_is_told_once(any_store: Store, mailing: Config, box: Mailbox) -> None:
    store = any_store
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    budi = subscribe(store, mailing, "budi@contoh.go.id", role="admin")
    surge = rise(store, mailing)
    assert [row[:2] for row in rows(store)] == [("alert", ani.account_id), ("alert", budi.account_id)]
    go(store, mailing)
    assert sorted(box.to) == ["ani@contoh.go.id", "budi@contoh.go.id"]
    assert rows(store) == []
    with store.read() as session:
        sent = session.scalars(select(AlertSent).order_by(AlertSent.account_id)).all()
        assert [(row.surge_id, row.account_id) for row in sent] == [
            (surge, ani.account_id), (surge, budi.account_id),
        ]  # fmt: skip
        assert all(row.sent_at is not None for row in sent)
    # Owed once more for whatever reason: nothing is new.
    with store.write() as session:
        owing.owe(session, mailing)
    go(store, mailing)
    assert len(box.letters) == 2
    assert rows(store) == []


def test_the_letter_says_what_is_known_and_names_nobody(store: Store, mailing: Config, box: Mailbox) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    go(store, mailing)
    (letter,), (text,) = box.letters, box.texts()
    assert str(letter["Subject"]) == "Satu kabar sedang naik, Kabupaten Lumajang"
    assert str(letter["From"]) == "Penjaga Kabupaten Lumajang <penjaga@contoh.go.id>"
    assert str(letter["Auto-Submitted"]) == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    line = " ".join(text.split())
    assert "Belum diputuskan: “Kabar dari Pak <nama>: pembagian beras di balai desa besok" in line
    assert "12 pengirim dari 5 desa sejak" in line
    assert "WIB; biasanya sekitar 2." in line
    assert "Keadaannya: menunggu petugas." in line
    assert f"{SITE}/kim/kelompok/" in text
    assert f"{SITE}/kim/kabar" in text
    assert "tidak berarti salah" in line
    for hidden in ("Bambang", "7766", "wa.me", "beras@", "35.08"):
        assert hidden not in text, hidden
    assert all(len(row) <= 110 for row in text.splitlines())


def test_published_words_stand_in_place_of_a_reporters(store: Store, mailing: Config, box: Mailbox) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    alike, told = rise(store, mailing), rise(store, mailing)
    with store.write() as session:
        old = make_fact_check(session, "Beras gratis bukan dari pemerintah", verdict="tiruan")
        group = session.get_one(ClaimGroup, session.get_one(Surge, alike).group_id)
        suggest(session, group, old).likely = True
        answered = session.get_one(ClaimGroup, session.get_one(Surge, told).group_id)
        answered.state, answered.fact_check_id = "answered", make_fact_check(session, "Balai desa tutup").id
    go(store, mailing)
    (text,) = (" ".join(each.split()) for each in box.texts())
    assert "Mirip dengan yang pernah diperiksa (Tiruan): “Beras gratis bukan dari pemerintah”" in text
    assert "Hoaks: “Balai desa tutup”" in text
    assert "Keadaannya: sudah terjawab." in text
    assert "pembagian beras" not in text


def test_what_is_decided_and_not_yet_published_is_not_called_undecided(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    surge = rise(store, mailing)
    with store.write() as session:
        session.get_one(ClaimGroup, session.get_one(Surge, surge).group_id).state = "approved"
    go(store, mailing)
    (text,) = (" ".join(each.split()) for each in box.texts())
    assert "Putusannya segera terbit: “Kabar dari Pak <nama>" in text
    assert "Belum diputuskan" not in text


def test_what_was_erased_is_said_so(store: Store, mailing: Config, box: Mailbox) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing, "https://kabar.example/beras")
    rise(store, mailing, "")
    go(store, mailing)
    (text,) = (" ".join(each.split()) for each in box.texts())
    assert text.count("isinya hanya tautan, atau sudah dihapus") == 2


def test_what_rises_together_comes_in_one_letter(store: Store, mailing: Config, box: Mailbox) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    for number in range(12):
        rise(store, mailing, f"Kabar nomor {number} dari desa", score=20.0 - number)
    assert len(rows(store)) == 1
    go(store, mailing)
    (text,) = box.texts()
    assert str(box.letters[0]["Subject"]).startswith("12 kabar sedang naik")
    assert text.index("Kabar nomor 0") < text.index("Kabar nomor 9")
    assert "Kabar nomor 10" not in text
    assert f"Dan 2 kabar lain: {SITE}/kim/tren" in text
    with store.read() as session:
        assert len(session.scalars(select(AlertSent.surge_id)).all()) == 12
        assert set(session.scalars(select(AlertSent.account_id))) == {ani.account_id}


def test_nothing_is_owed_without_a_server_or_to_whom_it_does_not_concern(
    store: Store, config: Config, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, config)
    assert rows(store) == []
    off, closed, moved = (subscribe(store, mailing, f"{name}@contoh.go.id") for name in "abc")
    box.letters.clear()
    subscriptions.choose(store, mailing, off, "a@contoh.go.id", 0, 0, active=False)
    accounts.deactivate(store, closed.username, "Pindah tugas")
    accounts.change(store, moved.username, "verifikator", "35.08", "Pindah tugas")
    rise(store, mailing)
    assert [row[1] for row in rows(store)] == [ani.account_id]
    with store.read() as session:
        left = session.scalars(select(AlertSubscription.account_id)).all()
        assert set(left) == {ani.account_id, off.account_id}, "the addresses of the others are forgotten"
        names = session.scalars(select(Event.name).where(Event.name == "forget-alerts")).all()
        assert len(names) == 2


@pytest.mark.parametrize("deed", ["off", "closed", "deleted"])
def test_what_was_owed_before_somebody_left_is_not_sent(
    store: Store, mailing: Config, box: Mailbox, deed: str
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    box.letter = "451 nanti"
    go(store, mailing)
    with store.write() as session:
        admin = make_account(session, "admin")
    if deed == "off":
        subscriptions.switch_off(store, admin, ani.account_id)
    elif deed == "closed":
        accounts.deactivate(store, ani.username, "Pindah tugas")
    else:
        subscriptions.delete_own(store, ani)
    box.letter = "250 OK"
    go(store, mailing)
    assert (box.letters, rows(store)) == ([], [])
    with store.read() as session:
        assert session.scalars(select(AlertSent)).all() == []


def test_quiet_time_over_midnight_is_kept_and_then_one_letter_tells_what_goes_on(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    # 23.30 WIB, quiet from 21 to 5.
    night = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    with time_machine.travel(night, tick=False) as clock:
        subscribe(store, mailing, "ani@contoh.go.id", (21, 5))
        goes_on, over = (
            rise(store, mailing, "Kabar yang masih naik"),
            rise(store, mailing, "Kabar yang mereda"),
        )
        looks = 0
        while now() < night + timedelta(hours=5, minutes=30):
            clock.shift(timedelta(minutes=2))
            outbox.bring_forward(store)
            if now() > night + timedelta(hours=3):
                end(store, over)
            if jobs := outbox.claim(store, "alert", 1):
                looks += 1
                sending.send_alerts(store, mailing, jobs[0])
            if now() < night + timedelta(hours=5, minutes=30):
                assert box.letters == [], "nothing before five"
        work(store, mailing)
        assert looks < 60, "it is not looked at all the time"
        assert "Kabar yang masih naik" in box.texts()[0]
        assert "Kabar yang mereda" not in box.texts()[0]
        clock.shift(timedelta(hours=1))
        go(store, mailing)
    assert len(box.letters) == 1
    with store.read() as session:
        assert session.scalars(select(AlertSent.surge_id)).all() == [goes_on]


def test_what_begins_and_ends_while_it_is_quiet_disturbs_nobody(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        subscribe(store, mailing, "ani@contoh.go.id", (11, 13))
        surge = rise(store, mailing)
        go(store, mailing)
        end(store, surge)
        clock.shift(timedelta(hours=2))
        go(store, mailing)
    assert (box.letters, rows(store)) == ([], [])


def test_a_server_that_is_away_is_asked_again_and_nobody_is_forgotten(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    subscribe(store, mailing, "budi@contoh.go.id")
    rise(store, mailing)
    box.recipient = {"budi@contoh.go.id": "450 4.2.0 <budi@contoh.go.id> try again"}
    go(store, mailing)
    assert box.to == ["ani@contoh.go.id"]
    ((_, _, parked, why),) = rows(store)
    assert (parked, why) == (False, "The mail server refused the recipient (450 4.2.0).")
    rise(store, mailing, "Kabar yang lain")
    box.recipient = {}
    go(store, mailing)
    assert sorted(box.to) == ["ani@contoh.go.id"] * 2 + ["budi@contoh.go.id"] * 2
    assert rows(store) == []


def test_an_hour_without_a_server_parks_the_letter_and_the_next_one_brings_it(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    box.letter = "421 4.3.2 maintenance"
    with time_machine.travel(now(), tick=False) as clock:
        tries, began = 0, now()
        while not rows(store)[0][2]:
            clock.shift(timedelta(seconds=30))
            if jobs := outbox.claim(store, "alert", 1):
                tries += 1
                with pytest.raises(MailAway) as away:
                    sending.send_alerts(store, mailing, jobs[0])
                outbox.fail(store, jobs, str(away.value))
        assert now() - began > timedelta(minutes=40)
        assert tries == outbox.most_attempts("alert")
        box.letter = "250 OK"
        rise(store, mailing, "Kabar yang lain")
        go(store, mailing)
    told = [text.count("/kim/kelompok/") for text in box.texts()]
    assert told == [1, 1], "the letter that was begun, as it was, and then the other one"
    assert rows(store) == [], "the dead letter is closed"


def test_who_is_refused_is_parked_at_once_and_the_others_get_theirs(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "salah@contoh.go.id")
    subscribe(store, mailing, "budi@contoh.go.id")
    box.recipient = {"salah@contoh.go.id": "550 5.1.1 <salah@contoh.go.id> no such user"}
    rise(store, mailing)
    go(store, mailing)
    assert box.to == ["budi@contoh.go.id"]
    assert rows(store) == [
        ("alert", ani.account_id, True, "The mail server refused the recipient (550 5.1.1).")
    ]
    with store.read() as session:
        own = subscriptions.own(session, mailing, ani)
        assert own is not None
        assert "550 5.1.1" in own.failed
        assert "salah@" not in str([(row.name, row.data) for row in session.scalars(select(Event))])
    subscriptions.choose(store, mailing, ani, "benar@contoh.go.id", 0, 0, active=True)
    work(store, mailing)
    assert box.to == ["budi@contoh.go.id", "benar@contoh.go.id"]
    assert rows(store) == []


def test_however_often_somebody_is_refused_there_is_one_dead_letter(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    box.recipient = {"ani@contoh.go.id": "550 5.1.1 tidak ada"}
    for number in range(3):
        rise(store, mailing, f"Kabar nomor {number}")
        go(store, mailing)
    assert [row[:3] for row in rows(store)] == [("alert", ani.account_id, True)]


@pytest.mark.parametrize("deed", ["off", "stopped", "closed", "deleted", "corrected", "over"])
def test_a_dead_letter_does_not_outlive_what_it_was_for(
    store: Store, mailing: Config, box: Mailbox, deed: str
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    box.recipient = {"ani@contoh.go.id": "550 5.1.1 tidak ada"}
    surge = rise(store, mailing)
    subscriptions.ask_trial(store, ani)
    go(store, mailing)
    work(store, mailing, "trial")
    assert [row[2] for row in rows(store)] == [True, True]
    with store.write() as session:
        admin = make_account(session, "admin")
    end(store, surge)
    if deed == "off":
        subscriptions.choose(store, mailing, ani, "ani@contoh.go.id", 0, 0, active=False)
    elif deed == "stopped":
        subscriptions.switch_off(store, admin, ani.account_id)
    elif deed == "closed":
        accounts.deactivate(store, ani.username, "Pindah tugas")
    elif deed == "deleted":
        subscriptions.delete_own(store, ani)
    elif deed == "corrected":
        subscriptions.choose(store, mailing, ani, "benar@contoh.go.id", 0, 0, active=True)
        with store.read() as session:
            own = subscriptions.own(session, mailing, ani)
            assert own is not None
            assert own.failed == ""
        go(store, mailing)
    else:
        with store.write() as session:
            owing.owe(session, mailing)
        go(store, mailing)
        assert [row[0] for row in rows(store)] == ["trial"], "it says what is wrong with the address"
        return
    assert (box.letters, rows(store)) == ([], [])


def test_a_letter_that_is_refused_is_parked(store: Store, mailing: Config, box: Mailbox) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    box.letter = "554 5.7.1 looks like spam"
    go(store, mailing)
    ((_, _, parked, why),) = rows(store)
    assert (parked, why) == (True, "The mail server refused the letter (554 5.7.1).")


_SENDER = """
import sys
from triage import outbox
from triage.alerts import sending
from triage.config import load_config
from triage.db import Store
config = load_config()
store = Store(config.database_url)
for job in outbox.claim(store, "alert", 1):
    sending.send_alerts(store, config, job)
"""


def test_killed_after_the_server_took_it_the_same_letter_goes_once_more_and_no_other(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    surge = rise(store, mailing)
    due(store)
    environ = os.environ | {
        "PENJAGA_DATA": str(mailing.data), "PENJAGA_DATABASE_URL": _as_setting(mailing),
        "PENJAGA_SMTP_URL": f"smtp://{HOST}:{box.port}?starttls=no",
        "PENJAGA_MAIL_FROM": "penjaga@contoh.go.id", "PENJAGA_HOSTS": "penjaga.contoh.go.id",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", _SENDER], env=environ)
    box.taken = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    assert len(box.letters) == 1
    box.taken = lambda: None
    with store.read() as session:
        begun = session.get_one(AlertSent, (surge, ani.account_id))
        assert begun.sent_at is None
    # Meanwhile something else rises: it must not change the letter that may have arrived.
    rise(store, mailing, "Kabar yang lain")
    go(store, mailing)
    names = [str(letter["Message-ID"]) for letter in box.letters]
    assert names[0] == names[1] != names[2]
    assert [text.count("/kim/kelompok/") for text in box.texts()] == [1, 1, 1]
    assert rows(store) == []
    go(store, mailing)
    assert len(box.letters) == 3


def _as_setting(config: Config) -> str:
    return config.database_url.replace("postgresql+psycopg://", "postgresql://")


def test_a_begun_letter_about_what_is_over_is_dropped(store: Store, mailing: Config, box: Mailbox) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    surge, other = rise(store, mailing), rise(store, mailing, "Kabar yang lain")
    box.letter = "451 nanti"
    go(store, mailing)
    box.letter = "250 OK"
    end(store, other)
    go(store, mailing)
    assert "Sementara itu sudah mereda." in box.texts()[0], "it stays the letter that was begun"
    third = rise(store, mailing, "Kabar ketiga")
    box.letter = "451 nanti"
    go(store, mailing)
    end(store, third)
    end(store, surge)
    box.letter = "250 OK"
    go(store, mailing)
    assert (len(box.letters), rows(store)) == (1, [])


def test_two_workers_send_one_letter_to_each(any_store: Store, mailing: Config, box: Mailbox) -> None:
    store = any_store
    people = [f"orang{number}@contoh.go.id" for number in range(6)]
    for address in people:
        subscribe(store, mailing, address)
    rise(store, mailing)
    # Dead letters that were put back beside what was owed since.
    with store.write() as session:
        for number in session.scalars(select(AlertSubscription.account_id)).all():
            outbox.add(session, "alert", number)
    due(store)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(store, mailing)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(box.to) == people
    assert rows(store) == []


def test_who_works_on_what_somebody_else_finished_sends_nothing(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    due(store)
    (job,) = outbox.claim(store, "alert", 1)
    go(store, mailing)
    sending.send_alerts(store, mailing, job)
    sending.send_alerts(store, mailing, Job(job.id + 1000, "alert", job.ref))
    assert len(box.letters) == 1


def test_a_number_that_now_belongs_to_other_work_sends_nothing(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    due(store)
    (job,) = outbox.claim(store, "alert", 1)
    with store.write() as session:
        outbox.settle(session, job)
        session.add(
            Outbox(id=job.id, task="answer", ref=ani.account_id, created_at=now(), due_at=now(), attempts=1)
        )
    sending.send_alerts(store, mailing, job)
    sending.send_trial(store, mailing, Job(job.id, "trial", job.ref))
    assert box.letters == []


def test_who_was_held_up_notes_no_letter_that_somebody_else_began(
    store: Store, mailing: Config, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing, "Kabar pertama")
    due(store)
    (job,) = outbox.claim(store, "alert", 1)
    hand_in = post.hand_in

    def held_up(*letter: Any) -> None:
        """Hand in, and then stand still for as long as another worker needs to go on in our place."""
        monkeypatch.setattr(post, "hand_in", hand_in)
        hand_in(*letter)
        rise(store, mailing, "Kabar kedua")
        box.recipient = {"ani@contoh.go.id": "450 nanti"}
        with store.write() as session:
            session.execute(update(AlertSent).values(sent_at=now()))
        go(store, mailing)
        box.recipient = {}

    monkeypatch.setattr(post, "hand_in", held_up)
    sending.send_alerts(store, mailing, job)
    go(store, mailing)
    assert ["Kabar pertama" in text for text in box.texts()] == [True, False]
    assert "Kabar kedua" in box.texts()[1]


def test_a_claim_that_goes_up_and_down_is_not_told_each_time(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        subscribe(store, mailing, "ani@contoh.go.id")
        first = rise(store, mailing)
        go(store, mailing)
        end(store, first)
        with store.read() as session:
            group = session.get_one(Surge, first).group_id
        clock.shift(timedelta(hours=2))
        second = rise(store, mailing, group_id=group)
        go(store, mailing)
        assert len(box.letters) == 1
        end(store, second)
        clock.shift(timedelta(hours=7))
        rise(store, mailing, group_id=group)
        go(store, mailing)
    assert len(box.letters) == 2


def test_who_asks_while_something_rises_is_told_of_it(store: Store, mailing: Config, box: Mailbox) -> None:
    rise(store, mailing)
    subscribe(store, mailing, "ani@contoh.go.id")
    assert box.to == ["ani@contoh.go.id"]


def test_a_trial_is_sent_once_even_in_quiet_time_and_not_often(
    any_store: Store, mailing: Config, box: Mailbox
) -> None:
    store = any_store
    with time_machine.travel(NOON, tick=False) as clock:
        ani = subscribe(store, mailing, "ani@contoh.go.id", (11, 13))
        subscriptions.ask_trial(store, ani)
        subscriptions.delete_own(store, ani)
        subscriptions.choose(store, mailing, ani, "ani@contoh.go.id", 11, 13, active=True)
        with pytest.raises(AlertRefused, match="a moment ago"):
            subscriptions.ask_trial(store, ani)
        due(store)
        work(store, mailing, "trial")
        assert [str(letter["Subject"]) for letter in box.letters] == ["Surat percobaan, Kabupaten Lumajang"]
        clock.shift(timedelta(minutes=6))
        box.recipient = {"ani@contoh.go.id": "550 tidak ada"}
        subscriptions.ask_trial(store, ani)
        work(store, mailing, "trial")
        assert rows(store)[-1][2:] == (True, "The mail server refused the recipient (550).")
        clock.shift(timedelta(minutes=6))
        box.recipient = {}
        subscriptions.ask_trial(store, ani)
        work(store, mailing, "trial")
    assert len(box.letters) == 2
    assert [row for row in rows(store) if row[0] == "trial"] == [], "the dead letter is closed"


def test_each_trial_is_a_letter_of_its_own(store: Store, mailing: Config, box: Mailbox) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ani = subscribe(store, mailing, "ani@contoh.go.id")
        for _ in range(2):
            clock.shift(timedelta(minutes=6))
            subscriptions.ask_trial(store, ani)
            (job,) = outbox.claim(store, "trial", 1)
            sending.send_trial(store, mailing, job)
            # The same work once more: it is done.
            sending.send_trial(store, mailing, job)
    assert len(box.letters) == 2
    # Mail servers show a number once.
    assert len({str(letter["Message-ID"]) for letter in box.letters}) == 2


def test_in_a_store_put_back_from_a_copy_a_new_letter_is_not_taken_for_an_earlier_one(
    store: Store, mailing: Config, box: Mailbox
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    with time_machine.travel(NOON, tick=False) as clock:
        lost = rise(store, mailing)
        go(store, mailing)
        with store.write() as session:
            session.execute(delete(AlertSent))
            session.execute(delete(Surge))
        clock.shift(timedelta(hours=1))
        rise(store, mailing, "Kabar yang lain", id=lost)
        go(store, mailing)
    assert len({str(letter["Message-ID"]) for letter in box.letters}) == 2


def test_an_address_that_cannot_be_read_is_said_so(
    store: Store, config: Config, mailing: Config, box: Mailbox
) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    other = replace(mailing, secret="another secret of thirty-two chars", earlier_secrets=())
    subscriptions.ask_trial(store, ani)
    due(store)
    work(store, other)
    work(store, other, "trial")
    assert [row[2:] for row in rows(store)] == [(True, sending.UNREADABLE)] * 2
    with store.read() as session:
        own = subscriptions.own(session, other, ani)
        assert own is not None
        assert own.address is None
        admin = Actor(0, "operator", "Operator", "admin")
        assert [one.mask for one in subscriptions.receivers(session, other, admin)] == [""]


def test_a_new_secret_seals_the_addresses_anew(store: Store, mailing: Config) -> None:
    ani = subscribe(store, mailing, "ani@contoh.go.id")
    rotated = replace(mailing, secret="another secret of thirty-two chars", earlier_secrets=(mailing.secret,))
    forgotten = replace(rotated, earlier_secrets=())
    assert subscriptions.seal_anew(store, forgotten) == 0
    assert subscriptions.seal_anew(store, rotated) == 1
    assert subscriptions.seal_anew(store, rotated) == 0
    with store.read() as session:
        held = session.get_one(AlertSubscription, ani.account_id)
        assert "ani" not in held.address
        assert subscriptions.read_address(forgotten, held) == "ani@contoh.go.id"
        moved = AlertSubscription(account_id=ani.account_id + 1, address=held.address)
        assert subscriptions.read_address(forgotten, moved) is None


def test_who_may_not_changes_nothing(store: Store, mailing: Config) -> None:
    with store.write() as session:
        siti, ani = make_account(session), make_account(session, "analis")
    with pytest.raises(Forbidden):
        subscriptions.choose(store, mailing, siti, "siti@contoh.go.id", 21, 5, active=True)
    with pytest.raises(Forbidden):
        subscriptions.switch_off(store, ani, siti.account_id)
    with pytest.raises(Forbidden):
        subscriptions.ask_trial(store, siti)
    with pytest.raises(AlertRefused, match="no address"):
        subscriptions.ask_trial(store, ani)
    with pytest.raises(NotFound):
        subscriptions.switch_off(store, Actor(0, "operator", "Operator", "admin"), ani.account_id)
    for hours in ((24, 5), (21, -1)):
        with pytest.raises(AlertRefused, match="0 to 23"):
            subscriptions.choose(store, mailing, ani, "ani@contoh.go.id", *hours, active=True)
    with store.read() as session:
        assert session.scalars(select(AlertSubscription)).all() == []


def test_a_letter_without_a_server_waits_for_the_setting(
    store: Store, config: Config, mailing: Config
) -> None:
    subscribe(store, mailing, "ani@contoh.go.id")
    rise(store, mailing)
    go(store, config)
    assert rows(store)[0][2:] == (False, "No mail server is set: PENJAGA_SMTP_URL.")


def test_the_doctors_question_sends_nothing(mailing: Config, box: Mailbox) -> None:
    assert mailing.mail is not None
    post.look(mailing.mail)
    assert box.letters == []
    assert load_config({"PENJAGA_DATA": str(mailing.data)}).mail is None
