"""Addresses that leave the screen: in QR codes, on paper, in messages."""

from __future__ import annotations

from flask import url_for

from triage.services import services


def lasting(endpoint: str, **values: object) -> str:
    """Return the address of a page as it is passed on: under the first of `PENJAGA_HOSTS`, where people are.

    Whoever makes the card may have come by another name, which leads nowhere from outside.
    """
    config = services().config
    if config.production:
        return config.site + url_for(endpoint, **values)  # type: ignore[arg-type]
    return url_for(endpoint, _external=True, **values)  # type: ignore[arg-type]
