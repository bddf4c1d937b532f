"""Building the bundled encoder, once per machine, and never by halves."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from models.encoders.adapter import load_adapter
from models.encoders.api import EncoderDamaged, EncoderError, Progress
from models.encoders.bundled import FULL, INT8, RECIPE, Bundled, open_built
from models.encoders.graph import write_graph
from models.encoders.manifest import write_manifest
from models.encoders.onnx_encoder import GRAPH, VOCABULARY, OnnxEncoder
from models.encoders.proof import hear_witness, prove
from models.encoders.q4file import read_q4
from models.encoders.segmenter import Segmenter, write_vocabulary
from models.encoders.torch_folder import TOKENIZER, write_torch_folder

_PARTIAL = ".partial-"
_LOCK = ".lock"


@contextmanager
def _lock(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back from a process that dies."""
    with (folder / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another process that is building the encoder", 0.0)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _seal(folder: Path) -> None:
    """Make all of `folder` readable for other users, and write it through to the disk."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        _flush(path)


def _write(source: Bundled, folder: Path, progress: Progress) -> None:
    """Write and prove all files of the encoder in the empty `folder`."""
    started = time.monotonic()
    full, int8 = folder / FULL, folder / INT8
    progress("reading the bundled weights", 0.0)
    adapter = load_adapter(source.adapter)
    weights = replace(read_q4(source.weights), changes=adapter)
    progress("writing the full-precision model", 0.1)
    write_torch_folder(weights, full)
    progress("running it beside the engine of the weights", 0.3)
    witness = hear_witness(full, source.adapter)
    progress("writing the int8 graph", 0.8)
    int8.mkdir()
    write_vocabulary(weights, int8 / VOCABULARY)
    write_graph(weights, int8 / GRAPH, witness.peaks)
    progress("comparing the two", 0.85)
    encoder = OnnxEncoder(int8, source.name)
    cosines = prove(witness, Segmenter(int8 / VOCABULARY), full / TOKENIZER, encoder)
    about = {
        "name": source.name,
        "weights": {"file": source.weights.name, "sha256": source.sha256},
        "adapter": {"file": source.adapter.name, "sha256": source.adapter_sha256},
        "recipe": RECIPE,
        "least_cosine": cosines,
        "build_seconds": round(time.monotonic() - started, 1),
    }
    progress("writing the manifest", 0.95)
    write_manifest(folder, about)


def _clear(folder: Path) -> None:
    """Remove what builds that were cut short left behind; the caller holds the lock."""
    for rest in folder.glob(f"{_PARTIAL}*"):
        if rest.is_dir():
            shutil.rmtree(rest)
        else:
            rest.unlink()


def _build(source: Bundled, folder: Path, progress: Progress) -> None:
    """Make `folder/<key>` appear, complete; the caller holds the lock."""
    _clear(folder)
    target = folder / source.key
    partial = folder / f"{_PARTIAL}{source.key}"
    partial.mkdir()
    try:
        _write(source, partial, progress)
        _seal(partial)
        if target.exists():
            target.rename(folder / f"{_PARTIAL}replaced")
        partial.rename(target)
        _flush(folder)
    finally:
        _clear(folder)
    progress("the encoder is ready", 1.0)


def build_bundled(source: Bundled, folder: Path, progress: Progress) -> OnnxEncoder:
    """Build the encoder of `source` below `folder`, unless another process just did; load it.

    Raises EncoderMissing when the engine of the weights does not run on this machine,
    EncoderDamaged when the weights cannot be read or the result disagrees with the engine,
    EncoderError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder, progress):
            try:
                return open_built(folder / source.key, source)
            except EncoderDamaged:
                _build(source, folder, progress)
    except OSError as error:
        raise EncoderError(f"{folder}: the encoder could not be built ({error})") from error
    return open_built(folder / source.key, source)
