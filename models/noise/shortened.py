"""How chats shorten words, write them together or apart, and say numbers."""

from __future__ import annotations

import re
from random import Random

from models.noise.apart import each_word, from_links
from models.text import chat_spellings

_LONG = 4  # shorter words lose what they are with a letter
_TWICE = re.compile(r"(?<!\w)(\w{3,})-\1(an|nya|kan)?(?!\w)", re.IGNORECASE)
_PREPOSITION = re.compile(r"(?<!\w)(di|ke) (?=[^\W\d_])", re.IGNORECASE)
_PASSIVE = re.compile(r"(?<!\w)(di)(?=[^\W\d_]{4})", re.IGNORECASE)
_SUFFIX = re.compile(r"(?<=[^\W\d_]{4})(nya|kan)(?!\w)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.,:/-])(?:[1-9][0-9]{0,2}(?:\.000){1,3}|[1-9][0-9]{0,2})(?![\w:/-]|[.,][0-9])")
_ONES = ("", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
_THOUSANDS = (("", "", ""), ("rb", "ribu", "ribu"), ("jt", "juta", "juta"), ("M", "miliar", "miliar"))


def abbreviated(text: str, random: Random) -> str:
    """Write words the way chats shorten them: `yg`, `tdk`, `sdh`; unusual ones, too: `mlrng`."""
    shorts = chat_spellings()

    def change(word: str) -> str:
        known = shorts.get(word.lower())
        if known and random.random() < 0.8:
            return random.choice(known)
        return _bare(word, random, 0.0) if len(word) > 6 and random.random() < 0.1 else word

    return each_word(text, 0.8, random, change)


def without_vowels(text: str, random: Random) -> str:
    """Leave vowels out of longer words, the first and last letter kept: `bncna`."""
    return each_word(text, 0.4, random, lambda word: _bare(word, random, 0.35))


def _bare(word: str, random: Random, kept: float) -> str:
    if len(word) < _LONG:
        return word
    inner = "".join(each for each in word[1:-1] if each.lower() not in "aeiou" or random.random() < kept)
    return word[0] + inner + word[-1]


def reduplicated(text: str, random: Random) -> str:  # noqa: ARG001 - one shape for all kinds
    """Write a 2 for a word said twice: `orang2`, `anak2nya`."""
    return from_links(text, lambda part: _TWICE.sub(lambda match: f"{match[1]}2{match[2] or ''}", part))


def glued(text: str, random: Random) -> str:
    """Write `di` and `ke` together with what follows: `dirumah`, `kepasar`."""

    def change(match: re.Match[str]) -> str:
        return match[1] if random.random() < 0.8 else match[0]

    return from_links(text, lambda part: _PREPOSITION.sub(change, part))


def split(text: str, random: Random) -> str:
    """Write prefixes and suffixes apart: `di larang`, `rumah nya`."""

    def before(match: re.Match[str]) -> str:
        return f" {match[1]}" if random.random() < 0.6 else match[0]

    def after(match: re.Match[str]) -> str:
        return f"{match[1]} " if random.random() < 0.6 else match[0]

    return from_links(text, lambda part: _PASSIVE.sub(after, _SUFFIX.sub(before, part)))


def amounts(text: str, random: Random) -> str:
    """Say numbers as chats do: `500rb`, `500 ribu`, `lima ratus ribu`."""

    def change(match: re.Match[str]) -> str:
        count, *thousands = match.group().split(".")
        short, long, said = _THOUSANDS[len(thousands)]
        return random.choice(
            (f"{count}{short}", f"{count} {long}".strip(), f"{_in_words(int(count))} {said}".strip())
        )

    return from_links(text, lambda part: _NUMBER.sub(change, part))


def _in_words(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = ["seratus" if hundreds == 1 else f"{_ONES[hundreds]} ratus" if hundreds else ""]
    if rest in (10, 11):
        words.append("sepuluh" if rest == 10 else "sebelas")
    elif tens == 1:
        words.append(f"{_ONES[ones]} belas")
    else:
        words += [f"{_ONES[tens]} puluh" if tens else "", _ONES[ones]]
    return " ".join(word for word in words if word)
