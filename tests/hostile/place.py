"""The real application with something of everything in its store, and people of each role signed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Flask

from tests.factories import make_account, make_fact_check, make_group, make_session, suggest
from triage import asking, intake, receipts, review
from triage.app import create_app
from triage.config import Config
from triage.db import Store
from triage.intake import NewSubmission
from triage.permissions import ROLES, Actor, Role
from triage.review import Draft

DRAFT = Draft(
    verdict="hoaks", claim="Bantuan tunai lewat tautan", headline="Tautan itu penipuan",
    explanation="Dinas sosial tidak membagikan tautan.", what_to_do="Jangan dibuka.",
    evidence=({"label": "Dinas Sosial", "url": "https://contoh.example/"},), harm="fraud",
)  # fmt: skip
_GROUPS = 6


@dataclass(frozen=True)
class Person:
    """Whoever uses a browser: nobody in particular, or somebody signed in, with the token of their forms."""

    role: Role | None = None
    token: str = ""
    csrf: str = ""


class Place:
    """An application with content: `numbers` are ids that exist, `receipts` belong to messages."""

    def __init__(self, config: Config, store: Store) -> None:
        """Open the application on a migrated, empty store, and put something of everything in it."""
        url = store.engine.url.render_as_string(hide_password=False)
        self.app: Flask = create_app(replace(config, database_url=url))
        self.numbers: list[int] = []
        self.receipts: list[str] = []
        self.people: list[Person] = []
        self._config, self._store = config, store
        with store.write() as session:
            self._actors = [make_account(session, role) for role in ROLES]
        self.refresh()

    def refresh(self) -> None:
        """Sign everybody in again, and put content that nobody has dealt with yet beside the earlier."""
        with self._store.write() as session:
            tokens = [(actor, make_session(session, actor)) for actor in self._actors]
        self.people = [Person(), *(self._person(actor, token) for actor, token in tokens)]
        self.receipts = [
            intake.accept(self._store, self._config, NewSubmission(text=f"Kabar {number} tentang bantuan"))
            for number in range(4)
        ]
        self.numbers = [*self._content(), 0, 2**63 - 1]

    def close(self) -> None:
        """Close what the application holds open."""
        self.app.extensions["penjaga"].waker.close()
        self.app.extensions["penjaga"].limits.close()
        self.app.extensions["penjaga"].store.close()

    def _person(self, actor: Actor, token: str) -> Person:
        return Person(actor.role, token, receipts.keyed_hash(self._config.secret, "form", token))

    def _content(self) -> list[int]:
        with self._store.write() as session:
            writer = make_account(session, "penyetuju")
            fact = make_fact_check(session, origin="own")
            groups = [make_group(session) for _ in range(_GROUPS)]
            matches = [suggest(session, group, fact).id for group in groups]
            decided, numbers = groups[0].id, [fact.id, *(group.id for group in groups), *matches]
        review.lease(self._store, writer, decided)
        name = f"Balai desa {decided}"
        return [
            *numbers,
            review.decide(self._store, writer, decided, DRAFT),
            asking.add_source(self._store, self._config, writer, asking.KINDS[0], name, "0812 0000 0000"),
        ]
