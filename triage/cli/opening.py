"""How commands that only look, or change what is there, open an installation: they make none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from triage import schema
from triage.config import Config, load_existing
from triage.db import Store
from triage.errors import CannotStart


@contextmanager
def existing() -> Iterator[tuple[Config, Store]]:
    """Open the store of this installation.

    Raises `ConfigError` where there is no installation, `CannotStart` where its schema is another release's.
    """
    config = load_existing()
    store = Store(config.database_url)
    try:
        if not schema.is_current(store):
            raise CannotStart("The store is without the present schema: run `penjaga prepare`.")
        yield config, store
    finally:
        store.close()
