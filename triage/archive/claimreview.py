"""schema.org ClaimReview: JSON-LD objects, lists, @graph, DataFeed; Google's claim search; web pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from models.text import canonical_url
from triage.archive import ratings
from triage.archive.lines import whole
from triage.archive.pages import json_ld
from triage.archive.rows import Item, Retraction, RowProblem, key_within, parse_row, source_key
from triage.archive.unreadable import SourceUnreadable

_INSIDE = (
    "@graph",
    "dataFeedElement",
    "item",
    "itemListElement",
    "mainEntity",
    "hasPart",
    "review",
    "claims",
)
_LINKED = frozenset({"@context", "@type", "@graph", "dataFeedElement", "claims", "claimReview"})
_MAX_DEPTH = 12
MAX_PAGE_BYTES = 5_000_000
Nodes = Mapping[str, dict[str, Any]]
_EXPLANATIONS = ("reviewBody", "description", "articleBody", "text")


def read_page(stream: BinaryIO) -> Iterator[Item]:
    """Read the reviews embedded in an HTML page; a damaged script counts as one problem.

    Raises `SourceUnreadable` if the page holds no review.
    """
    documents: list[Any] = []
    for script in json_ld(whole(stream, MAX_PAGE_BYTES)):
        try:
            documents.append(load_json(script.encode("utf-8", "replace")))
        except SourceUnreadable as error:
            documents.append(_Damaged(str(error)))
    yield from reviews(documents)


class Keys:
    """Keeps the reviews of one page apart: the first has the page's address as its key, as everywhere.

    Others add their wording to it. The same review a second time has the key of the first.
    """

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def identity(self, url: str, wording: str) -> str:
        """Return the id of a review on the page `url`, "" if the address alone will do."""
        page = canonical_url(url) or ""
        first = self._first.setdefault(page, wording)
        return key_within(url, wording) if page and first != wording else ""


def reviews(document: Any, line: int = 0, keys: Keys | None = None, first: int = 1) -> Iterator[Item]:
    """Read every review in a parsed document, numbered from `first`.

    Those of one `line` of many bear its number. `keys` is shared by documents that are read as one. Raises
    `SourceUnreadable` if there is no review, unless it is a feed that says that it is empty.
    """
    keys, nodes = keys or Keys(), dict(_nodes(document, 0))
    found = list(_walk(document, nodes, 0))
    if not found and not _is_empty_feed(document):
        raise SourceUnreadable("holds no ClaimReview")
    for number, fields in enumerate(found, start=first):
        if isinstance(fields, _Damaged):
            yield RowProblem(line or number, fields.reason)
            continue
        if isinstance(fields, _Deleted):
            yield _retraction(fields.url, line or number)
            continue
        if fields["url"]:
            fields["id"] = keys.identity(str(fields["url"]), str(fields["claim"] or fields["title"]))
        yield parse_row(line or number, fields, markup=True)


def is_linked(document: Any) -> bool:
    """Tell whether a parsed object is linked data, or an answer of Google's claim search."""
    return isinstance(document, dict) and not _LINKED.isdisjoint(document)


def load_json(data: bytes) -> Any:
    """Parse a JSON document (UTF-8 or UTF-16). Raises `SourceUnreadable` that says what is wrong."""
    try:
        # Publishers put raw newlines into strings; that alone is no reason to lose the document.
        return json.loads(data, strict=False)
    except json.JSONDecodeError as error:
        raise SourceUnreadable(f"is not JSON at line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise SourceUnreadable(
            "is not usable JSON: not UTF-8, nested too deeply or a number too long"
        ) from error


@dataclass(frozen=True, slots=True)
class _Damaged:
    reason: str


@dataclass(frozen=True, slots=True)
class _Deleted:
    url: Any


_Found = dict[str, Any] | _Damaged | _Deleted


def _is_empty_feed(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and "DataFeed" in _types(document)
        and document.get("dataFeedElement") == []
    )


def _retraction(url: Any, line: int) -> Retraction | RowProblem:
    if not isinstance(url, str) or canonical_url(url) is None:
        return RowProblem(line, "what was taken back has no address")
    return Retraction(source_key("", url, "", "", ""), url, line)


