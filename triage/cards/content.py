"""What stands on the card of a fact-check, and the same in words for whoever does not see it."""

from __future__ import annotations

from dataclasses import dataclass

from triage.archive.entries import CurrentFactCheck
from triage.gist import Gist, first_of, gist, sentences
from triage.verdicts import Tone

# Whole sentences up to here; more would be read by nobody on a picture that passes by.
TRUTH_CHARACTERS = 230
CLAIM_CHARACTERS = 260
MORE = "… lanjutannya di halaman"
_MOST_SOURCES = 2


@dataclass(frozen=True, slots=True)
class Card:
    """The words of a card. `address`: as people type it; `url`: what its QR code leads to.

    `truth`: whole sentences, of which a shape shows as many as look well on it. `truth_cut`: it has only
    one, which goes on after these words.
    """

    word: str
    meaning: str
    sign: str
    tone: Tone
    claim_label: str
    claim: str
    truth_label: str
    truth: tuple[str, ...]
    truth_cut: bool
    source: str
    checked: str
    office: str
    address: str
    url: str


def card(entry: CurrentFactCheck, office: str, url: str) -> Card:
    """Return what the card of a fact-check says; `office`: who passes it on, `url`: its public page."""
    said = gist(entry)
    truth, cut = first_of(said.truth, TRUTH_CHARACTERS)
    claim, claim_cut = first_of((said.claim,), CLAIM_CHARACTERS)
    return Card(
        word=said.word,
        meaning=said.meaning,
        sign=said.sign,
        tone=said.tone,
        claim_label="Kabar yang beredar" if said.claimed else "Yang diperiksa",
        claim=f"{claim}…" if claim_cut else claim,
        truth_label="Yang sebenarnya" if said.contradicted else "Penjelasan",
        truth=(truth,) if cut else sentences(truth),
        truth_cut=cut,
        source=_source(said),
        checked=f"Diperiksa {said.day}" if said.day else "",
        office=office,
        address=url.split("://", 1)[-1],
        url=url,
    )


def alt_text(card: Card) -> str:
    """Say what a card shows, in the order in which it is read: the verdict before the claim."""
    told = [f"{card.word}. {card.meaning}"]
    if card.claim:
        told.append(f"{card.claim_label}: “{card.claim}”")
    told.append(f"{card.truth_label}: {' '.join(card.truth)}{MORE if card.truth_cut else ''}")
    if card.truth_cut:
        told[-1] += "."
    told += [f"{one}." for one in (card.source, card.checked, card.office) if one]
    return " ".join([*told, f"Selengkapnya: {card.address}"])


def _source(said: Gist) -> str:
    if said.from_starter:
        return "Dari arsip awal Penjaga"
    shown = ", ".join(said.sources[:_MOST_SOURCES])
    left = len(said.sources) - _MOST_SOURCES
    return f"Sumber: {shown}{f' dan {left} lainnya' if left > 0 else ''}" if shown else ""
