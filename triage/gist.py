"""What a fact-check says in few words: what was claimed, what is true, what to do. For cards and texts.

The truth comes from the explanation alone: a heading may be the claim itself, and must never stand as the
truth. The claim is what circulates; of the starter archive its heading, which says the same in one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from models.text import clean
from triage.archive.entries import CurrentFactCheck
from triage.masking import masked
from triage.verdicts import Tone, verdict_sign, verdicts

# What is said of an entry whose publisher gives none of our verdicts.
KNOWN = "Sudah pernah diperiksa"
_MEANING_OF_NONE = "Kabar ini sudah diperiksa penerbit lain."
_END = re.compile(r"[.!?…][\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")
# No sentence ends at the full stop behind these.
_SHORT = frozenset({
    "a.n", "bpk", "dr", "drg", "dra", "drs", "dsb", "dll", "h", "hj", "ir", "jl", "kab", "kec", "kel", "kh",
    "no", "prof", "rp", "sdr", "sdri", "st", "tgl", "ust",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gist:
    """A fact-check in parts, as plain text in one line each; sentences stay whole.

    `code`: of the verdict, '' where it is none of ours. `claimed`: `claim` is known to be the claim as it
    goes round, not only a heading. `truth`: at least one sentence. `sources`: labels of the evidence, the
    publisher first where it is not ours.
    """

    number: int
    code: str
    word: str
    meaning: str
    sign: str
    tone: Tone
    claim: str
    claimed: bool
    truth: tuple[str, ...]
    what_to_do: tuple[str, ...]
    ask: str
    sources: tuple[str, ...]
    publisher: str
    checked_on: date | None
    from_starter: bool

    @property
    def contradicted(self) -> bool:
        """Whether the claim misleads, so that what is said against it is the truth."""
        return self.tone in ("false", "doubt")

    @property
    def day(self) -> str:
        """Return the day of the check, in Indonesian; '' where it is not on record."""
        return format_date(self.checked_on, "d MMMM y", locale="id") if self.checked_on else ""


def gist(entry: CurrentFactCheck) -> Gist:
    """Take a fact-check apart."""
    verdict = verdicts().get(entry.verdict)
    sign, tone = verdict_sign(verdict)
    meaning = verdict.meaning if verdict else _MEANING_OF_NONE
    claim = line(entry.title if entry.from_starter else entry.claim or entry.title)
    return Gist(
        number=entry.id,
        code=verdict.code if verdict else "",
        word=verdict.label if verdict else KNOWN,
        meaning=meaning,
        sign=sign,
        tone=tone,
        claim=masked(claim),
        claimed=entry.from_starter or bool(line(entry.claim)),
        truth=sentences(entry.explanation) or (meaning,),
        what_to_do=sentences(entry.what_to_do),
        ask=line(entry.ask),
        sources=tuple(dict.fromkeys(filter(None, (line(one["label"]) for one in entry.sources)))),
        publisher="" if entry.from_starter else line(entry.publisher),
        checked_on=None if entry.from_starter else entry.checked_on,
        from_starter=entry.from_starter,
    )


def line(text: str) -> str:
    """Return a text in one line, without what nobody sees."""
    return " ".join(clean(text).split())


def sentences(text: str) -> tuple[str, ...]:
    """Split a text where sentences end; not within numbers, times, or behind abbreviations."""
    whole, found, start = line(text), [], 0
    for end in _END.finditer(whole):
        before = whole[start : end.start()].rpartition(" ")[2].lstrip('"“‘(').casefold()
        if whole[end.start()] == "." and before in _SHORT:
            continue
        found.append(whole[start : end.end()].strip())
        start = end.end()
    return tuple(filter(None, (*found, whole[start:].strip())))


def first_of(given: Iterable[str], characters: int) -> tuple[str, bool]:
    """Return the first whole sentences that fit, and whether even the first did not and so is cut short.

    A sentence that is cut has lost its end without a sign: whoever shows it must add one.
    """
    kept = ""
    for sentence in given:
        longer = f"{kept} {sentence}".strip()
        if len(longer) > characters:
            if kept:
                break
            return shortened(sentence, characters, ""), True
        kept = longer
    return kept, False


def shortened(text: str, characters: int, end: str) -> str:
    """Cut a text to so many characters at a word, `end` included."""
    if len(text) <= characters:
        return text
    cut = text[: max(0, characters - len(end))]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,.;:") + end
