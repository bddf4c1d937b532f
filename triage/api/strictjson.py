"""JSON from outside: a key that occurs twice is an error, not a silent choice of the last."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider


class StrictJSON(DefaultJSONProvider):
    """Flask's provider, refusing duplicate keys and the non-JSON numbers NaN and Infinity."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse one document. Raises `ValueError` with the reason."""
        return json.loads(s, object_pairs_hook=_unique, parse_constant=_no_constant, **kwargs)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in the same object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
