"""Masking: what is kept from verifiers in a message that somebody sent, on pages and over the API alike."""

from __future__ import annotations

import re
import unicodedata

from lokal import samaran

# Names stay: without them a verifier cannot check what is said about an official or an office.
_MASKED: tuple[samaran.PiiType, ...] = ("NIK", "KK", "PHONE", "EMAIL", "BANK_ACCOUNT", "CARD")
# Zero-width, bidirectional and soft-hyphen characters: nobody sees them, a pattern stumbles over them.
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d_"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
# A number as people write it: digits of any width with spaces, dashes, dots and the like between them.
_NUMBER = re.compile(
    rf"(?:[+\uff0b(]|(?<![{_UNSEEN}]))[{_UNSEEN}]*+\d[\d\-./() {_UNSEEN}{_DASHES}{_SPACES}]*\d"
)
# A mobile number whose first 0 was left out, which the library knows only with it.
_WITHOUT_ZERO = re.compile(r"(?<![\d+./-])(?<!\+62 )(8\d\d(?:-\d{3,4}|[ .]\d{4})[-. ]\d{3,5})(?![\d/])")
_ANY_NUMBER, _EMAIL = "<nomor>", "<surel>"
# What people put before a name, and what is an office and no name.
_CALLED = (
    "pak|bapak|bpk|bu|ibu|mbah|mbak|mas|om|tante|bang|cak|ning|gus|haji|hajah|hj|ustadz|ustadzah|kiai|kyai|"
    "nyai|sdr|sdri|saudara|saudari|almarhum|almarhumah|bernama|atas nama|a\\.n"
)
_OFFICE = re.compile(
    "bupati|wabup|walikota|wali|camat|lurah|kades|kadus|rt|rw|presiden|wapres|gubernur|menteri|kapolri|kapolda|"
    "kapolres|kapolsek|danramil|dandim|dokter|bidan|guru|polisi|dewan|desa|hakim|jaksa|jenderal|ketua|kepala"
)
_ANY_CASE = "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in _CALLED)
_CALLED_NAME = re.compile(rf"\b({_ANY_CASE})\b\.? ([A-Z][a-z'’]+(?: [A-Z][a-z'’]+){{0,2}})")
_ANY_NAME = "<nama>"
_WORD, _LETTERS = re.compile(r"\S+"), re.compile(r"\w+")
_ALL_UNSEEN, _ALL_DASHES, _ALL_SPACES = (
    re.compile(f"[{members}]") for members in (_UNSEEN, _DASHES, _SPACES)
)


def masked(text: str) -> str:
    """Mask phone numbers, identity numbers, accounts and e-mail addresses in a message."""
    plain = _NUMBER.sub(lambda found: _plain(found.group()), text)
    shown = samaran.mask_pii(plain, mode="partial", types=_MASKED).text
    return text if shown == plain else shown


def without_people(text: str) -> str:
    """Take the same out of a message for good, and chat links with it: a `<nomor>` or `<surel>` is left."""
    plain = _NUMBER.sub(lambda found: _plain(found.group()), text)
    kept, end = [], 0
    for found in samaran.mask_pii(plain, types=_MASKED).matches:
        kept += [plain[end : found.start], _EMAIL if found.type == "EMAIL" else _ANY_NUMBER]
        end = found.end
    return _WORD.sub(_without_link, "".join([*kept, plain[end:]])) if end else text


def without_names(text: str, public: str) -> str:
    """Take out names that stand behind a form of address: a `<nama>` is left; names in `public` stay.

    Other names no rule knows from other words.
    """
    known = frozenset(_LETTERS.findall(public.casefold()))

    def spoken(found: re.Match[str]) -> str:
        words = found[2].casefold().split()
        if _OFFICE.fullmatch(words[0]) or known.issuperset(words):
            return found.group()
        return found.group().removesuffix(found[2]) + _ANY_NAME

    return _CALLED_NAME.sub(spoken, text)


def _without_link(word: re.Match[str]) -> str:
    # A chat link is the number of a person.
    return _ANY_NUMBER if _ANY_NUMBER in word.group() and "/" in word.group() else word.group()


def _plain(number: str) -> str:
    """Write a number as the patterns know it."""
    number = _ALL_UNSEEN.sub("", unicodedata.normalize("NFKC", number))
    number = _ALL_SPACES.sub(" ", _ALL_DASHES.sub("-", number))
    return _WITHOUT_ZERO.sub(r"0\1", number)
