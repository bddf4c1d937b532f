"""Web pages: in which encoding they are, and the linked data in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4.dammit import EncodingDetector

_SCRIPT = re.compile(r"<script\b([^<>]{0,1000})>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\b", re.IGNORECASE)
_JSON_LD = re.compile(r"\btype\s*=\s*[\"']?\s*application/ld\+json\b", re.IGNORECASE)
# It hid scripts from the browsers of long ago; some publishers still write it.
_WRAPPING = re.compile(r"(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)(?:\s*\*/)?")
# Browsers look for a declaration in the first 1,024 bytes.
_DECLARATION_BYTES = 4_096


def json_ld(data: bytes) -> Iterator[str]:
    """Yield the JSON-LD scripts of a page.

    By hand: the standard library's parser takes hours for some pages of a megabyte, and fails on others.
    A script ends at the next "</script", whatever stands in it, so nothing more is needed.
    """
    page, end = decoded(data), 0
    while start := _SCRIPT.search(page, end):
        closing = _SCRIPT_END.search(page, start.end())
        end = closing.start() if closing else len(page)
        if _JSON_LD.search(start.group(1)):
            yield _unwrapped(page[start.end() : end].strip())


def _unwrapped(script: str) -> str:
    wrapping = _WRAPPING.match(script)
    if wrapping is None:
        return script
    inside = script[wrapping.end() :].rstrip("/* \t\r\n")
    return inside.removesuffix("]]>").removesuffix("-->").rstrip("/* \t\r\n")


def decoded(data: bytes) -> str:
    """Decode a page as it says it is encoded; one that says nothing as UTF-8, or else as browsers do."""
    data, encoding = EncodingDetector.strip_byte_order_mark(data)
    head = data[:_DECLARATION_BYTES]
    encoding = encoding or EncodingDetector.find_declared_encoding(head, is_html=True)
    try:
        return data.decode(encoding or "utf-8", "replace" if encoding else "strict")
    except (LookupError, UnicodeDecodeError):
        return data.decode("cp1252", "replace")
