"""People who have a page open, or are signed in, notice nothing of a new secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.web.pages import Browser
from triage.app import create_app
from triage.config import Config
from triage.permissions import Role

NEW = "kunci-baru-0123456789-abcdefghijklm"


def _app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    yield app
    app.extensions["penjaga"].waker.close()
    app.extensions["penjaga"].store.close()


@pytest.fixture
def rotated(config: Config, app: Flask) -> Iterator[Flask]:
    """The site after a restart with a new secret beside the earlier one."""
    yield from _app(replace(config, secret=NEW, earlier_secrets=(config.secret,)))


@pytest.fixture
def forgotten(config: Config, app: Flask) -> Iterator[Flask]:
    """The same without the earlier one."""
    yield from _app(replace(config, secret=NEW))


def _moved(browser: Browser, app: Flask) -> Browser:
    """The same browser, with its cookies, on the site as it is now."""
    client = app.test_client()
    for name in ("penjaga_session", "penjaga_device", "penjaga_notice"):
        cookie = browser.client.get_cookie(name)
        if cookie is not None:
            client.set_cookie(name, cookie.value)
    return Browser(client)


def _add(browser: Browser, page: Browser) -> int:
    form = page.get("/kim/sumber").form("/sumber")
    return browser.submit(form, kind="bpbd", name="BPBD Lumajang", contact="Pusdalops").status_code


def test_an_open_form_and_a_sign_in_outlive_the_secret(
    signed_in: Callable[[Role], Browser], rotated: Flask
) -> None:
    before = signed_in("penyetuju")
    after = _moved(before, rotated)
    assert _add(after, before) == 303
    assert after.get("/kim").status == 200
    page = after.get("/kim/sumber/1")
    assert "Pusdalops" in page.text


def test_without_the_earlier_secret_the_form_is_too_old(
    signed_in: Callable[[Role], Browser], forgotten: Flask
) -> None:
    before = signed_in("penyetuju")
    after = _moved(before, forgotten)
    assert _add(after, before) == 403
    assert after.get("/kim").status == 200, "still signed in: sessions need no secret"


def test_a_notice_that_waits_is_still_shown(
    signed_in: Callable[[Role], Browser], rotated: Flask, forgotten: Flask
) -> None:
    before = signed_in("penyetuju")
    assert _add(before, before) == 303
    assert "Sumber tersimpan." not in _moved(before, forgotten).get("/kim/sumber").text
    assert "Sumber tersimpan." in _moved(before, rotated).get("/kim/sumber").text


def test_a_contact_that_cannot_be_read_is_said_so(
    signed_in: Callable[[Role], Browser], forgotten: Flask
) -> None:
    before = signed_in("penyetuju")
    assert _add(before, before) == 303
    after = _moved(before, forgotten)
    for path in ("/kim/sumber", "/kim/sumber/1"):
        page = after.get(path)
        assert page.status == 200
        assert "idak dapat dibaca: disandikan dengan PENJAGA_SECRET yang lain" in page.text
        assert "Pusdalops" not in page.text
