"""The verifiers' face: the queue, the page of one message, decision and approval."""

from __future__ import annotations

from triage.web.kim import (
    accounts,
    alerts,
    audit,
    deciding,
    item,
    materials,
    offices,
    own,
    parked,
    quality,
    queue,
    sources,
    trends,
    weekly,
)
from triage.web.kim.blueprint import blueprint

__all__ = [
    "accounts",
    "alerts",
    "audit",
    "blueprint",
    "deciding",
    "item",
    "materials",
    "offices",
    "own",
    "parked",
    "quality",
    "queue",
    "sources",
    "trends",
    "weekly",
]
