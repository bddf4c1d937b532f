"""WordPress sites: posts of the REST interface (`/wp-json/wp/v2/posts`), by page or from a saved file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from triage.archive.claimreview import load_json
from triage.archive.lines import whole
from triage.archive.rows import ArchiveRow, RowProblem, parse_row
from triage.archive.unreadable import SourceUnreadable
from triage.fetch import Fetched, Fetcher

PER_PAGE = 100
MAX_PAGES = 5_000
_ROUTE = "/wp/v2/"
_PAST_THE_END = "rest_post_invalid_page_number"
# Oldest first: posts that appear during a long import come at the end and move none of the others.
_ORDER = {"orderby": "id", "order": "asc", "per_page": str(PER_PAGE)}


def is_posts_url(url: str) -> bool:
    """Tell whether an address is a collection of the WordPress REST interface."""
    parts = urlsplit(url)
    route = dict(parse_qsl(parts.query)).get("rest_route", parts.path)
    return _ROUTE in route and not route.rstrip("/").rpartition("/")[2].isdecimal()


def is_posts(document: Any) -> bool:
    """Tell whether a parsed document is a list of posts."""
    return isinstance(document, list) and any(
        isinstance(post, dict) and isinstance(post.get("title"), dict) and "rendered" in post["title"]
        for post in document[:PER_PAGE]
    )


def read(stream: BinaryIO) -> Iterator[ArchiveRow | RowProblem]:
    """Read a saved list of posts, numbered from 1. Raises `SourceUnreadable` if it is none."""
    yield from posts(load_json(whole(stream)), first=1)


def posts(document: Any, first: int) -> Iterator[ArchiveRow | RowProblem]:
    """Read a parsed list of posts; `first` is the number of its first one."""
    if not isinstance(document, list):
        raise SourceUnreadable("is not a list of WordPress posts")
    for number, post in enumerate(document, start=first):
        if isinstance(post, dict):
            yield parse_row(number, _fields(post), markup=True)
        else:
            yield RowProblem(number, "is not a post")


class Posts:
    """All posts behind a REST address; pages are fetched as they are read."""

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        """Fetch the first page. Raises `FetchFailed`, `FetchRefused`, `SourceUnreadable`."""
        self._fetcher = fetcher
        self._url = url
        first = self._fetch(1)
        self._pages = _number(first.headers.get("x-wp-totalpages"))
        self.total = _number(first.headers.get("x-wp-total"))
        self.content_hash = hashlib.sha256(first.body + str(self.total).encode()).hexdigest()
        self._first_body = first.body
        self._first = load_json(first.body)
        if not is_posts(self._first) and self._first != []:
            raise SourceUnreadable("is not a list of WordPress posts")

    def read(self, after: int = 0) -> Iterator[ArchiveRow | RowProblem]:
        """Read the posts from the page on that follows number `after`; numbers count over all pages."""
        page, before = after // PER_PAGE + 1, self._first_body
        document = self._first if page == 1 else None
        while page <= min(self._pages or MAX_PAGES, MAX_PAGES):
            if document is None:
                fetched = self._fetch(page)
                # Some caches serve the first page whatever page is asked for.
                if fetched.body == before or fetched.status == 400:
                    return
                document, before = load_json(fetched.body), fetched.body
            if not document:
                return
            yield from posts(document, first=(page - 1) * PER_PAGE + 1)
            page, document = page + 1, None

    def _fetch(self, page: int) -> Fetched:
        parts = urlsplit(self._url)
        query = [pair for pair in parse_qsl(parts.query) if pair[0] not in {*_ORDER, "page"}]
        query += [*_ORDER.items(), ("page", str(page))]
        url = urlunsplit(parts._replace(query=urlencode(query), fragment=""))
        fetched = self._fetcher.get(url, expected=frozenset({200, 400}))
        if fetched.status == 400:
            answer = load_json(fetched.body)
            if not isinstance(answer, dict) or answer.get("code") != _PAST_THE_END or page == 1:
                raise SourceUnreadable(f"page {page}: the site refused the request (400)")
        return fetched


def _fields(post: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": _rendered(post.get("title")),
        "explanation": _rendered(post.get("content")) or _rendered(post.get("excerpt")),
        "checked_on": post.get("date") or post.get("date_gmt"),
        "url": post.get("link"),
        "publisher": urlsplit(str(post.get("link") or "")).netloc.removeprefix("www."),
    }


def _rendered(value: Any) -> Any:
    return value.get("rendered") if isinstance(value, dict) else value


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
