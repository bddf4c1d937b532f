"""The error of a source that cannot be read at all."""

from __future__ import annotations

from triage.errors import PenjagaError


class SourceUnreadable(PenjagaError):
    """A file, folder or document is missing, too large, or of no known format; nothing of it went in."""

    code = "source-unreadable"
    status = 422
