"""What one worker process holds on to: the store, and the matcher with its encoder and index."""

from __future__ import annotations

import threading

from triage.config import Config
from triage.db import Store
from triage.encoding import encoder_errors
from triage.matcher import LiveMatcher


class Runtime:
    """Opens each thing when it is first needed, once, whichever thread comes first."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.store = Store(config.database_url)
        # One of each at a time: two would hold both threads for long, and messages would wait; and two that
        # encode would encode the same.
        self.importing = threading.Lock()
        self.embedding = threading.Lock()
        self._opening = threading.Lock()
        self._matcher: LiveMatcher | None = None

    def matcher(self) -> LiveMatcher:
        """Return the matcher of this process.

        Raises `ConfigError` if the encoder cannot be loaded, `StoreUnavailable` if the store does not answer.
        """
        with self._opening:
            if self._matcher is None:
                with encoder_errors():
                    self._matcher = LiveMatcher(self.store, self.config)
            return self._matcher

    def close(self) -> None:
        """Let go of the store's connections."""
        self.store.close()
