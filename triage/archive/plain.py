"""From what publishers send (HTML, entities, controls) to plain text."""

from __future__ import annotations

import html
import re

import nh3

from models.text import clean

_TAGS = (
    "a|abbr|article|aside|audio|b|big|blockquote|body|br|button|center|code|del|details|div|em|embed|figcaption|"
    "figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|math|meta|"
    "nav|noscript|object|ol|option|p|picture|pre|q|s|script|section|select|small|source|span|strike|strong|style|"
    "sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|title|tr|u|ul|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?=[\s/>])[^<>]*>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]{0,2});", re.IGNORECASE)
# "<nomor>" and "a < b" are text where the rest is markup, too.
_NOT_A_TAG = re.compile(rf"<(?!/?(?:{_TAGS})(?=[\s/>])[^<>]*>|!--)", re.IGNORECASE)
_BREAKS = re.compile(
    r"<br\b|</?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|figure|figcaption|section|article|pre)\b",
    re.IGNORECASE,
)
_DROPPED = {"script", "style", "iframe", "noscript", "template", "textarea", "title", "svg", "math", "object"}
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n ?(?:\n ?)+")


def from_html(text: str) -> str:
    """Return the text of an HTML fragment: no tags, scripts or entities; blocks end in newlines."""
    text = _BREAKS.sub(lambda found: "\n" + found.group(), text)
    stripped = nh3.clean(text, tags=set(), clean_content_tags=_DROPPED, strip_comments=True)
    return tidy(html.unescape(stripped))


def from_text(text: str) -> str:
    """Return plain text; reduces it from HTML only where it holds known tags or entities."""
    if _TAG.search(text) or _ENTITY.search(text):
        return from_html(_NOT_A_TAG.sub("&lt;", text))
    return tidy(text)


def tidy(text: str) -> str:
    """Clean a text (`models.text.clean`) and collapse runs of spaces and of blank lines."""
    return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", clean(text))).replace(" \n", "\n").replace("\n ", "\n")


def one_line(text: str) -> str:
    """Put a tidy text on one line."""
    return " ".join(text.split())
