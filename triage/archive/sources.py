"""Where archive entries come from: files, folders and web addresses; which format each one is in."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from triage.archive import claimreview, csv_file, feed_pages, feeds, jsonl, wordpress
from triage.archive.lines import MAX_LINE_BYTES, whole
from triage.archive.rows import Item
from triage.archive.unreadable import SourceUnreadable
from triage.fetch import Fetched, Fetcher

Rows = Iterator[Item]
Format = Literal["jsonl", "csv", "json", "html", "feed"]

_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonld": "json",
    ".html": "html", ".htm": "html", ".xml": "feed", ".rss": "feed", ".atom": "feed",
}  # fmt: skip
_CONTENT_TYPES: dict[str, Format] = {
    "application/x-ndjson": "jsonl", "application/jsonl": "jsonl", "text/csv": "csv",
    "text/tab-separated-values": "csv",
}  # fmt: skip
_NOT_TEXT = {
    b"PK\x03\x04": "a spreadsheet or zip file; save it as CSV or unpack it",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet file; save it as CSV",
    b"\x1f\x8b": "compressed; unpack it first",
    b"%PDF": "a PDF; there is nothing in it that could be read as entries",
}
_FEED_ROOT = re.compile(rb"<(?:[a-z][\w.-]*:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_HEAD_BYTES = MAX_LINE_BYTES
_SNIFFED_LINES = 20
_CHUNK = 1_048_576


@dataclass(frozen=True, slots=True)
class Source:
    """One opened file or address.

    `rows()` yields its entries with growing `line`, in the same order wherever `content_hash` is the same.
    `total` is about how many lines there are, if known. `unchanged`: the address still has what `etag`
    named, and there are no rows to read.
    """

    name: str
    content_hash: str
    rows: Callable[[], Rows]
    etag: str = ""
    total: int | None = None
    unchanged: bool = False


def is_url(source: str) -> bool:
    """Tell whether a source is a web address (of any scheme) and not a path."""
    return "://" in source


def absolute(source: str) -> Path:
    """Return the absolute path of a file or folder. Raises `SourceUnreadable` if there is no such home."""
    if not source.strip():
        raise SourceUnreadable("The name of a source is empty.")
    try:
        return Path(source).expanduser().absolute()
    except RuntimeError as error:
        raise SourceUnreadable(f"{source}: there is no home folder of that name") from error


def expand(source: str) -> list[str]:
    """Name each file behind a source: absolute path or address; a folder's known files, sorted.

    Hidden files are left out, and links that lead out of the folder; a folder inside that cannot be read
    stands for its files. Raises `SourceUnreadable`.
    """
    if is_url(source):
        return [source]
    path = absolute(source)
    try:
        if not path.is_dir():
            return [str(path)]
    except OSError as error:
        raise SourceUnreadable(f"{source}: {error.strerror}") from error
    unreadable: list[OSError] = []
    found = [
        str(Path(folder, name))
        for folder, folders, names in os.walk(path, onerror=unreadable.append)
        for name in _visible(folders, names)
        if _belongs(Path(folder, name), path)
    ]
    found += [str(error.filename) for error in unreadable]
    if not found:
        raise SourceUnreadable(f"{source}: the folder holds no file of a known kind ({', '.join(_SUFFIXES)})")
    return sorted(found)


@contextlib.contextmanager
def open_source(name: str, fetcher: Fetcher, etag: str = "") -> Iterator[Source]:
    """Open one file or address (a name from `expand`), closing it at the end.

    `etag` is what the address gave last time: if it still holds, the source is `unchanged`. Raises
    `SourceUnreadable`, `FetchRefused` or `FetchFailed`, here or while its rows are read.
    """
    if not is_url(name):
        with _open_file(name) as stream:
            yield _document(name, stream, Path(name).suffix)
    elif wordpress.is_posts_url(name):
        posts = wordpress.Posts(fetcher, name)
        # Nobody can tell whether the posts behind the first page changed: each reading is its own content.
        yield Source(name, uuid4().hex, posts.read, total=posts.total)
    else:
        fetched = fetcher.get(name, etag=etag)
        if fetched.status == 304:
            yield Source(name, "", lambda: iter(()), etag=etag, unchanged=True)
            return
        if feed_pages.has_more(fetched):
            # What the pages behind the first hold may change while they are read.
            pages = feed_pages.Pages(fetcher, fetched)
            yield Source(name, uuid4().hex, pages.read, etag=fetched.etag)
            return
        suffix = PurePosixPath(urlsplit(fetched.url).path).suffix
        yield _document(name, io.BytesIO(fetched.body), suffix, fetched)


def detect(head: bytes, suffix: str = "", content_type: str = "") -> Format:
    """Name the format of a document by its first bytes, helped by file suffix and content type.

    Raises `SourceUnreadable` for what is empty or no text, and JSON lines in UTF-16.
    """
    for magic, kind in _NOT_TEXT.items():
        if head.startswith(magic):
            raise SourceUnreadable(f"is {kind}")
    wide = _wide(head)
    text = (head.decode(wide, "replace").encode() if wide else head).removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        raise SourceUnreadable("is empty")
    if text.startswith(b"<"):
        return "feed" if _FEED_ROOT.search(text[:4096]) else "html"
    named = _SUFFIXES.get(suffix.lower()) or _CONTENT_TYPES.get(
        content_type.partition(";")[0].strip().lower()
    )
    found = named if named in ("jsonl", "csv") else _told(text, named)
    if found == "jsonl" and wide:
        raise SourceUnreadable("is UTF-16; save it as UTF-8")
    return found


def _told(text: bytes, named: Format | None) -> Format:
    if text.startswith(b"["):
        return "json"
    if text.startswith(b"{") or named == "json":
        return "jsonl" if _is_lines(text) else "json"
    return "csv"


def _wide(head: bytes) -> str:
    """Name the encoding of text in units of two bytes, "" for any other."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(head[:2], "")


