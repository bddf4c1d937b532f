"""Texts for passing a fact-check on: a message, a script to be read aloud, and drafts of both in Javanese."""

from __future__ import annotations

from triage.materials.kept import KINDS, MAX_TEXT, Kind, Listed, Text, newest, public_texts, save, texts
from triage.materials.script import seconds, words_in
from triage.materials.speaking import abbreviations
from triage.materials.whatsapp import MAX_CHARACTERS

__all__ = [
    "KINDS", "MAX_CHARACTERS", "MAX_TEXT", "Kind", "Listed", "Text", "abbreviations", "newest",
    "public_texts", "save", "seconds", "texts", "words_in",
]  # fmt: skip
