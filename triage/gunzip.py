"""Decompression that yields no more at a time than asked, and notices when the end is missing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"


class Damaged(Exception):
    """The data is no gzip, or stops before its end."""


class Gunzip:
    """Decompresses a gzip stream that arrives in pieces."""

    def __init__(self, piece: int) -> None:
        """Yield at most `piece` bytes at a time: what bounds a stream must be able to stop in between."""
        self._piece = piece
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decompress the next piece. Raises `Damaged`."""
        while data:
            if self._member.eof:
                # A stream may be several in a row; padding behind the last one means nothing.
                if not data.startswith(_MAGIC):
                    return
                self._member = zlib.decompressobj(_GZIP)
            try:
                yield self._member.decompress(data, self._piece)
            except zlib.error as error:
                raise Damaged from error
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def end(self) -> bytes:
        """Return what is left. Raises `Damaged` if the stream stops before its end."""
        rest = self._member.flush()
        if not self._member.eof:
            raise Damaged
        return rest
