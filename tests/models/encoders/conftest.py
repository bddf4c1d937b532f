"""The build that this machine has, and its weights."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models.encoders import Encoder
from models.encoders.bundled import find_bundled
from models.encoders.q4file import Q4File, read_q4


@pytest.fixture(scope="session")
def built(encoder: Encoder) -> Path:
    """Folder of the bundled encoder's build; tests only read it."""
    return Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")).absolute() / find_bundled().key


@pytest.fixture(scope="session")
def weights() -> Q4File:
    """The bundled weights."""
    return read_q4(find_bundled().weights)
