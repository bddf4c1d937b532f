"""The bundled encoder at work: segmenter and int8 graph, on ONNX Runtime alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from models.encoders.api import MAX_TOKENS, PREFIX, EncoderError, Role
from models.encoders.segmenter import Segmenter

GRAPH = "encoder.onnx"
VOCABULARY = "vocabulary.json"
MAX_CHARACTERS = 10_000
"""Of a longer text only this much is split into tokens, of which `MAX_TOKENS` are read."""

_REFUSALS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoSuchFile,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)


def _threads() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Memory plans are kept for each length ever seen, and are worth nothing here.
    options.enable_mem_pattern = False
    # Threads that spin between two texts take the processor from the store and the broker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class OnnxEncoder:
    """An `Encoder` over a folder with `encoder.onnx`, its data and `vocabulary.json`.

    Use from several threads is safe; a process that forks must make its own afterwards,
    since the runtime's threads do not survive a fork.
    """

    def __init__(
        self, folder: Path, name: str, *, max_tokens: int = MAX_TOKENS, threads: int | None = None
    ) -> None:
        """Load from `folder`, whose files the caller has checked.

        Raises EncoderError when the installed runtime cannot run the graph, EncoderDamaged
        when the vocabulary cannot be read.
        """
        self.name = name
        try:
            self._session = _session(folder / GRAPH, threads or _threads())
        except _REFUSALS as error:
            raise EncoderError(f"{folder}: the runtime refuses the graph ({error})") from error
        self._segmenter = Segmenter(folder / VOCABULARY)
        self._max_tokens = max_tokens
        self._input: str = self._session.get_inputs()[0].name
        self.dimension = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode as `Encoder.encode` says; a text's vector is the same in any company.

        Each text runs alone: the range that activations are quantised over is that of a
        whole run, so that companions would move a text's vector. Sharing runs would save a
        sixth of the time for texts of 75 tokens, and a third for those of 20.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        prefix = PREFIX[role]
        for row, text in enumerate(texts):
            ids = self._segmenter.ids(prefix + text[:MAX_CHARACTERS], self._max_tokens)
            feed = {self._input: np.array([ids], np.int64)}
            vectors[row] = self._session.run(None, feed)[0][0]
        return vectors
