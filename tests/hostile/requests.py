"""Requests that no browser of ours would send, to every route, as WSGI sees them: each from a seed."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus

from werkzeug.routing import Rule

from tests.hostile.place import Person, Place
from tests.hostile.texts import short, text
from triage.web import security

_METHODS = (
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "get",
    "X",
)
_FIELDS = (
    "text", "url", "village", "seen", "remark", "key", "receipt", "username", "password", "next", "current",
    "new",
    "again", "lang", "hal", "lihat", "cari", "bagian", "pesan", "kind", "number", "other", "name",
    "contact", "active",
    "group", "said", "answer", "verdict", "claim", "headline", "explanation", "what_to_do", "evidence",
    "harm",
    "csrf_token", "title", "v", "view", "page", "match_id", "channel", "image",
)  # fmt: skip
# What is right for a field: most fields of a request must be, for a wrong one to get far.
_KNOWN = {
    "url": ("", "https://contoh.example/a"), "remark": ("", "dari grup"), "receipt": ("0000-0000-0000-0000",),
    "key": ("0b6f4c1e-9d2a-4a6f-8a53-0c1d2e3f4a5b", ""), "headline": ("Tautan itu penipuan",),
    "claim": ("Bantuan tunai",), "explanation": ("Dinas tidak membagikan tautan.",), "contact": ("0812",),
    "evidence": ("Dinas | https://contoh.example/ | 25-11-2026",), "answer": ("hoaks",),
    "said": ("Tidak ada",),
    "seen": ("wa-group", "told"), "kind": ("judge", "decide", "approve"), "harm": ("fraud", "other"),
    "verdict": ("hoaks", "benar"), "lihat": ("mendesak", "persetujuan", "terjawab"), "lang": ("id", "en",
    "jv"),
    "view": ("waiting", "approval"), "channel": ("api", "sms"), "village": ("35.08.01.2001", "Lumajang"),
    "bagian": ("1",), "active": ("1",), "next": ("/kim", "//evil.example", "/kim//evil.example"),
}  # fmt: skip
_HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Cookie", "Host", "Origin", "Referer",
    "Range",
    "If-None-Match", "If-Modified-Since", "If-Match", "Idempotency-Key", "Sec-Fetch-Site", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix",
    "X-HTTP-Method-Override",
    "Content-Encoding", "Transfer-Encoding", "Expect", "Forwarded", "X-Request-Id", "X-Original-URL", "Via",
)  # fmt: skip
_TYPES = (
    "application/json", "application/json; charset=utf-16", "application/json; charset=\xff", "text/plain",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7",
    "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/xml", "", ";",
    "a/b; c*=d''%ff",
    "application/vnd.api+json", "image/png", "multipart/mixed; boundary=" + "x" * 300,
)  # fmt: skip
# What no HTTP server hands on within a header.
_NOT_IN_HEADERS = re.compile(r"[\r\n\0]")


@dataclass
class Asked:
    """One request; `path` and `query` as they travel, percent-encoded."""

    method: str
    path: bytes
    query: str
    person: Person
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str | None = None
    rule: str = ""

    def environ(self) -> dict[str, Any]:
        """Return the request as a WSGI server hands it to the application."""
        made: dict[str, Any] = {
            "REQUEST_METHOD": self.method, "SCRIPT_NAME": "", "PATH_INFO": self.path.decode("latin-1"),
            "QUERY_STRING": self.query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
            "CONTENT_LENGTH": str(len(self.body)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body), "wsgi.errors": BytesIO(), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        if self.content_type is not None:
            made["CONTENT_TYPE"] = self.content_type
        for name, value in self.headers.items():
            made[f"HTTP_{name.upper().replace('-', '_')}"] = _header(value)
        return made


def ask(rng: Random, place: Place, rules: list[Rule]) -> Asked:
    """Make one request to one of the routes, as one of the people."""
    rule = rng.choice(rules)
    wanted = [method for method in sorted(rule.methods or ()) if method not in ("HEAD", "OPTIONS")]
    method = rng.choice(wanted) if rng.random() < 0.9 else rng.choice(_METHODS)
    asked = Asked(
        method, _path(rng, place, rule), _query(rng, place), rng.choice(place.people), rule=rule.rule
    )
    if rng.random() < 0.02:
        asked.path = b"/" + _bytes(rng, short(rng))
    _identify(rng, asked)
    if method not in ("GET", "HEAD") or rng.random() < 0.05:
        _fill(rng, place, asked)
    if rng.random() < 0.3:
        for name in rng.sample(_HEADERS, rng.choice((1, 1, 2, 5))):
            asked.headers[name] = _header_value(rng, name)
    return asked


def _identify(rng: Random, asked: Asked) -> None:
    """Let the person be known to pages by the cookie and to programs by the token."""
    if asked.person.role is None:
        return
    asked.headers["Cookie"] = f"{security.SESSION}={asked.person.token}"
    asked.headers["Authorization"] = f"Bearer {asked.person.token}"
    if rng.random() < 0.05:
        asked.headers["Cookie"] += (
            f"; {security.DEVICE}={_header(short(rng))}; penjaga_notice={_header(short(rng))}"
        )


def _path(rng: Random, place: Place, rule: Rule) -> bytes:
    def value(found: re.Match[str]) -> str:
        name = found.group("name")
        if name == "receipt":
            return rng.choice(place.receipts) if rng.random() < 0.8 else _segment(rng)
        if rng.random() < 0.9:
            return str(rng.choice(place.numbers))
        return _segment(rng)

    filled = re.sub(r"<(?:[^<>:]*(?:\([^<>]*\))?:)?(?P<name>\w+)>", value, rule.rule)
    # Placeholders are text; what is on the way are bytes.
    return _bytes(rng, filled)


def _segment(rng: Random) -> str:
    return short(rng).replace("/", "") or "x"


def _query(rng: Random, place: Place) -> str:
    if rng.random() < 0.5:
        return ""
    if rng.random() < 0.05:
        return _header(text(rng, 3_000))
    names = rng.choices(_FIELDS, k=rng.choice((1, 1, 2, 4)))
    return "&".join(f"{name}={quote_plus(_bytes(rng, _value(rng, place, name)))}" for name in names)


def _value(rng: Random, place: Place, name: str) -> str:
    chance = rng.random()
    if name in _KNOWN and chance < 0.85:
        return rng.choice(_KNOWN[name])
    if name in ("number", "other", "group", "hal", "page", "match_id", "pesan") and chance < 0.7:
        return str(rng.choice(place.numbers))
    if name == "receipt" and chance < 0.5:
        return rng.choice(place.receipts)
    return text(rng) if chance > 0.9 or name in ("text", "claim", "evidence") else short(rng)


def _fill(rng: Random, place: Place, asked: Asked) -> None:
    kind = (
        rng.choice((_json, _json, _raw))
        if b"/api/" in asked.path
        else rng.choice((_form, _form, _form, _parts, _raw))
    )
    kind(rng, place, asked)
    if rng.random() < 0.03:
        asked.content_type = rng.choice(_TYPES)
    if rng.random() < 0.01:
        asked.body, asked.headers["Content-Encoding"] = gzip.compress(asked.body * 50), "gzip"


def _fields(rng: Random, place: Place, asked: Asked) -> list[tuple[str, str]]:
    names = (
        rng.sample(_FIELDS, rng.randint(0, 8))
        if rng.random() < 0.3
        else rng.sample(_FIELDS, len(_FIELDS) - 4)
    )
    fields = [(name, _value(rng, place, name)) for name in names if name != "csrf_token"]
    token = asked.person.csrf if rng.random() < 0.95 else short(rng)
    return [*fields, ("csrf_token", token)]


def _form(rng: Random, place: Place, asked: Asked) -> None:
    pairs = (
        f"{quote_plus(name)}={quote_plus(_bytes(rng, value))}" for name, value in _fields(rng, place, asked)
    )
    asked.body, asked.content_type = "&".join(pairs).encode(), "application/x-www-form-urlencoded"


def _parts(rng: Random, place: Place, asked: Asked) -> None:
    lines = []
    for name, value in _fields(rng, place, asked):
        file = f'; filename="{_header(short(rng))}"' if rng.random() < 0.05 else ""
        head = f'--batas\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        lines.append(head.encode("utf-8", "surrogatepass") + _bytes(rng, value) + b"\r\n")
    end = b"--batas--\r\n" if rng.random() < 0.95 else b""
    asked.body, asked.content_type = b"".join(lines) + end, "multipart/form-data; boundary=batas"


def _raw(rng: Random, _place: Place, asked: Asked) -> None:
    body = _bytes(rng, text(rng)) * rng.choice((1, 1, 1, 40))
    asked.body, asked.content_type = body, rng.choice(_TYPES)


def _json(rng: Random, place: Place, asked: Asked) -> None:
    wanted: dict[str, Any] = {name: _any(rng, place, name) for name in _expected(rng, asked.rule)}
    if rng.random() < 0.1:
        wanted[short(rng)] = _any(rng, place, "")
    written = json.dumps(
        wanted if rng.random() < 0.95 else _any(rng, place, ""), ensure_ascii=rng.random() < 0.5
    )
    if rng.random() < 0.1:
        at = rng.randint(0, len(written))
        written = (
            written[:at]
            + rng.choice(("", '"', "{", "}", "\\", "\\ud800", "[" * 5_000, "1" * 6_000, "\0"))
            + written[at:]
        )
    asked.body, asked.content_type = _bytes(rng, written), "application/json"


def _expected(rng: Random, rule: str) -> list[str]:
    if rule.endswith("/sessions"):
        return ["username", "password"]
    if rule.endswith("/submissions"):
        return ["text", *rng.sample(("url", "village", "channel", "image"), rng.choice((0, 0, 1, 2)))]
    if rule.endswith("/decisions"):
        both = ["verdict", "claim", "headline", "explanation", "what_to_do", "evidence", "harm"]
        return ["match_id"] if rng.random() < 0.4 else both
    return rng.sample(_FIELDS, rng.randint(0, 3))


def _any(rng: Random, place: Place, name: str) -> Any:
    chance = rng.random()
    if name == "evidence" and chance < 0.8:
        return [
            {"label": text(rng, 400), "url": short(rng), "archived": short(rng)}
            for _ in range(rng.randint(0, 3))
        ]
    if name == "match_id" and chance < 0.8:
        return rng.choice(place.numbers)
    if chance < 0.95:
        return _value(rng, place, name)
    return rng.choice(_WRONG)(rng)


def _nested(rng: Random) -> Any:
    made: Any = short(rng)
    for _ in range(rng.choice((3, 30, 300))):
        made = [made] if rng.random() < 0.5 else {"a": made}
    return made


_WRONG: tuple[Callable[[Random], Any], ...] = (
    lambda rng: rng.choice((None, True, [], {}, 10**30, -(2**63), 1e308, float("nan"), float("inf"))),
    lambda rng: rng.randint(-10, 10), lambda rng: [short(rng)] * 50, _nested,
)  # fmt: skip


def _header_value(rng: Random, name: str) -> str:
    if name == "Host":
        return rng.choice(
            ("localhost", "evil.example", "[::1]", "a:b", "a@b", "", "[", "localhost:99999", short(rng))
        )
    if name == "Sec-Fetch-Site":
        return rng.choice(("same-origin", "none", "cross-site", short(rng)))
    if name == "Cookie":
        names = (security.SESSION, short(rng), "penjaga_lang", "penjaga_desa")
        return "; ".join(f"{name}={short(rng)}" for name in names)
    if name == "Range":
        return rng.choice(("bytes=0-1", "bytes=-", "bytes=9-1", "bytes=0-1,0-1,0-1", short(rng)))
    if name == "Authorization":
        return rng.choice(("Basic ", "Bearer ", "Digest x=", "")) + short(rng)
    return text(rng, rng.choice((20, 200, 8_000)))


def _header(value: str) -> str:
    """Return a text as a server decodes a header: bytes read as Latin-1."""
    return _NOT_IN_HEADERS.sub("", value).encode("utf-8", "surrogatepass").decode("latin-1")


def _bytes(rng: Random, value: str) -> bytes:
    encoding = "utf-8" if rng.random() < 0.95 else rng.choice(("latin-1", "utf-16", "utf-7", "cp1252"))
    return value.encode(encoding, "surrogatepass" if encoding in ("utf-8", "utf-16") else "replace")


def shown(asked: Asked) -> str:
    """Describe a request in one line, for whoever looks into what it did."""
    who = asked.person.role or "nobody"
    return f"{asked.method} {quote(asked.path)[:200]} as {who}, {len(asked.body)} bytes"
