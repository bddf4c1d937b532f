"""Texts are written where they belong and marked there; `triage.web` translates them where they are shown."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - the name that extraction of messages knows
    """Mark a text for translation where it is written."""
    return text
