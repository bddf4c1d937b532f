"""Who is signed in, by the browser's cookies, and as whom the browser is counted."""

from __future__ import annotations

from triage import accounts
from triage.accounts import SignedIn
from triage.devices import reporter_hash
from triage.services import services
from triage.web import cookies
from triage.web.security import SESSION, device


def signed_in() -> SignedIn | None:
    """Return who uses this browser, None while nobody has signed in."""
    token = cookies.read(SESSION)
    return accounts.signed_in(services().store, token) if token else None


def counted_as(number: str | None = None) -> str | None:
    """Return how this browser (or one with the number) is counted; None while it has kept no number."""
    number = number or device()
    return reporter_hash(services().config, number) if number else None
