"""How many processor cores this process may use."""

from __future__ import annotations

import os


def available() -> int:
    """Return how many, at least 1: fewer than the machine has where the process is kept to some of them."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