def _visible(folders: list[str], names: list[str]) -> list[str]:
    """Leave out what is hidden; `os.walk` goes into what is left in `folders`."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return [name for name in names if not name.startswith(".")]


def _belongs(file: Path, folder: Path) -> bool:
    if file.suffix.lower() not in _SUFFIXES:
        return False
    try:
        return file.is_file() and file.resolve().is_relative_to(folder.resolve())
    except OSError:
        return True  # opening it will say what is wrong


@contextlib.contextmanager
def _open_file(name: str) -> Iterator[BinaryIO]:
    try:
        # A pipe would keep us waiting for ever; it is told from a file only once it is open.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise SourceUnreadable(str(error.strerror)) from error
    except ValueError as error:
        raise SourceUnreadable("is not a file name") from error
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise SourceUnreadable("is not a file")
        yield stream


def _document(name: str, stream: BinaryIO, suffix: str, fetched: Fetched | None = None) -> Source:
    digest, newlines = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        newlines += chunk.count(b"\n")
    stream.seek(0)
    content_type = fetched.headers.get("content-type", "") if fetched else ""
    kind = detect(stream.read(_HEAD_BYTES), suffix, content_type)

    def rows() -> Rows:
        stream.seek(0)
        if kind == "feed":
            return feeds.read(stream, fetched.url if fetched else "")
        return _READERS[kind](stream)

    total = newlines if kind in ("jsonl", "csv") else None
    return Source(name, digest.hexdigest(), rows, etag=fetched.etag if fetched else "", total=total)


def read_json(stream: BinaryIO) -> Rows:
    """Read a JSON document: posts of WordPress, a list of entries, or whatever holds reviews.

    Raises `SourceUnreadable`.
    """
    document = claimreview.load_json(whole(stream))
    if wordpress.is_posts(document):
        return wordpress.posts(document, first=1)
    return jsonl.entries(document) if jsonl.is_entries(document) else claimreview.reviews(document)


_READERS: dict[Format, Callable[[BinaryIO], Rows]] = {
    "jsonl": jsonl.read,
    "csv": csv_file.read,
    "json": read_json,
    "html": claimreview.read_page,
}


def _is_lines(text: bytes) -> bool:
    """Tell JSON lines from a document: a line is a whole entry, or the first of several a whole object."""
    found = [_parsed(line) for line in text.split(b"\n", _SNIFFED_LINES)[:_SNIFFED_LINES] if line.strip()]
    if len(found) > 1 and isinstance(found[0], dict):
        return True
    return any(isinstance(each, dict) and not claimreview.is_linked(each) for each in found)


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
