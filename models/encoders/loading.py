"""From the setting PENJAGA_ENCODER to an encoder."""

from __future__ import annotations

from pathlib import Path

from models.encoders.api import Encoder, EncoderDamaged, Progress

BUNDLED = "bundled"


def _silent(_step: str, _fraction: float) -> None:
    return


def _load_bundled(folder: Path, progress: Progress) -> Encoder:
    from models.encoders.bundled import find_bundled, open_built  # noqa: PLC0415

    source = find_bundled()
    target = folder / source.key
    if target.is_dir():
        try:
            return open_built(target, source)
        except EncoderDamaged as error:
            progress(f"building anew: {error}", 0.0)
    from models.encoders.build import build_bundled  # noqa: PLC0415

    return build_bundled(source, folder, progress)


def load_encoder(setting: str, folder: Path, progress: Progress | None = None) -> Encoder:
    """Load the encoder that `setting` names.

    `bundled` is the model that is installed with the program: built below `folder` the first
    time, and again when a file of it was altered, which takes about a minute. This process
    then has no need of torch. Anything else is the name or the folder of a
    sentence-transformers model. `progress` is told of the steps of a build.

    Raises EncoderMissing when there is no such model on this machine, EncoderDamaged when
    the bundled weights are not what they should be, EncoderError when it cannot be built.
    """
    # Imported on demand: each kind of encoder has a runtime that the other does without.
    if setting == BUNDLED:
        return _load_bundled(folder, progress or _silent)
    from models.encoders.any_model import SentenceTransformerEncoder  # noqa: PLC0415

    return SentenceTransformerEncoder(setting)
