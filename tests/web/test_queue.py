"""The queue's views: what each holds, that nothing is hidden unsaid, and what a long one costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import update

from tests.factories import make_fact_check, make_group, suggest
from tests.web.pages import Browser, Page
from triage.columns import now
from triage.db import Store
from triage.permissions import Role
from triage.review.queue import PAGE
from triage.tables import Account, Sighting
from triage.web.kim.queue import VIEWS

# Statements that a page of the queue may send to the store, signing in and transactions included.
BUDGET = 16


def _cards(page: Page) -> list[str]:
    return [tag["id"] for tag in page.all("li") if "data-card" in tag]


@contextmanager
def _counted(browser: Browser) -> Iterator[list[str]]:
    seen: list[str] = []
    engine = browser.client.application.extensions["penjaga"].store.engine
    listener = lambda *args: seen.append(args[2])  # noqa: E731 - an event needs the same object twice
    sqlalchemy_event.listen(engine, "before_cursor_execute", listener)
    yield seen
    sqlalchemy_event.remove(engine, "before_cursor_execute", listener)


@pytest.fixture
def siti(store: Store, signed_in: Callable[[Role], Browser]) -> Browser:
    """Of Selok Awar-Awar's district; five messages wait, one of each kind, and one for approval."""
    browser = signed_in("verifikator")
    with store.write() as session:
        session.execute(update(Account).values(wilayah="35.08.01"))
        make_group(session, urgency=0.9)
        make_group(session, urgency=0.1, reporters=3)
        near = make_group(session, urgency=0.2)
        far = make_group(session, urgency=0.2)
        make_group(session, urgency=0.2)
        make_group(session, state="decided", urgency=0.95)
        for group, village in ((near, "35.08.01.2001"), (far, "35.08.11.2001")):
            session.add(
                Sighting(
                    group_id=group.id,
                    reporter_hash="a",
                    village=village,
                    times=1,
                    first_seen=now(),
                    last_seen=now(),
                )
            )
    return browser


@pytest.mark.parametrize(
    ("view", "listed"),
    [
        ("menunggu", [1, 3, 4, 5, 2]),
        ("mendesak", [1]),
        ("wilayah", [3]),
        ("sering", [2]),
        ("saya", []),
        ("persetujuan", [6]),
        ("terjawab", []),
    ],
)
def test_each_view_lists_what_it_says_and_counts_all(siti: Browser, view: str, listed: list[int]) -> None:
    page = siti.get(f"/kim?lihat={view}")
    assert _cards(page) == [f"pesan-{number}" for number in listed]
    counted = (
        "Belum ada jawaban 5 Mendesak 1 Wilayah saya 1 Sering ditanya 1 Lewat 24 jam 0 Milik saya 0 "
        "Menunggu persetujuan 1 Terjawab 0"
    )
    assert counted in page.text
    (here,) = [
        link for link in page.all("a") if link.get("aria-current") == "page" and "lihat" in link["href"]
    ]
    assert here["href"].endswith(f"lihat={view}")


@pytest.mark.parametrize("view", ["mendesak", "wilayah", "sering"])
def test_a_view_that_leaves_messages_out_says_how_many_and_leads_to_all(siti: Browser, view: str) -> None:
    page = siti.get(f"/kim?lihat={view}")
    assert "Terlihat 1 dari 5 pesan yang belum dijawab. Lihat semuanya" in page.text
    assert "Terlihat" not in siti.get("/kim").text
    assert ("Hanya pesan dari Tempursari." in page.text) is (view == "wilayah")


def test_every_item_says_how_it_stands_to_the_target(siti: Browser, store: Store) -> None:
    with store.write() as session:
        make_group(session, urgency=0.99, first_seen=now() - timedelta(hours=30))
        make_group(session, urgency=0.98, first_seen=now() - timedelta(hours=20, minutes=1))
    text = siti.get("/kim").text
    assert "menunggu 30 jam lewat target 24 jam" in text
    assert "menunggu 20 jam (sisa 4 jam dari target 24 jam)" in text


def test_an_open_page_asks_only_for_what_changed(siti: Browser, store: Store) -> None:
    (part,) = [tag for tag in siti.get("/kim?lihat=menunggu").all("div") if tag.get("id") == "daftar"]

    def ask() -> tuple[int, str]:
        answer = siti.client.get(part["data-part"], headers={"If-None-Match": part["data-etag"]})
        return answer.status_code, answer.get_data(as_text=True)

    assert ask() == (304, "")
    with store.write() as session:
        make_group(session, urgency=0.99)
    status, body = ask()
    assert status == 200
    assert "<html" not in body
    assert body.index('id="pesan-7"') < body.index('id="pesan-1"')


def test_five_hundred_waiting_messages_cost_what_a_few_do(siti: Browser, store: Store) -> None:
    with store.write() as session:
        fact_check, seen = make_fact_check(session), {"first_seen": now(), "last_seen": now()}
        for number in range(500):
            group = make_group(session, urgency=number / 500, reporters=5)
            suggest(session, group, fact_check)
            session.add(
                Sighting(group_id=group.id, reporter_hash="a", village="35.08.01.2001", times=1, **seen)
            )
    for address in ("/kim", "/kim/daftar"):
        for view in VIEWS:
            with _counted(siti) as statements:
                page = siti.get(f"{address}?lihat={view}&hal=2")
            assert len(statements) <= BUDGET, view
            assert page.weight <= 150_000
            if VIEWS[view] in ("waiting", "area", "frequent"):
                assert len(_cards(page)) == PAGE
