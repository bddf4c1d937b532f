"""Feeds of fact-checks in several pages, each of which names the next (`Link: …; rel="next"`)."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from triage.archive.claimreview import Keys, load_json, reviews
from triage.archive.lines import whole
from triage.archive.rows import Item, RowProblem
from triage.archive.unreadable import SourceUnreadable
from triage.fetch import Fetched, Fetcher

MAX_PAGES = 500
# All pages together: whoever answers slowly must not keep other work waiting.
MAX_SECONDS = 600.0
_NEXT = re.compile(r'<([^<>]{1,2000})>\s{0,8};\s{0,8}rel="?next"?(?![\w-])')


def has_more(fetched: Fetched) -> bool:
    """Tell whether a document is the first of several pages."""
    return bool(_next(fetched))


class Pages:
    """All pages of a feed, newest first; each is fetched when it is come to.

    What changes meanwhile moves to the front and so the rest to later pages: what was seen on one page is
    passed over on the next.
    """

    def __init__(self, fetcher: Fetcher, first: Fetched) -> None:
        self._fetcher = fetcher
        self._first = first

    def read(self) -> Iterator[Item]:
        """Read every page, numbered through. Raises `SourceUnreadable`, `FetchFailed`, `FetchRefused`."""
        began, page, line = time.monotonic(), self._first, 0
        keys, seen = Keys(), set[str]()
        for _ in range(MAX_PAGES):
            for item in reviews(load_json(whole(io.BytesIO(page.body))), keys=keys, first=line + 1):
                line = item.line
                if isinstance(item, RowProblem) or item.source_key not in seen:
                    yield item
                if not isinstance(item, RowProblem):
                    seen.add(item.source_key)
            onward = self._onward(page)
            if not onward:
                return
            if time.monotonic() - began > MAX_SECONDS:
                raise SourceUnreadable(f"its pages take longer than {MAX_SECONDS:g} s")
            page = self._fetcher.get(onward)
        raise SourceUnreadable(f"has more than {MAX_PAGES} pages")

    def _onward(self, page: Fetched) -> str:
        found = _next(page)
        if not found:
            return ""
        try:
            onward = urljoin(page.url, found)
            there, here = urlsplit(onward), urlsplit(self._first.url)
        except ValueError as error:
            raise SourceUnreadable("its next page has no usable address") from error
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise SourceUnreadable("its next page is on another site")
        return onward


def _next(fetched: Fetched) -> str:
    found = _NEXT.search(fetched.headers.get("link", "")[:4_000])
    return found[1] if found else ""
