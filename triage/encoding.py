"""The encoder as a part of the installation: what is wrong with it is a matter of settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.encoders import EncoderError
from triage.errors import ConfigError


@contextmanager
def encoder_errors() -> Iterator[None]:
    """Turn the matching library's error about an encoder into ours, which names the setting at fault."""
    try:
        yield
    except EncoderError as error:
        raise ConfigError(f"The encoder cannot be loaded: {error}.") from error
