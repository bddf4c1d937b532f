"""Values of columns as JSON and back: what JSON has no form for is named by its kind."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime
from sqlalchemy.types import TypeEngine


def to_json(kind: TypeEngine[Any], value: Any) -> Any:
    """Return what stands for a value in a backup; `kind` is its column's type."""
    if isinstance(kind, JSON):
        return {"json": value}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, datetime):
        # SQLite keeps no offset: there all is UTC.
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {"at": aware.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def from_json(kind: TypeEngine[Any], value: Any) -> Any:
    """Return the value that stands in a backup, as its column takes it.

    Raises `KeyError`, `TypeError` or `ValueError` for what no backup holds.
    """
    if not isinstance(value, dict):
        return value
    (name, content), *more = value.items()
    if more:
        raise ValueError(name)
    if name == "json":
        return content
    if name == "bytes":
        return base64.b64decode(content, validate=True)
    if name == "day":
        return date.fromisoformat(content)
    if name == "at":
        at = datetime.fromisoformat(content)
        return at if isinstance(kind, DateTime) and kind.timezone else at.replace(tzinfo=None)
    raise ValueError(name)
