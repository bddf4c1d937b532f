"""Any other sentence-transformers model, by name or by folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.encoders.api import MAX_TOKENS, PREFIX, EncoderDamaged, EncoderError, EncoderMissing, Role
from models.encoders.manifest import file_sha256

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_E5 = re.compile(r"(?<![a-z0-9])e5(?![a-z0-9])")
_HASHED = {".json", ".safetensors", ".bin", ".txt", ".model"}
# What the libraries raise over files that are not what they should be, as tried.
_UNLOADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ImportError, RuntimeError)
_PROMPTS: dict[Role, tuple[str, ...]] = {"query": ("query",), "passage": ("passage", "document")}


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _HASHED:
            digest.update(f"{path.relative_to(folder).as_posix()}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _prefixes(model: SentenceTransformer, short: str) -> dict[Role, str]:
    """Take the model's own prompts; E5 models want theirs even where they declare none."""
    declared = {name: text for name, text in model.prompts.items() if text}
    if not declared and _E5.search(short.lower()):
        return PREFIX
    return {
        role: next((declared[name] for name in names if name in declared), "")
        for role, names in _PROMPTS.items()
    }


def _load(setting: str) -> SentenceTransformer:
    from safetensors import SafetensorError  # noqa: PLC0415 - only with torch
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds

    try:
        model: SentenceTransformer = SentenceTransformer(setting, device="cpu")
    except (*_UNLOADABLE, SafetensorError) as error:
        if Path(setting).is_dir():
            raise EncoderDamaged(
                f"PENJAGA_ENCODER={setting}: the folder holds no model that can be loaded ({error})"
            ) from error
        raise EncoderMissing(
            f"PENJAGA_ENCODER={setting}: no such folder, and no model of that name can be had ({error})"
        ) from error
    return model


class SentenceTransformerEncoder:
    """An `Encoder` over a sentence-transformers model, on torch."""

    def __init__(self, setting: str, *, max_tokens: int = MAX_TOKENS) -> None:
        """Load the model named by, or in the folder, `setting`.

        Raises EncoderDamaged for a folder that cannot be loaded and for a model that gives no
        vectors, EncoderMissing for anything else that cannot be loaded.
        """
        self._model = _load(setting)
        folder = Path(setting)
        short = folder.resolve().name if folder.is_dir() else setting.rsplit("/", 1)[-1]
        self.name = f"{short}-{self._version(setting)}"
        self._model.max_seq_length = min(self._model.max_seq_length or max_tokens, max_tokens)
        self._prefix = _prefixes(self._model, short)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        if self.dimension < 1:
            raise EncoderDamaged(f"PENJAGA_ENCODER={setting}: the model gives no vectors of known length")

    def _version(self, setting: str) -> str:
        """Twelve digits of a folder's hash, or of the commit that the hub gave."""
        if Path(setting).is_dir():
            return _folder_hash(Path(setting))[:12]
        config = getattr(getattr(self._model[0], "auto_model", None), "config", None)
        return str(getattr(config, "_commit_hash", None) or "unversioned")[:12]

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode as `Encoder.encode` says."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        # A lone surrogate has no UTF-8, and tokenizers fail on it.
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        try:
            vectors = self._model.encode(
                readable,
                # Given even where it is empty: a model's default prompt would take its place.
                prompt=self._prefix[role],
                convert_to_numpy=True,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        except RuntimeError as error:
            raise EncoderError(f"the model failed at work ({type(error).__name__})") from error
        return np.asarray(vectors, np.float32)
