"""Building the bundled encoder, once per machine, and never by halves."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.encoders.api import EncoderDamaged, EncoderError, Progress
from models.encoders.bundled import RECIPE, Bundled, find_bundled
from models.encoders.graph import write_graph
from models.encoders.manifest import check_manifest, write_manifest
from models.encoders.onnx_encoder import GRAPH, TOKENIZER, OnnxEncoder
from models.encoders.proof import prove
from models.encoders.q4file import read_q4
from models.encoders.torch_folder import write_torch_folder
from models.encoders.unigram import build_tokenizer

INT8 = "int8"
FULL = "sentence-transformers"
_PARTIAL = ".partial-"
_LOCK = ".lock"


def encoder_name(source: Bundled) -> str:
    """Return the identity under which vectors of this build are kept."""
    return f"e5-small-{source.key}-int8"


def _open(folder: Path, source: Bundled) -> OnnxEncoder:
    check_manifest(folder, f"{INT8}/")
    return OnnxEncoder(folder / INT8, encoder_name(source))


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


def _sync(folder: Path) -> None:
    """Make all of `folder` readable for other users, and write it through to the disk."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        _flush(path)


def _write(source: Bundled, folder: Path, progress: Progress) -> None:
    """Build and prove all files of the encoder in the empty `folder`."""
    started = time.monotonic()
    progress("reading the bundled weights", 0.0)
    weights = read_q4(source.weights)
    full, int8 = folder / FULL, folder / INT8
    full.mkdir()
    int8.mkdir()
    progress("rebuilding the tokenizer", 0.05)
    build_tokenizer(weights).save(str(int8 / TOKENIZER), pretty=False)
    shutil.copyfile(int8 / TOKENIZER, full / TOKENIZER)
    progress("writing the full-precision model", 0.25)
    write_torch_folder(weights, full)
    progress("writing the int8 graph", 0.45)
    write_graph(weights, int8 / GRAPH)
    progress("checking against the engine of the weights", 0.6)
    cosines = prove(full, int8 / TOKENIZER, OnnxEncoder(int8, encoder_name(source)))
    progress("writing the manifest", 0.9)
    write_manifest(
        folder,
        {
            "name": encoder_name(source),
            "weights": {"file": source.weights.name, "sha256": source.sha256},
            "recipe": RECIPE,
            "least_cosine": cosines,
            "build_seconds": round(time.monotonic() - started, 1),
        },
    )


def _build(source: Bundled, folder: Path, progress: Progress) -> None:
    """Make `folder/<key>` appear, complete; the caller holds the lock."""
    for old in folder.glob(f"{_PARTIAL}*"):
        shutil.rmtree(old)
    target = folder / source.key
    partial = folder / f"{_PARTIAL}{source.key}"
    partial.mkdir()
    try:
        _write(source, partial, progress)
        _sync(partial)
        if target.exists():
            target.rename(folder / f"{_PARTIAL}{source.key}-replaced")
        partial.rename(target)
        _flush(folder)
    finally:
        for rest in folder.glob(f"{_PARTIAL}*"):
            shutil.rmtree(rest, ignore_errors=True)
    progress("the encoder is ready", 1.0)


def open_bundled(folder: Path, progress: Progress) -> OnnxEncoder:
    """Load the bundled encoder from `folder/<key>`, building it when absent or damaged.

    Raises EncoderMissing when the machine has no bundled model, EncoderDamaged when its
    weights are not readable or the result disagrees with them, and EncoderError when the
    folder cannot be written.
    """
    source = find_bundled()
    target = folder / source.key
    if target.is_dir():
        try:
            return _open(target, source)
        except EncoderDamaged as error:
            progress(f"building anew: {error}", 0.0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder, progress):
            try:
                return _open(target, source)
            except EncoderDamaged:
                _build(source, folder, progress)
    except OSError as error:
        raise EncoderError(f"{folder}: the encoder could not be built ({error})") from error
    return _open(target, source)
