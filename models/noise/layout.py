"""What happens around words: forwarding, signs, capitals, spaces, and reading from a picture."""

from __future__ import annotations

import re
from random import Random

from models.noise.apart import from_links

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
_AFTER_STOP = re.compile(r"(?<=[^\W\d_][.,!?:;])[ \n]+")
_STOPS = re.compile(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)")


def forwarded(text: str, random: Random) -> str:
    """Put the marks of forwarding and a request to pass the message on around it."""
    return random.choice(_HEADERS) + text + random.choice(_FOOTERS)


def emoji(text: str, random: Random) -> str:
    """Strew pictographs between the words."""

    def change(part: str) -> str:
        words = part.split(" ")
        return " ".join(word + (random.choice(_EMOJI) if random.random() < 0.2 else "") for word in words)

    return from_links(text, change)


def capitals(text: str, random: Random) -> str:  # noqa: ARG001 - one shape for all kinds
    """SHOUT."""
    return from_links(text, str.upper)


def unspaced(text: str, random: Random) -> str:
    """Leave out the space after a comma or a full stop."""

    def change(match: re.Match[str]) -> str:
        return "" if random.random() < 0.7 else match.group()

    return from_links(text, lambda part: _AFTER_STOP.sub(change, part))


def dictated(text: str, random: Random) -> str:  # noqa: ARG001 - one shape for all kinds
    """Speak instead of typing: one line, no capitals, no punctuation."""
    return from_links(text, lambda part: " ".join(_STOPS.sub(" ", part).lower().split()) or part)


def misread(text: str, random: Random) -> str:
    """Misread letters as reading a screenshot does, and break lines within sentences."""
    return from_links(text, lambda part: _misread(part, random))


def _misread(text: str, random: Random) -> str:
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
