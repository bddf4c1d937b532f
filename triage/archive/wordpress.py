"""WordPress sites: posts of the REST interface (`/wp-json/wp/v2/posts`), by page or from a saved file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from triage.archive.claimreview import load_json
from triage.archive.rows import ArchiveRow, RowProblem, parse_row
from triage.archive.unreadable import SourceUnreadable
from triage.fetch import Fetched, Fetcher, FetchFailed

PER_PAGE = 100
MAX_PAGES = 5_000
# One page may hold a post that the site cannot render; several in a row are a site that is down.
_MAX_FAILED_IN_A_ROW = 3
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


def posts(document: list[Any], first: int) -> Iterator[ArchiveRow | RowProblem]:
    """Read a parsed list of posts; `first` is the number of its first one."""
    for number, post in enumerate(document, start=first):
        if isinstance(post, dict):
            yield parse_row(number, _fields(post), markup=True)
        else:
            yield RowProblem(number, "is not a post")


class Posts:
    """All posts behind a REST address; pages are fetched as they are read.

    Posts that are deleted meanwhile move those behind them to lower numbers: a number says where a post
    stood in this reading, and no other reading may go on from it.
    """

    def __init__(self, fetcher: Fetcher, url: str) -> None:
        """Fetch the first page. Raises `FetchFailed`, `FetchRefused`, `SourceUnreadable`."""
        self._fetcher = fetcher
        self._url = url
        first = self._fetch(1)
        self._pages = _number(first.headers.get("x-wp-totalpages"))
        self.total = _number(first.headers.get("x-wp-total"))
        self._body = first.body
        self._first: list[Any] = load_json(first.body)
        if not is_posts(self._first) and self._first != []:
            raise SourceUnreadable("is not a list of WordPress posts")

    def read(self) -> Iterator[ArchiveRow | RowProblem]:
        """Read the posts, numbered over all pages. A page that cannot be read counts as one problem.

        Raises `FetchFailed` or `SourceUnreadable` if that happens to several pages in a row.
        """
        failed = 0
        for page in range(1, min(self._pages or MAX_PAGES, MAX_PAGES) + 1):
            first = (page - 1) * PER_PAGE + 1
            try:
                document = self._page(page)
            except (FetchFailed, SourceUnreadable) as error:
                failed += 1
                reason = f"page {page}: {error}"
                if failed == _MAX_FAILED_IN_A_ROW:
                    raise type(error)(reason) from error
                yield RowProblem(first, reason)
                continue
            if not document:
                return
            failed = 0
            yield from posts(document, first)

    def _page(self, page: int) -> list[Any]:
        """Fetch a page; empty behind the last one."""
        if page == 1:
            return self._first
        fetched = self._fetch(page)
        if fetched.status == 400:
            return []
        if fetched.body == self._body:
            # Some caches serve the first page whatever page is asked for.
            if self._pages is None:
                return []
            raise SourceUnreadable("the site sent the posts of the page before once more")
        document = load_json(fetched.body)
        if not isinstance(document, list):
            raise SourceUnreadable("is not a list of WordPress posts")
        self._body = fetched.body
        return document

    def _fetch(self, page: int) -> Fetched:
        parts = urlsplit(self._url)
        query = [pair for pair in parse_qsl(parts.query) if pair[0] not in {*_ORDER, "page"}]
        query += [*_ORDER.items(), ("page", str(page))]
        url = urlunsplit(parts._replace(query=urlencode(query), fragment=""))
        fetched = self._fetcher.get(url, expected=frozenset({200, 400}))
        if fetched.status == 400:
            answer = load_json(fetched.body)
            if not isinstance(answer, dict) or answer.get("code") != _PAST_THE_END or page == 1:
                raise SourceUnreadable("the site refused the request (400)")
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
