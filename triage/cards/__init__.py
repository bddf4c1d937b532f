"""Cards for passing on: a fact-check as a picture, with its verdict over the claim, in three sizes."""

from __future__ import annotations

from triage.cards.content import Card, alt_text, card
from triage.cards.drawing import SMALL, etag, kept, png
from triage.cards.layout import FRAMES, Shape

__all__ = ["FRAMES", "SMALL", "Card", "Shape", "alt_text", "card", "etag", "kept", "png"]
