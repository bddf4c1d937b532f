"""Two installations beside each other: what one office publishes, corrects and retracts reaches the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from tests.installation import Installation, installation, wait_for
from triage import review
from triage.archive import entries
from triage.archive.entries import CurrentFactCheck
from triage.config import Config, load_config
from triage.db import Store
from triage.peers import register
from triage.permissions import Actor, Role
from triage.review import Draft, QueueItem
from triage.review.group_page import MatchView
from triage.tables import Account, ClaimGroup, FactCheck

pytestmark = [pytest.mark.slow, pytest.mark.embedded, pytest.mark.timeout(900)]
ENCODERS = Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute()
CLAIM = (
    "Kabar dari paman: pabrik tahu di ujung kampung mencampur kapur tulis ke dalam adonannya supaya awet, "
    "tolong sampaikan ke semua tetangga sebelum hari pasar"
)
# As others pass it on: much the same, and no copy of it.
RETOLD = (
    "Tolong sampaikan ke tetangga sebelum hari pasar: pabrik tahu di ujung kampung adonannya dicampur kapur "
    "tulis supaya awet, ini kabar dari paman saya"
)
NAME = "Diskominfo Kabupaten Jember"


@dataclass(frozen=True)
class Regency:
    """An installation, and its people at work in its store."""

    running: Installation
    config: Config
    store: Store

    def person(self, role: Role) -> Actor:
        """The account of a role that the first start made."""
        with self.store.read() as session:
            row = session.scalars(select(Account).where(Account.role == role)).first()
            assert row is not None
            return Actor(row.id, row.username, row.display_name, role, row.wilayah)

    def send(self, text: str) -> str:
        """Submit a message over HTTP; returns its receipt."""
        sent = requests.post(f"{self.running.url}/api/v1/submissions", json={"text": text}, timeout=10)
        assert sent.status_code == 202, sent.text
        return str(sent.json()["receipt"])

    def status(self, receipt: str) -> dict[str, Any]:
        """What a receipt says over HTTP."""
        found = requests.get(f"{self.running.url}/api/v1/submissions/{receipt}", timeout=10)
        assert found.status_code == 200, found.text
        return dict(found.json())

    def comes_to(self, receipt: str, status: str) -> dict[str, Any]:
        """Wait until a receipt says so."""

        def probe() -> dict[str, Any] | None:
            found = self.status(receipt)
            return found if found["status"] == status else None

        return wait_for(f"{receipt} to be {status}", probe)

    def newest_group(self) -> int:
        """The group of the newest claim."""
        with self.store.read() as session:
            return session.scalars(select(ClaimGroup.id).order_by(ClaimGroup.id.desc())).first() or 0

    def item(self, group_id: int) -> tuple[QueueItem, tuple[MatchView, ...]]:
        """A group as a verifier sees it."""
        with self.store.read() as session:
            page = review.group_page(session, self.person("verifikator"), group_id)
            return page.item, page.matches

    def of_peer(self, number: int) -> CurrentFactCheck | None:
        """The one fact-check of another office that is kept here."""
        with self.store.read() as session:
            row = session.execute(entries.statement().where(FactCheck.peer_id == number)).one_or_none()
            return entries.from_row(row.FactCheck, row.FactCheckVersion) if row else None

    def reads(self, number: int, until: Callable[[CurrentFactCheck], object]) -> CurrentFactCheck:
        """Ask for a reading, and wait until it has brought what is looked for, and that is encoded."""
        register.read_now(self.store, self.person("analis"), number)

        def probe() -> CurrentFactCheck | None:
            found = self.of_peer(number)
            return found if found is not None and until(found) and not self.running.owed() else None

        return wait_for("what the other office says now", probe)


@contextmanager
def regency(data: Path, **settings: str) -> Iterator[Regency]:
    """Start an installation."""
    with installation(data, ENCODERS, settings=settings) as running:
        config = load_config(running.environ)
        store = Store(config.database_url)
        try:
            yield Regency(running, config, store)
        finally:
            store.close()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Regency, Regency]]:
    """Jember, and Lumajang that may fetch from it."""
    folder = tmp_path_factory.mktemp("interchange")
    with ExitStack() as stack:
        jember = stack.enter_context(regency(folder / "jember", PENJAGA_WILAYAH="35.09"))
        allowed = urlsplit(jember.running.url).netloc
        yield jember, stack.enter_context(regency(folder / "lumajang", PENJAGA_FETCH_ALLOW=allowed))


def _draft(verdict: str, explanation: str) -> Draft:
    return Draft(
        verdict=verdict,
        claim=CLAIM,
        headline="Tahu dicampur kapur tulis",
        explanation=explanation,
        what_to_do="Beli seperti biasa.",
        evidence=({"label": "Dinas Kesehatan", "url": "https://dinkes.example/tahu"},),
        harm="health",
    )


def test_what_one_office_publishes_corrects_and_retracts_reaches_the_other(
    both: tuple[Regency, Regency],
) -> None:
    jember, lumajang = both
    # Jember checks a claim: decided by one person, approved by another.
    told = jember.send(CLAIM)
    jember.comes_to(told, "in_review")
    group = jember.newest_group()
    writer, approver = jember.person("verifikator"), jember.person("penyetuju")
    decision = review.decide(jember.store, writer, group, _draft("hoaks", "Sudah diuji."))
    review.approve(jember.store, approver, decision)
    jember.comes_to(told, "answered")
    page = f"{jember.running.url}/fakta/{_number_of(jember)}"

    # Lumajang only takes its word as a suggestion, at first.
    number = register.add(
        lumajang.store, lumajang.config, lumajang.person("analis"), jember.running.url, NAME
    )
    entry = lumajang.reads(number, lambda found: found.searchable)
    assert (entry.verdict, entry.publisher, entry.url) == ("hoaks", NAME, page)
    first = lumajang.send(CLAIM)
    lumajang.comes_to(first, "in_review")
    item, matches = lumajang.item(lumajang.newest_group())
    assert (item.band, item.state) == ("review", "queued")
    assert (matches[0].publisher, matches[0].url, matches[0].likely) == (NAME, page, True)

    # Then it trusts it like itself: what comes next is answered at once, in Jember's name.
    register.change_trust(lumajang.store, lumajang.config, lumajang.person("analis"), number, "answers")
    second = lumajang.send(RETOLD)
    answer = lumajang.comes_to(second, "answered")["answer"]
    assert (answer["verdict"], answer["checked_by"]) == ("hoaks", NAME)
    assert answer["sources"][0] == {"label": NAME, "url": page}
    shown = requests.get(f"{lumajang.running.url}/status/{second}", timeout=10).text
    assert NAME in shown
    assert f'href="{page}"' in shown

    # Jember corrects itself.
    correction = review.correct(
        jember.store,
        writer,
        group,
        _draft("menyesatkan", "Kapur makanan dipakai, dan itu boleh."),
        "Ternyata kapur makanan.",
    )
    review.approve(jember.store, approver, correction)
    wait_for("the correction", lambda: "menyesatkan" in _feed(jember).lower())
    corrected = lumajang.reads(number, lambda found: found.version == 2)
    assert corrected.verdict == "menyesatkan"
    assert lumajang.status(second)["answer"]["verdict"] == "menyesatkan"

    # And takes it back.
    review.retract(jember.store, approver, group, "Sampelnya tertukar.")
    wait_for("the retraction", lambda: "dateDeleted" in _feed(jember))
    lumajang.reads(number, lambda found: found.retracted_at is not None)
    lumajang.comes_to(second, "in_review")
    third = lumajang.send(f"{RETOLD} ya")
    assert lumajang.comes_to(third, "in_review")["answer"] is None
    _item, matches = lumajang.item(lumajang.newest_group())
    assert NAME not in {match.publisher for match in matches}


def _number_of(jember: Regency) -> int:
    with jember.store.read() as session:
        return session.scalars(select(FactCheck.id).where(FactCheck.origin == "own")).one()


def _feed(jember: Regency) -> str:
    return requests.get(f"{jember.running.url}/claimreview.json", timeout=10).text
