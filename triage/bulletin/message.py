"""The bulletin as a message for WhatsApp: numbered, each claim behind its verdict, of bounded length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.bulletin.issue import Issue
from triage.forwards import unmarked
from triage.gist import Gist, first_of, shortened

MAX_CHARACTERS = 2_400
_CLAIM, _TRUTH, _REASON = 80, 130, 110


def message(issue: Issue, office: str, address: str, address_of: Callable[[int], str]) -> str:
    """Write the message; what does not fit is counted, and the page named. `address` is the bulletin's."""
    head = f"*Buletin cek fakta*\n{issue.week.days}\n{unmarked(office)}"
    foot = f"Selengkapnya: {address}"
    parts = list(_parts(issue, address_of))
    kept: list[str] = []
    # With room for the line that counts what is left out.
    room = MAX_CHARACTERS - len(head) - len(foot) - 40
    for part in parts:
        room -= len(part) + 2
        if room < 0:
            break
        kept.append(part)
    left = len(parts) - len(kept)
    return "\n\n".join([head, *kept, *([f"… dan {left} lagi."] if left else []), foot])


def _parts(issue: Issue, address_of: Callable[[int], str]) -> Iterator[str]:
    number = 0
    for said in issue.published:
        number += 1
        yield f"{number}. {_told(said)}\n{address_of(said.number)}"
    for correction in issue.corrected:
        number += 1
        said = correction.said
        why = shortened(unmarked(correction.reason), _REASON, "…")
        yield f"{number}. *Dikoreksi* ({why}) {_told(said)}\n{address_of(said.number)}"
    for retraction in issue.retracted:
        number += 1
        why = shortened(unmarked(retraction.reason), _REASON, "…")
        page = address_of(retraction.number)
        yield f"{number}. *Dicabut*: pemeriksaan nomor {retraction.number}. {why}\n{page}"


def _told(said: Gist) -> str:
    claim = shortened(unmarked(said.claim), _CLAIM, "…")
    truth, cut = first_of((unmarked(one) for one in said.truth[:1]), _TRUTH)
    return f"{said.sign} *{said.word.upper()}*: “{claim}”" + ("" if cut or not truth else f"\n{truth}")
