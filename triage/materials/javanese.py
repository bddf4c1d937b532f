"""A first draft in Javanese: our own word list, Indonesian to Javanese, for a person to correct.

Words that it does not know stay as they are. Nothing that comes out of here is for the public unread.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_VOWELS = "aeiou"
_ITS = "nya"


def glossed(text: str) -> str:
    """Put a text into Javanese word by word, pairs of words first; capitals and punctuation stay."""
    words = list(_WORD.finditer(text))
    made, end, place = [], 0, 0
    while place < len(words):
        found, taken = _pair(text, words, place) or (_single(words[place][0]), 1)
        made += [text[end : words[place].start()], _cased(words[place][0], found)]
        end, place = words[place + taken - 1].end(), place + taken
    return "".join([*made, text[end:]])


def _pair(text: str, words: list[re.Match[str]], place: int) -> tuple[str, int] | None:
    if place + 1 == len(words) or text[words[place].end() : words[place + 1].start()] != " ":
        return None
    found = word_list().get(f"{words[place][0]} {words[place + 1][0]}".casefold())
    return (found, 2) if found else None


def _single(word: str) -> str:
    small = word.casefold()
    found = word_list().get(small)
    if found:
        return found
    root = word_list().get(small.removesuffix(_ITS)) if small.endswith(_ITS) else None
    if root:
        return root + ("nipun" if root[-1] in _VOWELS else "ipun")
    return word


def _cased(word: str, found: str) -> str:
    if word[0].isupper() and found[0].islower():
        return found[0].upper() + found[1:]
    return found


@cache
def word_list() -> dict[str, str]:
    """Return the list: Indonesian words and pairs of words, small letters, each with one in Javanese."""
    table: dict[str, str] = json.loads(
        files("triage").joinpath("data/javanese_words.json").read_text("utf-8")
    )
    return table
