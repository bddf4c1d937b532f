"""RSS and Atom feeds, from bytes already fetched: nothing here opens a connection."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError

import defusedxml
import feedparser
from defusedxml import ElementTree

from triage.archive.languages import language_code
from triage.archive.lines import whole
from triage.archive.rows import MAX_PUBLISHER, ArchiveRow, RowProblem, parse_row
from triage.archive.unreadable import SourceUnreadable

MAX_FEED_BYTES = 5_000_000
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)


def read(stream: BinaryIO, address: str = "") -> Iterator[ArchiveRow | RowProblem]:
    """Read the items of a feed, numbered from 1; a feed that is not quite XML is read as far as it goes.

    Links are taken relative to `address`, or else to the site that the feed names. Raises
    `SourceUnreadable` for what is no feed, and for XML that defines entities.
    """
    data = whole(stream, MAX_FEED_BYTES)
    _check(data)
    # Only a stream: given bytes, feedparser would try them as an address or file name first.
    feed = feedparser.parse(io.BytesIO(data))
    if not feed.get("version") and not feed.entries:
        raise SourceUnreadable("is not an RSS or Atom feed")
    for number, entry in enumerate(feed.entries, start=1):
        yield parse_row(number, _fields(entry, feed.feed, address), markup=True)


def _check(data: bytes) -> None:
    try:
        ElementTree.fromstring(data)
    except defusedxml.DefusedXmlException as error:
        raise SourceUnreadable("is refused: its XML defines entities") from error
    except (ParseError, ValueError, LookupError) as error:
        # Many feeds in the field are slightly broken; feedparser's lenient reader takes those.
        if _ENTITY.search(data):
            raise SourceUnreadable("is refused: its XML is broken and defines entities") from error


def _fields(entry: Any, feed: Any, address: str) -> dict[str, Any]:
    contents = [part.get("value") for part in entry.get("content", []) if part.get("value")]
    language = (contents and entry.content[0].get("language")) or feed.get("language")
    link = _joined(address or str(feed.get("link") or ""), entry.get("link"))
    return {
        "title": entry.get("title"),
        "explanation": contents[0] if contents else entry.get("summary"),
        "checked_on": entry.get("published") or entry.get("updated"),
        "url": link,
        "id": entry.get("id") if not link else None,
        # What a feed says of itself may be anything, and is no reason to lose its items.
        "language": language_code(str(language)) if language else None,
        "publisher": str(feed.get("title") or "")[:MAX_PUBLISHER],
    }


def _joined(base: str, link: Any) -> Any:
    try:
        return urljoin(base, link) if isinstance(link, str) and link else link
    except ValueError:
        return link  # what is wrong with it, the row will say
