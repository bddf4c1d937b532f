"""What one worker process holds on to: the store, and the matcher with its encoder and index."""

from __future__ import annotations

import threading
import time

import structlog

from triage.config import Config
from triage.db import Store
from triage.encoding import encoder_errors
from triage.errors import EncoderUnusable
from triage.matcher import LiveMatcher
from triage.trends.surges import SurgeWatch
from triage.without_encoder import WordsMatcher

# An encoder that could not be loaded is tried again after this, then less often: it may mean building it.
RETRY_FIRST_S, RETRY_LAST_S = 30.0, 600.0
_log = structlog.get_logger(__name__)


class Runtime:
    """Opens each thing when it is first needed, once, whichever thread comes first."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.database_url, gives_way=True)
        # One of each at a time: two would hold both threads for long, and messages would wait; and two that
        # encode would encode the same.
        self.importing = threading.Lock()
        self.embedding = threading.Lock()
        # So does a mail server that keeps us waiting.
        self.letters = threading.Lock()
        self.surges = SurgeWatch()
        self._opening = threading.Lock()
        self._matcher: LiveMatcher | WordsMatcher | None = None
        self._retry_at, self._retry_after_s = 0.0, RETRY_FIRST_S

    def matcher(self) -> LiveMatcher | WordsMatcher:
        """Return the matcher of this process: without an encoder one that matches by words alone.

        Raises `ConfigError` if the fitted numbers cannot be read, `StoreUnavailable` if the store does not
        answer.
        """
        with self._opening:
            if self._matcher is None:
                self._matcher = self._live() or self._by_words()
            return self._matcher

    def live_matcher(self) -> LiveMatcher | None:
        """Return the matcher if it has an encoder that works. Raises as `matcher`."""
        found = self.matcher()
        return found if isinstance(found, LiveMatcher) and found.has_meaning else None

    def look_for_encoder(self) -> bool:
        """Try to get back an encoder that failed; True if it is back just now. Raises as `matcher`."""
        found = self.matcher()
        if found.has_meaning:
            return False
        if isinstance(found, LiveMatcher):
            return found.ask_encoder()
        if time.monotonic() < self._retry_at:
            return False
        live = self._live()
        if live is not None:
            self._matcher = live
        return live is not None

    def _live(self) -> LiveMatcher | None:
        try:
            with encoder_errors():
                return LiveMatcher(self.store, self.config)
        except EncoderUnusable as error:
            _log.error("encoder_missing", reason=str(error), so="messages are matched by their words alone")
            self._retry_at = time.monotonic() + self._retry_after_s
            self._retry_after_s = min(RETRY_LAST_S, 2 * self._retry_after_s)
            return None

    def _by_words(self) -> WordsMatcher:
        with encoder_errors():
            return WordsMatcher(self.store, self.config)

    def close(self) -> None:
        """Let go of the store's connections."""
        self.store.close()
