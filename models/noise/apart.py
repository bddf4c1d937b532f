"""Changing a text around its links, and word by word."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from random import Random

from models.text import clean, urls

Noise = Callable[[str, Random], str]

WORD = re.compile(r"[^\W\d_]+")
_PIECE = re.compile(r"\S+|\s+")


def from_links(text: str, change: Callable[[str], str]) -> str:
    """Change each run of words of `text` that has no link in it; the white space around links stays."""
    parts: list[str] = []
    for is_link, pieces in groupby(_PIECE.findall(clean(text)), key=lambda piece: bool(urls(piece))):
        part = "".join(pieces)
        words = part.strip()
        if is_link or not words:
            parts.append(part)
        else:
            parts.append(part.replace(words, change(words)))
    return "".join(parts)


def each_word(text: str, share: float, random: Random, change: Callable[[str], str]) -> str:
    """Change that share of the words in `text`, links left alone."""

    def maybe(match: re.Match[str]) -> str:
        word = match.group()
        return change(word) if random.random() < share else word

    return from_links(text, lambda part: WORD.sub(maybe, part))
