"""What every request needs, made once per process and handed on as one value."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from triage.broker import Waker
from triage.config import Config
from triage.db import Store
from triage.limits import Limits


@dataclass(frozen=True, slots=True)
class Services:
    """The configuration, the store, the way to wake workers, and how much may come from one place."""

    config: Config
    store: Store
    waker: Waker
    limits: Limits


def services() -> Services:
    """Return the services of the running application."""
    found = current_app.extensions["penjaga"]
    assert isinstance(found, Services)  # noqa: S101 - set by create_app, narrows the type
    return found
