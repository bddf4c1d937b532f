"""The real application behind the real web server, and Debian's Chromium to look at it with.

One Chromium and one server for each test process; each test has a store, an application and browsers of its
own. No worker runs: a test assesses what came by `tests.scripted.drain`, when it wants to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.factories import make_account, make_session
from tests.web import conftest as web
from triage.db import Store
from triage.finishing import Server
from triage.permissions import Actor, Role
from triage.web import security

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

# How long the server waits for what it is answering when all tests are over.
GRACE_S = 1.0

catalogues, app = web.catalogues, web.app


@pytest.fixture(scope="session")
def engine() -> Iterator[Browser]:
    """The one Chromium of this process."""
    if chromium.EXECUTABLE is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.EXECUTABLE)
        yield browser
        browser.close()


class Door:
    """The one server of this process; it lets requests in to the application of the test that runs."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.server = Server(self, host="127.0.0.1", port=0, threads=4)

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        assert self.app is not None, "a request between two tests"
        return self.app(environ, start)


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    """The server, from the first test to the last."""
    door = Door()
    thread = threading.Thread(target=door.server.serve, args=(GRACE_S,))
    thread.start()
    yield door
    door.server.stop()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def home(door: Door, app: Flask) -> Iterator[str]:
    """The address of the running site, without a slash at its end."""
    door.app = app
    yield f"http://127.0.0.1:{door.server.ports[0]}"
    door.app = None


@pytest.fixture
def visit(engine: Browser, home: str) -> Iterator[Callable[..., Visitor]]:
    """Start browsers (`chromium.visit`); afterwards none may have complained of a policy or a script."""
    visitors: list[Visitor] = []

    def start(**options: Any) -> Visitor:
        visitors.append(chromium.visit(engine, home, **options))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture(params=chromium.WIDTHS, ids=["phone", "desk"])
def width(request: pytest.FixtureRequest) -> int:
    """Both widths that every page is made for, in CSS pixels."""
    return int(request.param)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """With scripts and without."""
    return bool(request.param)


@pytest.fixture
def page(visit: Callable[..., Visitor], width: int, javascript: bool) -> Page:
    """A tab at both widths, with scripts and without: a test that takes it runs four times."""
    return visit(width=width, javascript=javascript).page()


def enter(store: Store, visitor: Visitor, role: Role) -> Actor:
    """Let somebody new of a role be signed in in a browser."""
    with store.write() as session:
        actor = make_account(session, role)
        token = make_session(session, actor)
    visitor.context.add_cookies([{"name": security.SESSION, "value": token, "url": visitor.home}])
    return actor


@pytest.fixture
def sign_in(store: Store) -> Callable[[Visitor, Role], Actor]:
    """Let somebody new of a role be signed in in a browser."""
    return partial(enter, store)
