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
    found: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change("".join(old[a:b]), "same"))
            continue
        found += [Change("".join(old[a:b]), "gone"), Change("".join(new[c:d]), "new")]
    return tuple(change for change in found if change.text)
