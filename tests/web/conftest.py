"""The real application on an empty SQLite store, and browsers for people of each role."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from tests.factories import make_account, make_session
from tests.web.pages import Browser
from triage.app import create_app
from triage.config import Config
from triage.db import Store
from triage.permissions import Role
from triage.web import security
from triage.web.i18n import TRANSLATIONS


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """Compile translations that are missing or older than their source."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            draft = Path(f"{compiled}.{os.getpid()}")
            with source.open("rb") as read, draft.open("wb") as written:
                write_mo(written, read_po(read))
            draft.replace(compiled)


@pytest.fixture
def app(config: Config, store: Store) -> Iterator[Flask]:
    """The application, as `penjaga up` runs it; no broker answers, so wake-ups are only logged."""
    app = create_app(config)
    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A reporter's browser."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask, store: Store) -> Callable[[Role], Browser]:
    """Open a browser in which somebody new of this role has signed in."""

    def enter(role: Role) -> Browser:
        with store.write() as session:
            token = make_session(session, make_account(session, role))
        client = app.test_client()
        client.set_cookie(security.SESSION, token)
        return Browser(client)

    return enter
