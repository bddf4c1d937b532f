"""Who is signed in, by the browser's cookie."""

from __future__ import annotations

from triage import accounts
from triage.accounts import SignedIn
from triage.services import services
from triage.web import cookies
from triage.web.security import SESSION


def signed_in() -> SignedIn | None:
    """Return who uses this browser, None while nobody has signed in."""
    token = cookies.read(SESSION)
    return accounts.signed_in(services().store, token) if token else None
