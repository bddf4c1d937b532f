"""How chats spell words, and the plain words that they stand for.

Whatever is undone ends in a word that is in use: a code, a model or a name that only looks like a spelling of
something stays as it is. Takes and gives lower case; linear in the length of what is given; never raises.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from models import amounts, lexicon
from models.lexicon import COMMON, STEM, is_known, is_word

_LONGEST = 24  # letters; nothing longer is looked up, so that no long text is kept in memory
_TELLING = 5  # letters from which a slip or the consonants tell a word
_SPELT = 3  # letters written apart that are taken for a word
_UNSPELT = 1 << 30
_CLEARLY = 2  # powers of two by which a word must be more frequent than the next one of its consonants
_CONSONANT = re.compile(r"[^aeiou]")
_CLUSTER = re.compile(r"[^aeiou]{2}")
# Doubled vowels within a word are mostly meant: "ketaatan" is not "ketatan".
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1{1,24}|([aeiou])\2{1,24}$")
_ASPIRATED = re.compile("([bdgjt])h")
# What reading a picture makes of letters, and what they are.
_MISREAD = (("rn", "m"), ("ii", "u"), ("q", "g"), ("vv", "w"), ("cl", "d"))
_NASALS = ("ng", "ny", "mb", "nd", "nj")
_PREPOSITIONS = ("di", "ke")
_LOOSE_SUFFIXES = frozenset(("kan", "lah", "kah", "pun"))
_CHAT_NYA = ("nya", "nye", "ny", "x")
# Suffix, and whether a vowel stands before it.
_POSSESSED = (("ne", True), ("e", False), ("na", True))
_LEET = re.compile(
    r"(?<![^\W_@$])(?=[a-z]{0,24}+[0-9@$])(?=[0-9@$]{0,24}+[a-z])[a-z0-9@$]{4,24}+(?![^\W_@$])"
)
_LEET_LETTERS = [str.maketrans("013456789@$", f"o{one}eas{six}tbgas") for six in "gb" for one in "il"]
_COUNTED = re.compile(r"[0-9]*([a-z]{3,})[0-9]*")


def plain(word: str) -> str:
    """Return the plain word or words that a word of a chat stands for; most often itself."""
    return word if len(word) > _LONGEST or not word.isascii() else _plain(word)


@lru_cache(maxsize=1 << 15)
def _plain(word: str) -> str:
    found = lexicon.words().plain.get(word)
    if found or is_word(word):
        return found or word
    return next((found for way in _WAYS if (found := way(word))), word)


def _known(changed: str, word: str) -> str | None:
    """Return what a changed word stands for, if it is another one and known; not as initials of several."""
    if changed == word or len(changed) < STEM or not is_known(changed):
        return None
    found = lexicon.words().plain.get(changed, changed)
    return None if " " in found else found


def _single(word: str) -> str | None:
    """`banjirr` and `mennang` have a letter too many."""
    # Short ones are names as often: "kalla" is not "kala".
    return _known(_DOUBLED.sub(r"\1\2", word), word) if len(word) > _TELLING else None


def _without_chat_suffix(word: str) -> str | None:
    """`katany` is `katanya`, `sebarin` is `sebarkan`."""
    words = lexicon.words()
    if len(stem := word.removesuffix("in")) >= STEM - 1 and stem != word and f"{stem}kan" in words.frequency:
        return f"{stem}kan"
    for chat in _CHAT_NYA:
        stem = word.removesuffix(chat)
        whole = words.plain.get(stem, stem)
        if len(whole if chat == "nya" else stem) < STEM + (chat == "x") or stem == word:
            continue
        if words.frequency.get(whole, 0) >= COMMON:
            return f"{whole}nya"
    return None


def _possessed(word: str) -> str | None:
    """`omahe`, `regane` and `kamare` end in the Javanese for `nya`, `rosakna` in the Madurese."""
    words = lexicon.words()
    for suffix, after_vowel in _POSSESSED:
        stem = word.removesuffix(suffix)
        if len(stem) < STEM or stem == word or (stem[-1] in "aeiou") is not after_vowel:
            continue
        said = words.plain.get(stem)
        if (
            said is None
            and suffix != "na"
            and len(stem) >= _TELLING
            and words.frequency.get(stem, 0) >= COMMON
        ):
            said = stem
        if said and " " not in said:
            return f"{said}nya"
    return None


def _with_prefix(word: str) -> str | None:
    """`nyebar` and `ngirim` leave out the `me` of `menyebar` and `mengirim`."""
    whole = f"me{word}"
    return whole if word.startswith(_NASALS) and whole in lexicon.words().frequency else None


def _heard(word: str) -> str | None:
    """`dhari` and `bhanjir` are spelt as Javanese and Madurese speakers hear them."""
    return _known(_ASPIRATED.sub(r"\1", word), word)


def _read(word: str) -> str | None:
    """`serneru` and `oranq` were read from a picture."""
    return next((found for bad, good in _MISREAD if (found := _known(word.replace(bad, good), word))), None)


def _with_vowels(word: str) -> str | None:
    """`bncna` has the letters of one common word in order, and that has more vowels between them."""
    if len(word) < _TELLING:
        return None  # four letters are most often the initials of something
    words = lexicon.words()
    alike = words.by_consonants.get(lexicon.consonants(word), ())
    found = [each for each in alike if len(each) >= _TELLING and _without_some_vowels(each, word)]
    if not found or words.frequency[found[0]] < COMMON:
        return None
    clear = len(found) == 1 or words.frequency[found[0]] >= words.frequency[found[1]] + _CLEARLY
    return found[0] if clear else None


def _without_some_vowels(word: str, short: str) -> bool:
    """Tell whether `short`, of the same consonants, leaves out vowels of `word` that stand by themselves."""
    there, left = _CONSONANT.split(word[1:]), _CONSONANT.split(short[1:])
    return there[-1] == left[-1] and all(kept in ("", full) for full, kept in zip(there, left, strict=True))


def _swapped(word: str) -> str | None:
    """`tidka` has letters in a row that no common word has, and is one with two of them swapped."""
    words = lexicon.words()
    odd = (each for each in lexicon.triples(word) if each not in words.triples)
    if len(word) < _TELLING or not any(map(_CLUSTER.search, odd)):
        return None
    swaps = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)} - {word}
    found = [each for each in swaps if words.frequency.get(each, 0) >= COMMON]
    return found[0] if len(found) == 1 else None


_WAYS = (
    _single, _without_chat_suffix, _possessed, _with_prefix, _heard, _read, _with_vowels, _swapped,
)  # fmt: skip


def without_leet(text: str) -> str:
    """Return `text` with digits and signs that stand for letters of a word put back: `v4ks1n`."""
    return _LEET.sub(_unleet, text)


def _unleet(match: re.Match[str]) -> str:
    token = match.group()
    counted = _COUNTED.fullmatch(token)
    if counted and is_known(counted.group(1)):
        return token  # "2orang" and "bab1" are a number and a word
    words = (token.translate(letters) for letters in _LEET_LETTERS)
    return next((word for word in words if is_known(word)), token)


def joined(tokens: Sequence[str]) -> list[str]:
    """Return words in normal form with what was written apart put together: letters, prefixes, suffixes."""
    found: list[str] = []
    letters: list[str] = []
    for token in tokens:
        if len(token) == 1 and "a" <= token <= "z":
            letters.append(token)
            continue
        if letters:
            found += _spelt(letters)
            letters = []
        found.append(token)
    return _affixed(found + _spelt(letters))


def _spelt(letters: list[str]) -> list[str]:
    """Return the fewest words in use that single letters spell without a letter left, or the letters."""
    text = "".join(letters)
    if len(text) < _SPELT:
        return letters
    ways: list[tuple[int, int]] = [(0, 0)]  # for each place: words up to there, and where the last begins
    for end in range(1, len(text) + 1):
        starts = range(max(end - _LONGEST, 0), end - _SPELT + 1)
        known = [start for start in starts if _is_spelt(text[start:end])]
        ways.append(min(((ways[start][0] + 1, start) for start in known), default=(_UNSPELT, 0)))
    if ways[-1][0] >= _UNSPELT:
        return letters
    found: list[str] = []
    end = len(text)
    while end:
        start = ways[end][1]
        found.append(lexicon.words().plain.get(text[start:end], text[start:end]))
        end = start
    return " ".join(reversed(found)).split()


def _is_spelt(word: str) -> bool:
    words = lexicon.words()
    return word in words.frequency or (len(word) >= STEM and word in words.plain)


def _affixed(tokens: Sequence[str]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        found.append(token)
        while len(found) > 1 and (whole := _together(*found[-2:])):
            found[-2:] = [whole]
    return found


def _together(first: str, second: str) -> str | None:
    whole = first + second
    if len(whole) > _LONGEST or whole in lexicon.table().forwarding_marks:
        return None
    if second == "nya":
        fits = len(first) >= STEM - 1 and first.isalpha()
    elif second in _LOOSE_SUFFIXES:
        fits = len(first) > 1 and whole in lexicon.words().frequency
    else:
        fits = (
            first in _PREPOSITIONS
            and len(second) > 1
            and second not in lexicon.table().places
            and not amounts.of(second)
        )
        fits = fits and whole in lexicon.words().frequency
    return whole if fits and plain(whole) == whole else None
