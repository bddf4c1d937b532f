"""Python's search for garbage, which need not walk a loaded archive."""

from __future__ import annotations

import gc


def spare_loaded() -> None:
    """Exempt all that lives now from the search for garbage cycles.

    A large archive is millions of small objects that stay: walking them takes longer than matching a message,
    and comes upon one message or another.
    """
    gc.collect()
    gc.freeze()
