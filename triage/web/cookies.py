"""Cookies: never readable by scripts, never sent along from other sites, only over TLS in production."""

from __future__ import annotations

from flask import Response, request

from triage.services import services

_YEAR_S = 365 * 24 * 3600


def read(name: str) -> str | None:
    """Return a cookie of ours, if the browser sent it."""
    return request.cookies.get(_full(name))


def remember(response: Response, name: str, value: str) -> None:
    """Keep a value in the browser for a year."""
    _put(response, name, value, _YEAR_S)


def hold(response: Response, name: str, value: str) -> None:
    """Keep a value until the browser is closed."""
    _put(response, name, value, None)


def drop(response: Response, name: str) -> None:
    """Forget a value."""
    _put(response, name, "", 0)


def _put(response: Response, name: str, value: str, max_age: int | None) -> None:
    secure = services().config.production
    response.set_cookie(_full(name), value, max_age=max_age, httponly=True, samesite="Lax", secure=secure)


def _full(name: str) -> str:
    # With this prefix a browser refuses a cookie that another host of the same domain tries to plant.
    return f"__Host-{name}" if services().config.production else name
