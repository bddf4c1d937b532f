"""What phones, haste and forwarding do to a message: each kind by itself, for training and measuring.

A kind takes a text and a seeded random source and returns the text as a villager might have sent it. The same
seed gives the same text on every machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from random import Random

from models.text import chat_spellings

_WORD = re.compile(r"[^\W\d_]+")
_LONG = 4  # shorter words lose what they are with a letter
_LEET = str.maketrans("aeiosgt", "4310597")
_MISREAD = {
    "rn": "m", "m": "rn", "l": "1", "i": "l", "o": "0", "e": "c", "u": "ii", "cl": "d", "b": "6", "s": "5",
    "g": "q", "h": "li",
}  # fmt: skip
_HEADERS = (
    "Diteruskan berkali-kali\n", "Forwarded many times\n", "*Copas dari grup sebelah*\n\n", "Fwd: ",
    "Assalamualaikum, sekedar info dari grup RT:\n", "[12/3 19.42] +62 ***: ",
)  # fmt: skip
_FOOTERS = (
    "\n\nSebarkan ke semua grup, semoga bermanfaat!", "\nTolong bantu share ya", "\n*Viralkan!!*", "",
    "\nJangan berhenti di kamu, teruskan ke keluarga dan teman", "\nMohon infonya apa ini benar?",
)  # fmt: skip
_EMOJI = ("😱", "🙏🙏", "‼️", "⚠️", "😭", "🔥", "👇👇", "🤲", "😡", "📢")

Noise = Callable[[str, Random], str]


@lru_cache(maxsize=1)
def _dialects() -> dict[str, dict[str, str]]:
    table = json.loads(resources.files("models").joinpath("data/dialect.json").read_text("utf-8"))
    return {name: table[name] for name in ("javanese", "madurese")}


def _each_word(text: str, share: float, random: Random, change: Callable[[str], str]) -> str:
    """Change that share of the words in `text`, links left alone."""

    def maybe(match: re.Match[str]) -> str:
        word = match.group()
        return change(word) if random.random() < share else word

    parts = re.split(r"(\S*(?:://|www\.)\S*)", text)
    return "".join(part if number % 2 else _WORD.sub(maybe, part) for number, part in enumerate(parts))


def abbreviated(text: str, random: Random) -> str:
    """Write words the way chats shorten them: `yg`, `tdk`, `sdh`."""
    shorts = chat_spellings()

    def change(word: str) -> str:
        known = shorts.get(word.lower())
        return random.choice(known) if known else word

    return _each_word(text, 0.8, random, change)


def without_vowels(text: str, random: Random) -> str:
    """Leave vowels out of longer words, the first and last letter kept: `bncna`."""

    def change(word: str) -> str:
        if len(word) < _LONG:
            return word
        inner = "".join(each for each in word[1:-1] if each.lower() not in "aeiou" or random.random() < 0.35)
        return word[0] + inner + word[-1]

    return _each_word(text, 0.4, random, change)


def stretched(text: str, random: Random) -> str:
    """Repeat a vowel or the last letter for emphasis: `awaaaas`, `gratisss`."""

    def change(word: str) -> str:
        vowels = [place for place, each in enumerate(word) if each.lower() in "aeiou"]
        place = random.choice([*vowels, len(word) - 1])
        return word[:place] + word[place] * random.randint(3, 6) + word[place + 1 :]

    return _each_word(text, 0.3, random, change)


def leet(text: str, random: Random) -> str:
    """Write digits for letters: `v4ks1n`."""
    return _each_word(text, 0.3, random, lambda word: word.translate(_LEET) if len(word) >= _LONG else word)


def mistyped(text: str, random: Random) -> str:
    """Swap, drop or double a letter within longer words."""

    def change(word: str) -> str:
        if len(word) < _LONG:
            return word
        at = random.randrange(1, len(word) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return random.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))

    return _each_word(text, 0.3, random, change)


def javanese_mixed(text: str, random: Random) -> str:
    """Say everyday words in Javanese."""
    return _mixed(text, "javanese", random)


def madurese_mixed(text: str, random: Random) -> str:
    """Say everyday words in Madurese."""
    return _mixed(text, "madurese", random)


def _mixed(text: str, language: str, random: Random) -> str:
    table = _dialects()[language]
    return _each_word(text, 0.85, random, lambda word: table.get(word.lower(), word))


def forwarded(text: str, random: Random) -> str:
    """Put the marks of forwarding and a request to pass the message on around it."""
    return random.choice(_HEADERS) + text + random.choice(_FOOTERS)


def emoji(text: str, random: Random) -> str:
    """Strew pictographs between the words."""
    words = text.split(" ")
    return " ".join(word + (random.choice(_EMOJI) if random.random() < 0.2 else "") for word in words)


def capitals(text: str, random: Random) -> str:  # noqa: ARG001 - one shape for all kinds
    """SHOUT."""
    return text.upper()


def misread(text: str, random: Random) -> str:
    """Misread letters as reading a screenshot does, and break lines within sentences."""
    letters: list[str] = []
    at = 0
    while at < len(text):
        pair, one = text[at : at + 2], text[at]
        if random.random() < 0.06 and (pair.lower() in _MISREAD or one.lower() in _MISREAD):
            found = pair if pair.lower() in _MISREAD else one
            letters.append(_MISREAD[found.lower()])
            at += len(found)
            continue
        letters.append("\n" if one == " " and random.random() < 0.12 else one)
        at += 1
    return "".join(letters)


def everything(text: str, random: Random) -> str:
    """Three kinds at once, as real messages have them."""
    kinds = [kind for name, kind in KINDS.items() if name != "everything"]
    for kind in random.sample(kinds, 3):
        text = kind(text, random)
    return text


KINDS: dict[str, Noise] = {
    "abbreviated": abbreviated,
    "without_vowels": without_vowels,
    "stretched": stretched,
    "leet": leet,
    "mistyped": mistyped,
    "javanese_mixed": javanese_mixed,
    "madurese_mixed": madurese_mixed,
    "forwarded": forwarded,
    "emoji": emoji,
    "capitals": capitals,
    "misread": misread,
    "everything": everything,
}
"""Every kind by the name that tables show."""
