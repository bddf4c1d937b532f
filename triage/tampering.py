"""Where a hash chain is broken, and what was done to it as far as the hashes tell.

A hash says only that something differs. Where one character was changed, trying every other character in its
place finds the field and what stood there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# In the order in which they are hashed.
FIELDS = (
    "seq", "at", "actor", "subject", "subject_id", "name", "from_state", "to_state", "data", "previous",
)  # fmt: skip
_CHARACTERS = "".join(map(chr, range(0x20, 0x7F)))
# Of a longer field only so much is tried: half a second.
_MAX_TRIED = 4_000


@dataclass(frozen=True, slots=True)
class Link:
    """An event as it is stored: its fields as they are hashed, and the hashes that tie it into the chain."""

    seq: int
    fields: tuple[str, ...]
    previous: str
    hash: str

    @property
    def own(self) -> str:
        """The hash that its content has."""
        return hash_of(self.fields)

    @property
    def fits(self) -> bool:
        """Whether its content has the hash that is stored."""
        return self.hash == self.own


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event that does not fit, and what is wrong with it."""

    seq: int
    what: str

    def __str__(self) -> str:
        """Write it as the operator reads it."""
        return f"event {self.seq} {self.what}"


def canonical(values: tuple[Any, ...]) -> tuple[str, ...]:
    """Write the fields of an event as they are hashed."""
    return tuple(
        json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for value in values
    )


def hash_of(fields: tuple[str, ...]) -> str:
    """Hash fields as `canonical` writes them (SHA-256, hex)."""
    return hashlib.sha256(f"[{','.join(fields)}]".encode("utf-8", "surrogatepass")).hexdigest()


def explain(before: Link, broken: Link, after: Link | None) -> Broken:
    """Say what is wrong with the event that does not fit behind `before`; `after` is the one behind it."""
    expected = before.seq + 1
    if not isinstance(broken.seq, int) or broken.seq < expected:
        return Broken(broken.seq, "stands where no event was written")
    if broken.seq > expected:
        return Broken(expected, f"is missing; the next one there is event {broken.seq}")
    if not broken.fits:
        return _changed(before, broken, after)
    return Broken(
        expected,
        f"does not follow event {before.seq}: it fits its own hash, so it was written anew or put in here"
        if before.seq
        else "is not the first one that was written: it follows another",
    )


def _changed(before: Link, broken: Link, after: Link | None) -> Broken:
    if after is not None and after.previous == broken.own and broken.previous == before.hash:
        return Broken(broken.seq, "does not fit its hash: its hash was changed, its content was not")
    mended = broken.fields[:-1] + canonical((before.hash,))
    if broken.previous != before.hash and hash_of(mended) == broken.hash:
        return Broken(broken.seq, f"does not follow event {before.seq}: its field previous was changed")
    where = _changed_field(broken)
    follows = "" if broken.previous == before.hash else f", nor does it follow event {before.seq}"
    return Broken(broken.seq, f"does not fit its hash{follows}: {where}")


def _changed_field(broken: Link) -> str:
    for place, field in enumerate(broken.fields):
        for tried in _one_character_else(field[:_MAX_TRIED]):
            fields = (*broken.fields[:place], tried + field[_MAX_TRIED:], *broken.fields[place + 1 :])
            if hash_of(fields) == broken.hash:
                return f"one character of its field {FIELDS[place]} was changed"
    return "more than one character was changed, or its hash"


def _one_character_else(field: str) -> Iterator[str]:
    for place in range(len(field)):
        for character in _CHARACTERS:
            if character != field[place]:
                yield field[:place] + character + field[place + 1 :]
