"""What a server answers: its body, in pieces of bounded size, and how long it asks to wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from urllib3.response import BaseHTTPResponse

from triage.gunzip import Gunzip

_CHUNK = 65_536
_GZIP = frozenset({"gzip", "x-gzip"})


class UnknownEncoding(Exception):
    """The body is compressed in a way that nobody asked for."""


def pieces(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield the body as it arrives, decompressed. Raises `UnknownEncoding` and `gunzip.Damaged`."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _GZIP | {"", "identity"}:
        raise UnknownEncoding(encoding)
    gunzip = Gunzip(_CHUNK) if encoding in _GZIP else None
    # read1 returns what has arrived; read would wait until a whole chunk is there.
    while chunk := response.read1(_CHUNK, decode_content=False):
        yield from gunzip.feed(chunk) if gunzip else (chunk,)
    if gunzip:
        yield gunzip.end()


def retry_after(value: str) -> float | None:
    """Read `Retry-After`: seconds or an HTTP date; None if it is neither."""
    if value.strip().isdecimal():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
