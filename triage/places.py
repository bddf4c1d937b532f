"""Where a request comes from, for limits alone: never stored, never logged."""

from __future__ import annotations

from flask import request


def address() -> str:
    """Return the network address of the browser or program, as far as our own proxies vouch for it."""
    return request.remote_addr or ""
