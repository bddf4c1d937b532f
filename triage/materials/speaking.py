"""Texts as they are read aloud, in Indonesian: numbers in words, abbreviations said in full, no addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from lokal import terbilang

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
_ELSEWHERE = "nomor yang tertera di halaman"
_LINK = "tautan itu"
_URL = re.compile(r"(?:https?://|www\.)\S+")
_MONEY_APART = re.compile(r"\bRp\.?\s+(?=\d)")
_EDGES = "\"“”‘’'()[].,;:!?…"
_PERCENT = re.compile(r"(\d[\d.,]{0,14})%")
_DAY = re.compile(r"(0?[1-9]|[12]\d|3[01])[-/.](0?[1-9]|1[0-2])[-/.]([12]\d{3})")
_CLOCK = re.compile(r"(\d|[01]\d|2[0-3])[.:]([0-5]\d)")
_RANGE = re.compile(r"(\d{1,6})[-–](\d{1,6})")
_DECIMAL = re.compile(r"(\d{1,3}(?:\.\d{3}){1,4}|\d{1,6}),(\d{1,4})")
_ORDINAL = re.compile(r"ke-(\d{1,4})")
_DIGITS = re.compile(r"\d+")
_SHOUTED = re.compile(r"[A-Z]{2,6}")
_WHOLE = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){1,4}|[1-9]\d{0,11}|0")
_SCALES = frozenset({"ribu", "juta", "miliar", "triliun"})
_MOST_DIGITS = 4  # of what is no number by its form: a code, a telephone number


def spoken(text: str) -> str:
    """Write a text in one line for reading aloud. What is said in capitals throughout is said quietly."""
    text = _MONEY_APART.sub("Rp", _URL.sub(_LINK, text))
    words = _quiet(text).split()
    said: list[str] = []
    owed = ""
    for place, word in enumerate(words):
        after = words[place + 1].strip(_EDGES).casefold() if place + 1 < len(words) else ""
        told, owes = _word(word, after)
        # "kode OTP" is not said "kode kode rahasia".
        if said and told and said[-1].casefold() == told.split()[0].casefold():
            said.pop()
        said.append(told)
        if owed:
            said[-1] = _with(said[-1], owed)
        owed = owes
    return " ".join(" ".join(said).split())


def abbreviations(text: str) -> tuple[str, ...]:
    """Return what is left in a text that looks like an abbreviation, for whoever reads it aloud."""
    cores = (word.strip(_EDGES) for word in text.split())
    return tuple(dict.fromkeys(core for core in cores if _SHOUTED.fullmatch(core)))


def _quiet(text: str) -> str:
    letters = [one for one in text if one.isalpha()]
    if len(letters) < 12 or sum(one.isupper() for one in letters) * 2 < len(letters):
        return text
    return text[:1].upper() + text[1:].lower()


def _word(word: str, after: str) -> tuple[str, str]:
    """Return a word as it is said, and what is to be said behind the next one."""
    stopped = word.strip(_EDGES.replace(".", ""))
    if stopped.endswith(".") and stopped in _table():
        return word.replace(stopped, _table()[stopped]), ""
    core = word.strip(_EDGES)
    if not core:
        return word, ""
    before, behind = word[: word.index(core)], word[word.index(core) + len(core) :]
    if core in _table():
        return f"{before}{_table()[core]}{behind}", ""
    if not any(one.isdigit() for one in core):
        return word, ""
    if core.startswith("Rp") and _WHOLE.fullmatch(core.removeprefix("Rp").removesuffix(",-")):
        number = _number(core.removeprefix("Rp").removesuffix(",-"))
        return (
            (f"{before}{number}", "rupiah") if after in _SCALES else (f"{before}{number} rupiah{behind}", "")
        )
    return f"{before}{_figures(core)}{behind}", ""


def _figures(core: str) -> str:
    """Say what holds digits: what it is by its form, or else where it can be read."""
    for form, said in _FORMS:
        found = form.fullmatch(core)
        if found:
            return said(found)
    if sum(one.isdigit() or one in "*•" for one in core) > _MOST_DIGITS:
        return _ELSEWHERE
    return _DIGITS.sub(lambda digits: f" {terbilang(int(digits[0]))} ", core).replace("-", " ").strip()


def _percent(found: re.Match[str]) -> str:
    return f"{_figures(found[1])} persen"


def _day(found: re.Match[str]) -> str:
    return f"{terbilang(int(found[1]))} {MONTHS[int(found[2]) - 1]} {terbilang(int(found[3]))}"


def _clock(found: re.Match[str]) -> str:
    minute = int(found[2])
    return terbilang(int(found[1])) + (f" lewat {terbilang(minute)} menit" if minute else "")


def _range(found: re.Match[str]) -> str:
    return f"{terbilang(int(found[1]))} sampai {terbilang(int(found[2]))}"


def _decimal(found: re.Match[str]) -> str:
    return f"{_number(found[1])} koma {' '.join(terbilang(int(one)) for one in found[2])}"


def _ordinal(found: re.Match[str]) -> str:
    return "pertama" if found[1] == "1" else f"ke{terbilang(int(found[1]))}"


def _number(written: str) -> str:
    return str(terbilang(int(written.replace(".", ""))))


def _with(word: str, owed: str) -> str:
    core = word.rstrip(_EDGES)
    return f"{core} {owed}{word[len(core) :]}"


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = json.loads(files("triage").joinpath("data/spoken.json").read_text("utf-8"))
    return table


# In this order: a time is no amount, an amount is no range.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_PERCENT, _percent),
    (_DAY, _day),
    (_CLOCK, _clock),
    (_WHOLE, lambda found: _number(found[0])),
    (_RANGE, _range),
    (_DECIMAL, _decimal),
    (_ORDINAL, _ordinal),
)
