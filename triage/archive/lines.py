"""Lines of a byte stream, split at newline bytes only, none held in memory beyond a limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from triage.archive.unreadable import SourceUnreadable

MAX_LINE_BYTES = 1_000_000
MAX_DOCUMENT_BYTES = 100_000_000


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield (number from 1, line with its newline); None instead of a line longer than `MAX_LINE_BYTES`."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) <= MAX_LINE_BYTES:
            yield number, line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)
        yield number, None


def too_long() -> str:
    """Say why a line that `lines` gave as None is refused."""
    return f"the line is longer than {MAX_LINE_BYTES:,} bytes"


def whole(stream: BinaryIO, limit: int = MAX_DOCUMENT_BYTES) -> bytes:
    """Read a document that cannot be taken line by line. Raises `SourceUnreadable` above the limit."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise SourceUnreadable(
            f"the document is larger than {limit // 1_000_000} MB; split it or use JSON lines"
        )
    return data
