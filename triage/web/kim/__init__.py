"""The verifiers' face: the queue, the page of one message, decision and approval."""

from __future__ import annotations

from triage.web.kim import (
    accounts,
    alerts,
    deciding,
    item,
    materials,
    offices,
    own,
    parked,
    queue,
    sources,
    trends,
)
from triage.web.kim.blueprint import blueprint

__all__ = [
    "accounts",
    "alerts",
    "blueprint",
    "deciding",
    "item",
    "materials",
    "offices",
    "own",
    "parked",
    "queue",
    "sources",
    "trends",
]
