"""JSON from outside: refused with the reason where it is broken or ambiguous, never guessed at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from flask import Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

if TYPE_CHECKING:  # known to type checkers only
    from _typeshed.wsgi import WSGIEnvironment

_ASCII = "".join(map(chr, range(0x21, 0x7F)))


class StrictJSON(DefaultJSONProvider):
    """Flask's provider, refusing duplicate keys and the non-JSON numbers NaN and Infinity."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse one document. Raises `ValueError` with the reason."""
        try:
            return json.loads(s, object_pairs_hook=_unique, parse_constant=_no_constant, **kwargs)
        except RecursionError:
            raise ValueError("the document is nested too deeply") from None


class JSONRequest(Request):
    """A request whose unreadable JSON is answered with what is wrong with it.

    Bytes in its query that should have travelled percent-encoded are taken as if they had: what they mean is
    then read as leniently as everything else in an address.
    """

    def __init__(self, environ: WSGIEnvironment, *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        self.query_string = quote(self.query_string, safe=_ASCII).encode("ascii")

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Say what is wrong, without repeating what was sent."""
        if e is None:
            raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
        if isinstance(e, UnicodeDecodeError):
            raise BadRequest("The body is not UTF-8.") from e
        reason = e.msg if isinstance(e, json.JSONDecodeError) else str(e)
        raise BadRequest(f"The body is not valid JSON: {reason}.") from e


def require_object(request: Request) -> None:
    """Check that a request carries one JSON object, before its fields are looked at."""
    if not isinstance(request.get_json(), dict):
        raise BadRequest("The body must be a JSON object.")


def mend_surrogates(value: object) -> object:
    """Replace halves of characters, as cut-off messages contain them, by U+FFFD; other types pass."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in the same object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
