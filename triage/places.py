"""Where a request comes from, for limits and for who watches over the machine: never stored, never logged."""

from __future__ import annotations

import ipaddress

from flask import request

from triage.addresses import Address


def address() -> str:
    """Return the network address of the browser or program, as far as our own proxies vouch for it."""
    return request.remote_addr or ""


def numeric_address() -> Address | None:
    """Return the same as a number; None where it is none."""
    try:
        return ipaddress.ip_address(address())
    except ValueError:
        return None
