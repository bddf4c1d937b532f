"""Long work keeps its claim."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import structlog

from triage import outbox
from triage.db import Store
from triage.errors import StoreUnavailable
from triage.outbox import Job

_log = structlog.get_logger(__name__)


class Holding:
    """Keeps claimed rows from coming due again while honest work on them takes longer than a claim."""

    def __init__(self, store: Store, jobs: Sequence[Job], every_s: float = outbox.CLAIM_SECONDS / 3) -> None:
        self._store = store
        self._jobs = jobs
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="holding", daemon=True)

    def __enter__(self) -> Self:
        """Begin to renew."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop renewing; afterwards the rows are as the work, or its failure, leaves them."""
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                outbox.renew(self._store, self._jobs)
            except StoreUnavailable:
                _log.warning("claim_not_renewed", rows=len(self._jobs))