def _nodes(node: Any, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects that are named by an @id and say something about it."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, dict):
        if isinstance(node.get("@id"), str) and not _is_reference(node):
            yield node["@id"], node
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _nodes(item, depth + 1)


def _is_reference(node: dict[str, Any]) -> bool:
    return node.keys() <= {"@id", "@type"}


def _resolved(node: dict[str, Any], nodes: Nodes) -> dict[str, Any]:
    """Put what is meant in the place of mere references, one level deep."""

    def meant(value: Any) -> Any:
        if isinstance(value, list):
            return [meant(item) for item in value]
        if isinstance(value, dict) and _is_reference(value):
            return nodes.get(str(value.get("@id")), value)
        return value

    return {name: meant(value) for name, value in node.items()}


def _walk(node: Any, nodes: Nodes, depth: int) -> Iterator[_Found]:
    if isinstance(node, _Damaged):
        yield node
    elif depth > _MAX_DEPTH:
        return
    elif isinstance(node, list):
        for item in node:
            yield from _walk(item, nodes, depth + 1)
    elif isinstance(node, dict):
        yield from _object(node, nodes, depth)


def _object(node: dict[str, Any], nodes: Nodes, depth: int) -> Iterator[_Found]:
    if "ClaimReview" in _types(node):
        yield _review(_resolved(node, nodes))
    elif isinstance(node.get("claimReview"), list):
        yield from _searched(node)
    elif "DataFeedItem" in _types(node) and node.get("dateDeleted"):
        yield _Deleted(_named(node.get("item"), "url", "@id"))
    elif "DataFeedItem" in _types(node):
        inside = list(_walk(node.get("item"), nodes, depth + 1))
        yield from inside or [_Damaged("the feed item holds no ClaimReview")]
    else:
        for name in _INSIDE:
            yield from _walk(node.get(name), nodes, depth + 1)


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {kind.rpartition("/")[2] for kind in kinds if isinstance(kind, str)}


def _review(node: dict[str, Any]) -> dict[str, Any]:
    claim = _first(node.get("claimReviewed"))
    if not claim:
        item = _first(node.get("itemReviewed"))
        item = item if isinstance(item, dict) else {}
        claim = next((item[name] for name in ("text", "name", "headline") if item.get(name)), None)
    return {
        "title": None if claim else _first(node.get("headline") or node.get("name")),
        "claim": claim,
        "explanation": next((_first(node[name]) for name in _EXPLANATIONS if node.get(name)), None),
        "verdict": _verdict(_first(node.get("reviewRating"))),
        "language": _named(node.get("inLanguage"), "alternateName", "name"),
        "publisher": _named(node.get("author"), "name", "url")
        or _named(node.get("publisher"), "name", "url"),
        "checked_on": _first(node.get("datePublished") or node.get("dateCreated")),
        "url": _named(node.get("url"), "@id"),
    }


def _searched(node: dict[str, Any]) -> Iterator[dict[str, Any] | _Damaged]:
    """Google's claim search: one claim, several publishers' reviews of it."""
    for review in node["claimReview"]:
        if not isinstance(review, dict):
            yield _Damaged("the claim's review is not an object")
            continue
        yield {
            "title": None if node.get("text") else review.get("title"),
            "claim": node.get("text"),
            "verdict": review.get("textualRating"),
            "language": review.get("languageCode"),
            "publisher": _named(review.get("publisher"), "name", "site"),
            "checked_on": review.get("reviewDate"),
            "url": review.get("url"),
        }


def _verdict(given: Any) -> str:
    """Choose our code: the words of the rating decide, its number only where the words are unknown."""
    if not isinstance(given, dict):
        return str(given) if isinstance(given, str) else ""
    words = _first(given.get("alternateName")) or _first(given.get("name"))
    known = ratings.label(words) if isinstance(words, str) else None
    if known is not None:
        return str(words)
    try:
        value, worst, best = (
            float(given.get(name, default))
            for name, default in (("ratingValue", "nan"), ("worstRating", 1), ("bestRating", 5))
        )
    except (TypeError, ValueError, OverflowError):
        return ""
    return ratings.rating(value, worst, best)


def _named(value: Any, *names: str) -> Any:
    """Return a text, or the first of the named properties where an object stands in its place."""
    value = _first(value)
    if isinstance(value, dict):
        return next((value[name] for name in names if value.get(name)), None)
    return value


def _first(value: Any) -> Any:
    """Take the first of a list, and the text of a value with a language."""
    while isinstance(value, list):
        value = value[0] if value else None
    return value.get("@value", value) if isinstance(value, dict) else value
