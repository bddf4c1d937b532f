"""What changed between two versions of a text, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_TOKEN = re.compile(r"\s+|\S+")
# Of longer texts only the whole is told apart: comparing them word by word takes too long.
_COMPARED = 4_000


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch that stayed, went or came."""

    text: str
    kind: Literal["same", "gone", "new"]


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Return the stretches of both texts in order: without the new ones it is the old text, and so on."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _COMPARED:
        old, new = [before], [after]
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    found: list[Change] = []
    gone = came = ""
    for number, (kind, a, b, c, d) in enumerate(opcodes):
        stayed = kind == "equal"
        # A space between two changes is no island: what was written anew is read in one piece.
        if stayed and 0 < number < len(opcodes) - 1 and "".join(old[a:b]).isspace():
            stayed = False
        if stayed:
            found += [Change(gone, "gone"), Change(came, "new"), Change("".join(old[a:b]), "same")]
            gone = came = ""
        else:
            gone, came = gone + "".join(old[a:b]), came + "".join(new[c:d])
    found += [Change(gone, "gone"), Change(came, "new")]
    return tuple(change for change in found if change.text)
