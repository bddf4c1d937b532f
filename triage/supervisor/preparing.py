"""What an installation needs before it can run: schema, starter archive, encoder, first accounts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from models.encoders import EncoderError
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from models.encoders.manifest import check_manifest
from triage import accounts, schema
from triage.accounts import NewAccount
from triage.archive.starter import import_starter
from triage.config import Config
from triage.db import Store
from triage.errors import CannotStart
from triage.supervisor.child import environment_of


def prepare(config: Config, say: Callable[[str], None]) -> list[NewAccount]:
    """Make the installation ready, doing only what is not done yet; return the accounts just made.

    Raises `StoreUnavailable`, `CannotStart` if there is no encoder.
    """
    _prepare_encoder(config, say)
    store = Store(config.database_url)
    try:
        schema.upgrade(store)
        added = import_starter(store)
        if added:
            say(f"starter archive: {added} entries")
        return accounts.create_first_accounts(store, config.wilayah)
    finally:
        store.close()


def encoder_is_built(config: Config) -> bool:
    """Tell whether the bundled encoder lies whole in its folder, without loading it."""
    try:
        check_manifest(config.encoders / find_bundled().key)
    except EncoderError:
        return False
    return True


def _prepare_encoder(config: Config, say: Callable[[str], None]) -> None:
    if config.encoder == BUNDLED and encoder_is_built(config):
        return
    say("preparing the encoder; this is needed once and takes about a minute")
    # In a process of its own: what it loads would stay in this one for as long as it runs.
    command = (sys.executable, "-m", "triage.cli", "encoder", "build")
    if subprocess.run(command, env=environment_of(config), check=False).returncode != 0:
        raise CannotStart("There is no encoder to work with; the line above says why.")
