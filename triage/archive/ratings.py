"""What publishers call their ratings, in our verdicts. The words are data: `triage/data/ratings.json`."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from models.types import HARMS, Harm
from triage.verdicts import verdicts

_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[/|+,;&]|\bdan\b")
# The label at the head of a title: in brackets, or before a colon or exclamation mark.
_BRACKETED = re.compile(
    r"\s*+[\[(【]\s*+([^\s\[\]()【】][^\[\]()【】]{0,38}?[^\s\[\]()【】])\s*+[\])】]\s*+[:!\-–—]*+\s*+"
)
_LEADING = re.compile(r"\s*([^\W\d_][^\[\](){}:!?.,]{1,24}?)\s*[:!]+\s+")
_MAX_LABEL_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Label:
    """What a publisher's label says: `verdict` is one of our codes, "" where the label decides nothing."""

    verdict: str
    claim: bool = True
    fraud: bool = False


@cache
def _labels() -> dict[str, Label]:
    data = json.loads(files("triage").joinpath("data/ratings.json").read_text("utf-8"))
    fraud = frozenset(data["fraud_labels"])
    known = {code: Label(code) for code in verdicts()}
    for code, words in data["verdicts"].items():
        known |= {word: Label(code, fraud=word in fraud) for word in words}
    known |= {word: Label("") for word in data["undecided"]}
    return known | {word: Label("", claim=False) for word in data["no_claim"]}


@cache
def _harms() -> dict[str, Harm]:
    data = json.loads(files("triage").joinpath("data/ratings.json").read_text("utf-8"))["harms"]
    return {word: harm for harm in HARMS for word in data[harm]}


def label(text: str) -> Label | None:
    """Look a rating up ("SALAH", "Mostly false", "Konten Tiruan", our codes); None if it is not known.

    A combined label ("SALAH / MENYESATKAN") counts where its known parts agree on one verdict.
    """
    text = text[:_MAX_LABEL_CHARACTERS]
    if (whole := _labels().get(_key(text)) or _labels().get(text.strip().lower())) is not None:
        return whole
    parts = [found for part in _PARTS.split(text) if (found := _labels().get(_key(part))) is not None]
    if not parts:
        return None
    return parts[0] if len({part.verdict for part in parts}) == 1 else Label("")


def rating(value: float, worst: float = 1.0, best: float = 5.0) -> str:
    """Map a ClaimReview rating number to our verdict: only its ends decide, the middle says nothing ("")."""
    if not all(map(math.isfinite, (value, worst, best))) or best <= worst or not worst <= value <= best:
        return ""
    share = (value - worst) / (best - worst)
    if share <= 0.1:
        return "hoaks"
    if share <= 0.3:
        return "menyesatkan"
    return "benar" if share >= 0.95 else ""


def harm(text: str) -> Harm | None:
    """Look a kind of harm up (our codes and Indonesian words); None if it is not known."""
    return _harms().get(_key(text))


def split_title(title: str) -> tuple[str, Label | None]:
    """Take a publisher's label off the head of a title: "[SALAH] Semeru ..." → ("Semeru ...", hoaks).

    Titles without a known label, and titles that are nothing but a label, come back whole.
    """
    first: Label | None = None
    rest = title
    while match := _BRACKETED.match(rest) or _LEADING.match(rest):
        found = label(match.group(1))
        if found is None or match.end() == len(rest):
            break
        # Without brackets it may be the hoax that shouts ("Benar! ..."): only a denial is a label there.
        if match.re is _LEADING and (found.verdict not in ("hoaks", "") or found.fraud):
            break
        first, rest = first or found, rest[match.end() :]
    return rest, first


def _key(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
