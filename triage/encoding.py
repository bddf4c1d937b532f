"""Encoder and calibration as parts of the installation: what is wrong with them is a matter of settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.calibration import CalibrationRefused
from models.encoders import EncoderError
from triage.errors import ConfigError, EncoderUnusable


@contextmanager
def encoder_errors() -> Iterator[None]:
    """Turn the matching library's errors about its files into ours, which name the setting at fault."""
    try:
        yield
    except EncoderError as error:
        raise EncoderUnusable(f"{error}.") from error
    except CalibrationRefused as error:
        raise ConfigError(f"PENJAGA_CALIBRATION: {error}.") from error
