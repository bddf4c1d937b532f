"""The bundled encoder at work: segmenter and int8 graph, on ONNX Runtime alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from models import cores
from models.encoders.api import MAX_TOKENS, PREFIX, EncoderError, Role
from models.encoders.segmenter import Segmenter

GRAPH = "encoder.onnx"
VOCABULARY = "vocabulary.json"
MAX_CHARACTERS = 10_000
"""Of a longer text only this much is split into tokens, of which `MAX_TOKENS` are read."""

_AHEAD = 4
"""Texts of one call that wait or run at a time, for each thread."""
_SLOW_FUSION = "SkipLayerNormFusion"
_REFUSALS = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoSuchFile,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Within a run threads wait for their next product by spinning; after it that would only be in the way.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    # Memory plans are kept for each length ever seen, and are worth nothing here.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOW_FUSION]
    )


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
        threads = threads or cores.available()
        try:
            self._session = _session(folder / GRAPH, 1)
            self._shared = _session(folder / GRAPH, threads) if threads > 1 else self._session
        except _REFUSALS as error:
            raise EncoderError(f"{folder}: the runtime refuses the graph ({error})") from error
        self._pool = ThreadPoolExecutor(threads, "encoder")
        self._ahead = _AHEAD * threads
        self._segmenter = Segmenter(folder / VOCABULARY)
        self._max_tokens = max_tokens
        self._input: str = self._session.get_inputs()[0].name
        self.dimension = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode as `Encoder.encode` says; a text's vector is the same in any company.

        Each text runs alone, as many at a time as there are threads: the range that activations
        are quantised over is that of a whole run, so that companions would move a text's vector.
        Only a few are handed to the threads ahead of time: another caller's single text waits for
        those, not for all of a long list. A single text is run by all threads together, which gives
        the same vector. Raises EncoderError when the runtime fails, out of memory for instance.
        """
        if len(texts) == 1:
            return self._vector(self._shared, texts[0], role)[np.newaxis]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        ahead: deque[Future[NDArray[np.float32]]] = deque()
        done = 0
        for text in texts:
            if len(ahead) == self._ahead:
                vectors[done] = ahead.popleft().result()
                done += 1
            ahead.append(self._pool.submit(self._vector, self._session, text, role))
        for row, future in enumerate(ahead, done):
            vectors[row] = future.result()
        return vectors

    def _vector(self, session: onnxruntime.InferenceSession, text: str, role: Role) -> NDArray[np.float32]:
        ids = self._segmenter.ids(PREFIX[role] + text[:MAX_CHARACTERS], self._max_tokens)
        try:
            vector: NDArray[np.float32] = session.run(None, {self._input: np.array([ids], np.int64)})[0][0]
        except _REFUSALS as error:
            # By its kind alone: what the runtime says further may name what it was given.
            raise EncoderError(f"the runtime failed at work ({type(error).__name__})") from error
        return vector
