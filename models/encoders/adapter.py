"""Low-rank changes to the bundled weights, learned by `models.training.finetune`, merged at build time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from models.encoders.api import EncoderDamaged

Adapter = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
"""By name of the tensor that changes: what is added to it as a product, (rows, rank) by (rank, columns)."""

_UP, _DOWN = ".up", ".down"


def save(adapter: Adapter, path: Path, about: Mapping[str, str]) -> None:
    """Write an adapter in half precision; `about` says what it was trained on and how."""
    halves = {}
    for name, (up, down) in adapter.items():
        halves[name + _UP], halves[name + _DOWN] = up.astype(np.float16), down.astype(np.float16)
    save_file(halves, str(path), metadata=dict(about))


def load_adapter(path: Path) -> Adapter:
    """Read what `save` wrote. Raises EncoderDamaged for any other file."""
    try:
        halves = load_file(path)
        return {
            key.removesuffix(_UP): (
                halves[key].astype(np.float32),
                halves[key.removesuffix(_UP) + _DOWN].astype(np.float32),
            )
            for key in halves
            if key.endswith(_UP)
        }
    except (OSError, SafetensorError, KeyError) as error:
        raise EncoderDamaged(f"{path}: no adapter ({error!r})") from error
