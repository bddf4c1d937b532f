"""An answer as people pass it on: a text for WhatsApp, and one that fits into a single SMS.

Both begin with the verdict: whatever is cut off, the claim is never left without its mark.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from models.text import clean
from triage.gist import line, sentences, shortened
from triage.marking import N_
from triage.receipt_view import PublicAnswer

SMS_CHARACTERS = 160
MAX_PART = 400
MAX_ADDRESS = 80
# The basic alphabet of GSM 03.38: any other character halves what fits into an SMS.
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_PLAIN = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
    "\u00a0": " ", "[": "(", "]": ")", "{": "(", "}": ")",
})  # fmt: skip
# What WhatsApp takes for bold, italic, struck out and code.
_MARKUP = str.maketrans("", "", "*_~`")
_KNOWN = N_("Sudah pernah diperiksa")


@dataclass(frozen=True, slots=True)
class Forward:
    """The two texts; `sms` has at most `SMS_CHARACTERS`, all of `GSM_7`."""

    whatsapp: str
    sms: str


def forward(answer: PublicAnswer, sign: str, address: str, say: Callable[[str], str]) -> Forward:
    """Write an answer for passing on; `sign` stands before the verdict, `address` is its public page.

    `say` translates.
    """
    verdict = say(answer.verdict.label if answer.verdict else _KNOWN)
    return Forward(
        _whatsapp(answer, f"{sign} *{verdict.upper()}*", address, say), _sms(answer, verdict, address)
    )


def _whatsapp(answer: PublicAnswer, mark: str, address: str, say: Callable[[str], str]) -> str:
    meaning = say(answer.verdict.meaning) if answer.verdict else ""
    lines = [
        f"{mark}: {_line(answer.headline)}",
        meaning,
        _line(answer.explanation),
        _line(answer.what_to_do),
    ]
    return "\n\n".join([*filter(None, lines), address])


def _line(text: str) -> str:
    return shortened(unmarked(text), MAX_PART, "…")


def unmarked(text: str) -> str:
    """Return a text in one line, without what WhatsApp would take for markup."""
    return line(text.translate(_MARKUP))


def _sms(answer: PublicAnswer, verdict: str, address: str) -> str:
    # Of a very long address half the message would be left for what it is about.
    tail = f" {_gsm(address)}" if len(address) <= MAX_ADDRESS else ""
    mark = f"{_gsm(verdict).upper()}: "
    room = SMS_CHARACTERS - len(tail) - len(mark)
    headline = shortened(_gsm(answer.headline), room, "...")
    left = room - len(headline) - len(". ")
    more = next(iter(sentences(_gsm(answer.explanation))), "")
    return mark + headline + (f". {more}" if more and len(more) <= left else "") + tail


def _gsm(text: str) -> str:
    """Write a text in the alphabet of SMS: typographic signs plain, accents off, everything else left out."""
    plain = unicodedata.normalize("NFC", clean(text)).translate(_PLAIN)
    letters = (one if one in GSM_7 else unicodedata.normalize("NFKD", one) for one in plain)
    return " ".join("".join(one for each in letters for one in each if one in GSM_7).split())
