"""What an installation needs before it can run: encoder, schema, starter archive, first accounts."""

from __future__ import annotations

from collections.abc import Callable

from models.encoders import Progress, load_encoder
from models.encoders.bundled import find_bundled
from models.encoders.loading import BUNDLED
from models.encoders.manifest import MANIFEST
from triage import accounts, asking, keys, reading_anew, schema
from triage.accounts import NewAccount
from triage.alerts import subscriptions
from triage.archive.starter import import_starter
from triage.config import Config
from triage.db import Store
from triage.encoding import encoder_errors


def prepare(config: Config, say: Callable[[str], None], progress: Progress) -> list[NewAccount]:
    """Make the installation ready, doing only what is not done yet; return the accounts just made.

    `progress` is told of the steps of an encoder being built. Raises `ConfigError` if there is no encoder to
    work with, `StoreUnavailable`.
    """
    _prepare_encoder(config, say, progress)
    store = Store(config.database_url)
    try:
        schema.upgrade(store)
        _note_secret(store, config, say)
        _read_wordings_anew(store, say)
        added = import_starter(store)
        if added:
            say(f"starter archive: {added} entries")
        return accounts.create_first_accounts(store, config.wilayah)
    finally:
        store.close()


def _note_secret(store: Store, config: Config, say: Callable[[str], None]) -> None:
    found = keys.note(store, config)
    if found == "foreign":
        say(f"warning: {keys.FOREIGN}; {keys.FOREIGN_REMEDY}")
    elif found == "rotated":
        say("a new secret is in use; what earlier ones made goes on working while they are given")
    number = asking.seal_contacts(store, config)
    if number:
        say(f"sealed {number} contacts of local sources with the present secret")
    number = subscriptions.seal_anew(store, config)
    if number:
        say(f"sealed {number} addresses for alerts with the present secret")
    number = accounts.seal_anew(store, config)
    if number:
        say(f"sealed {number} second steps of accounts with the present secret")


def _read_wordings_anew(store: Store, say: Callable[[str], None]) -> None:
    with store.read() as session:
        number = reading_anew.in_earlier_form(session)
    if number:
        say(f"reading {number} kept wordings anew; this release reads messages in another way")
        reading_anew.read_anew(store)


def _prepare_encoder(config: Config, say: Callable[[str], None], progress: Progress) -> None:
    with encoder_errors():
        # Whether what lies there is whole, each worker checks when it loads it.
        if config.encoder == BUNDLED and (config.encoders / find_bundled().key / MANIFEST).is_file():
            return
        say("preparing the encoder; the bundled one is built once, in about a minute")
        load_encoder(config.encoder, config.encoders, progress)
