"""The one HTTP client for addresses that come from outside.

A URL is resolved once, every address behind it must be public, and the connection goes to the very address
that was checked: a name that changes its mind in between (DNS rebinding) gains nothing. Redirects are
followed by hand, so that each hop passes the same check. Proxies of the environment are not used.
"""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urljoin

import certifi
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import TimeoutError as UrllibTimeout
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from triage.addresses import Resolve, is_public, resolve
from triage.config import Config
from triage.deadline import Deadline
from triage.errors import PenjagaError
from triage.gunzip import Damaged
from triage.http_reply import UnknownEncoding, pieces, retry_after

MAX_URL_CHARACTERS = 2_000
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_RETRIED = _BUSY | {500, 502, 504}
_USER_AGENT = "Penjaga/0.1 (fact-check archive)"


class FetchRefused(PenjagaError):
    """The address must not be fetched: not http(s), not public, malformed, or redirected there."""

    code = "fetch-refused"
    status = 422


class FetchFailed(PenjagaError):
    """The address could not be fetched: no answer, an error status, too large, too slow, damaged."""

    code = "fetch-failed"
    status = 502


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch; seconds and decoded bytes. `total_s` is per try, from connecting to last byte."""

    bytes: int = 50_000_000
    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 120.0
    redirects: int = 5
    tries: int = 4
    backoff_s: float = 1.0
    retry_after_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is where the redirects ended, `headers` has lower-case names; 304 has no body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def etag(self) -> str:
        """The validator to send next time: `ETag`, else `Last-Modified`, else ''."""
        return self.headers.get("etag") or self.headers.get("last-modified", "")


class _TryAgain(Exception):
    """This try failed in a way that may pass; `wait` is what the server asked for, seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Fetcher:
    """Fetches public addresses, and those that `PENJAGA_FETCH_ALLOW` names. Safe to share; keeps nothing."""

    def __init__(
        self,
        config: Config,
        *,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        resolve: Resolve = resolve,
    ) -> None:
        self._allow = frozenset(host.strip().lower() for host in config.fetch_allow)
        self._limits = limits or Limits()
        self._sleep = sleep
        self._resolve = resolve

    def get(self, url: str, *, etag: str = "", expected: frozenset[int] = frozenset({200})) -> Fetched:
        """Fetch a URL, following redirects and trying again where that may help.

        With `etag` (what `Fetched.etag` gave), an unchanged document comes back as status 304 without body.
        Raises `FetchRefused`, or `FetchFailed` also for each final status not in `expected`.
        """
        for attempt in range(1, self._limits.tries + 1):
            try:
                return self._follow(url, etag, expected)
            except _TryAgain as failure:
                if attempt == self._limits.tries:
                    raise FetchFailed(f"{_shown(url)}: {failure} ({attempt} tries).") from failure
                self._sleep(self._wait(attempt, failure.wait))
        raise AssertionError  # the last try returns or raises

    def _wait(self, attempt: int, asked: float | None) -> float:
        backoff = self._limits.backoff_s * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        return max(backoff, asked or 0.0)

    def _follow(self, url: str, etag: str, expected: frozenset[int]) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            target = _parse(url)
            with self._open(target, etag) as response:
                location = response.headers.get("location")
                if response.status not in _REDIRECTS or not location:
                    return self._finish(url, response, etag, expected)
            url = _joined(target.url, location)
        raise FetchFailed(f"{_shown(url)}: more than {self._limits.redirects} redirects.")

    def _finish(self, url: str, response: BaseHTTPResponse, etag: str, expected: frozenset[int]) -> Fetched:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status == 304 and etag:
            return Fetched(url, 304, headers, b"")
        if response.status not in expected:
            if response.status not in _RETRIED:
                raise FetchFailed(f"{_shown(url)}: the server answered {response.status}.")
            wait = self._asked_wait(url, headers) if response.status in _BUSY else None
            raise _TryAgain(f"the server answered {response.status}", wait)
        return Fetched(url, response.status, headers, self._body(url, response))

    def _asked_wait(self, url: str, headers: Mapping[str, str]) -> float | None:
        wait = retry_after(headers.get("retry-after", ""))
        if wait is not None and wait > self._limits.retry_after_s:
            raise FetchFailed(f"{_shown(url)}: the server asks to come back in {wait:.0f} s; run again then.")
        return wait

    def _body(self, url: str, response: BaseHTTPResponse) -> bytes:
        body = bytearray()
        try:
            for piece in pieces(response):
                body += piece
                if len(body) > self._limits.bytes:
                    raise FetchFailed(f"{_shown(url)}: larger than {self._limits.bytes // 1_000_000} MB.")
        except UnknownEncoding as error:
            encoding = ascii(str(error)[:40])
            raise FetchFailed(f"{_shown(url)}: sent compressed as {encoding}; only gzip is read.") from error
        except Damaged as error:
            raise _TryAgain("what came is damaged") from error
        return bytes(body)

    @contextlib.contextmanager
    def _open(self, target: Url, etag: str) -> Iterator[BaseHTTPResponse]:
        with Deadline(self._limits.total_s) as deadline, contextlib.ExitStack() as stack:
            try:
                sock = stack.enter_context(self._connect(target, deadline))
                connection = HTTPConnection(_bare_host(target), timeout=self._limits.read_s)
                connection.sock = sock
                connection.request(
                    "GET", target.request_uri, headers=_headers(target, etag), preload_content=False
                )
                yield connection.getresponse()
            except (HTTPError, HTTPException, OSError) as error:
                self._check_time(target.url, deadline)
                if isinstance(error, ssl.SSLCertVerificationError):
                    raise FetchFailed(f"{_shown(target.url)}: its certificate cannot be trusted.") from error
                raise _TryAgain(_reason(error)) from error
            # A connection that was cut can look like a body that has come to its end.
            self._check_time(target.url, deadline)

    def _check_time(self, url: str, deadline: Deadline) -> None:
        if deadline.expired:
            raise FetchFailed(f"{_shown(url)}: took longer than {self._limits.total_s:g} s.")

    def _connect(self, target: Url, deadline: Deadline) -> socket.socket:
        """Connect to the first reachable address behind the host, after checking all of them."""
        host, port = _bare_host(target), target.port or _PORTS[str(target.scheme)]
        failure: OSError = OSError("no address")
        for address in self._checked_addresses(target, host, port):
            try:
                sock = socket.create_connection((address, port), timeout=self._limits.connect_s)
            except OSError as error:
                failure = error
                continue
            deadline.guard(sock)
            # The name, not the address, is what the certificate must say.
            return _tls().wrap_socket(sock, server_hostname=host) if target.scheme == "https" else sock
        raise failure

    def _checked_addresses(self, target: Url, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise _TryAgain(f"the host {ascii(host[:100])[1:-1]} was not found") from error
        if f"{host}:{port}" in self._allow:
            return addresses
        public = all(is_public(address) for address in addresses)
        if not public or port not in _PORTS.values():
            what = "the port of a website" if public else "a public address"
            raise FetchRefused(
                f"{_shown(target.url)}: not {what}. If it is a host that you trust, "
                f"name it in PENJAGA_FETCH_ALLOW as {ascii(host[:100])[1:-1]}:{port}."
            )
        return addresses


def check(config: Config, url: str) -> None:
    """Refuse what no fetch would be tried of, without asking the network. Raises `FetchRefused`."""
    if is_named(config, url):
        return
    target = _parse(url)
    host, port = _bare_host(target), target.port or _PORTS[str(target.scheme)]
    numeric = host.replace(".", "").isdigit() or ":" in host
    if port not in _PORTS.values() or host == "localhost" or (numeric and not is_public(host)):
        raise FetchRefused(f"{_shown(url)}: not the public address of a website.")


def is_named(config: Config, url: str) -> bool:
    """Tell whether `PENJAGA_FETCH_ALLOW` names the host and port of an address. Raises `FetchRefused`."""
    target = _parse(url)
    port = target.port or _PORTS[str(target.scheme)]
    return f"{_bare_host(target)}:{port}" in {each.strip().lower() for each in config.fetch_allow}


def _parse(url: str) -> Url:
    """Take a URL apart once: what is checked is what is connected to."""
    if len(url) > MAX_URL_CHARACTERS:
        raise FetchRefused(f"The address has more than {MAX_URL_CHARACTERS} characters.")
    try:
        parsed = parse_url(url)
    except (LocationParseError, UnicodeError, ValueError) as error:
        raise FetchRefused(f"{_shown(url)}: not a web address.") from error
    if parsed.scheme not in _PORTS or not parsed.host:
        raise FetchRefused(f"{_shown(url)}: only http:// and https:// addresses can be fetched.")
    if parsed.auth:
        raise FetchRefused("An address with a user name or password in it is not fetched.")
    return parsed


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchRefused(f"{_shown(url)}: redirects to something that is not a web address.") from error


def _bare_host(target: Url) -> str:
    return str(target.host).strip("[]").rstrip(".").lower()


def _headers(target: Url, etag: str) -> dict[str, str]:
    headers = {"Host": target.netloc or "", "User-Agent": _USER_AGENT, "Accept-Encoding": "gzip"}
    if etag.startswith(('"', "W/")):
        headers["If-None-Match"] = etag
    elif etag:
        headers["If-Modified-Since"] = etag
    return headers


def _tls() -> ssl.SSLContext:
    # The system's store may hold an office's own authority; the bundled one serves systems without any.
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | UrllibTimeout):
        return "no answer in time"
    return f"the connection failed ({type(error).__name__})"


def _shown(url: str) -> str:
    """The address as a message shows it: bounded, printable, without query (it may hold a key)."""
    return ascii(url.partition("?")[0][:200])[1:-1]
