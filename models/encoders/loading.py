"""From the setting PENJAGA_ENCODER to an encoder."""

from __future__ import annotations

from pathlib import Path

from models.encoders.api import Encoder, Progress

BUNDLED = "bundled"


def _silent(_step: str, _fraction: float) -> None:
    return


def load_encoder(setting: str, folder: Path, progress: Progress | None = None) -> Encoder:
    """Load the encoder that `setting` names.

    `bundled` is the model that is installed with the program: built below `folder` the first
    time, which takes about a minute, and torch is not imported. Anything else is the name or
    the folder of a sentence-transformers model. `progress` is told of the steps of a build.

    Raises EncoderMissing when there is no such model on this machine, EncoderDamaged when
    its files are not what they should be, EncoderError when it cannot be built.
    """
    # Each kind of encoder drags in a runtime that the other has no use for.
    if setting == BUNDLED:
        from models.encoders.build import open_bundled  # noqa: PLC0415

        return open_bundled(folder, progress or _silent)
    from models.encoders.any_model import SentenceTransformerEncoder  # noqa: PLC0415

    return SentenceTransformerEncoder(setting)
