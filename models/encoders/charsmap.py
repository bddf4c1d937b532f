"""A table of code point replacements, packed as `tokenizers` wants it.

The `Precompiled` normaliser reads a double-array trie over UTF-8 bytes: 32-bit units, in
which the child of unit `p` by byte `c` sits at `p ^ offset(p) ^ c` and carries `c` as its
label. A key's value, the place of its replacement in the block of zero-ended strings that
follows, sits at `p ^ offset(p)`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import cast

Trie = dict[int, "Trie | int"]

_LEAF = 0
_HAS_LEAF = 1 << 8
_VALUE = 1 << 31
_OFFSET_LIMIT = 1 << 21
_WIDE = 2


def _trie(values: Mapping[bytes, int]) -> Trie:
    root: Trie = {}
    for key, value in values.items():
        node = root
        for byte in key:
            node = cast("Trie", node.setdefault(byte, {}))
        node[_LEAF] = value
    return root


class _DoubleArray:
    """Places a trie's nodes so that no two share a unit, nor a base."""

    def __init__(self) -> None:
        # Whole pages of 256 units, also of an empty trie: readers look up any byte unchecked.
        self.units: list[int] = [0] * 256
        self.taken: list[bool] = [True] + [False] * 255
        self.bases: set[int] = set()
        self.search_from = {False: 1, True: 1}

    def _grow(self, size: int) -> None:
        more = size - len(self.units)
        if more > 0:
            self.units.extend([0] * more)
            self.taken.extend([False] * more)

    def _base(self, labels: list[int]) -> int:
        # Wide nodes hardly ever fit into gaps: they search on from the last wide one, so
        # that the thousands of narrow ones fill what lies between.
        wide = len(labels) > _WIDE
        slot = self.search_from[wide]
        while True:
            self._grow((slot | 0xFF) + 1)
            base = slot ^ labels[0]
            if base not in self.bases and not any(self.taken[base ^ each] for each in labels):
                self.search_from[wide] = slot
                return base
            slot += 1

    def place(self, node: Trie, at: int) -> None:
        """Lay out the children of `node`, which itself sits at unit `at`."""
        labels = sorted(node)
        base = self._base(labels)
        self.bases.add(base)
        if at ^ base >= _OFFSET_LIMIT:
            raise OverflowError("the table of replacements is too large for its format")
        self.units[at] |= (at ^ base) << 10 | (_HAS_LEAF if _LEAF in node else 0)
        for label in labels:
            self.taken[base ^ label] = True
        for label in labels:
            child = node[label]
            if isinstance(child, int):
                self.units[base] = child | _VALUE
            else:
                self.units[base ^ label] = label
                self.place(child, base ^ label)


def pack_charsmap(replacements: Mapping[int, str]) -> bytes:
    """Pack {code point: replacement} for `tokenizers.normalizers.Precompiled`.

    U+0000 cannot be a key, since zero ends strings in this format: ValueError.
    """
    if 0 in replacements:
        raise ValueError("U+0000 cannot be replaced by this table")
    strings = bytearray()
    places: dict[str, int] = {}
    values: dict[bytes, int] = {}
    for point, replacement in sorted(replacements.items()):
        if replacement not in places:
            places[replacement] = len(strings)
            strings += replacement.encode("utf-8") + b"\0"
        values[chr(point).encode("utf-8")] = places[replacement]
    array = _DoubleArray()
    if values:
        array.place(_trie(values), 0)
    units = struct.pack(f"<{len(array.units)}I", *array.units)
    return struct.pack("<I", len(units)) + units + bytes(strings)
