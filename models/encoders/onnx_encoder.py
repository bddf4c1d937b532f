"""The bundled encoder at work: tokenizer and int8 graph, on ONNX Runtime alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors
from tokenizers import Encoding, Tokenizer

from models.encoders.api import MAX_TOKENS, PREFIX, EncoderError, Role

GRAPH = "encoder.onnx"
TOKENIZER = "tokenizer.json"
BATCH_TOKENS = 2048
"""Tokens, padding included, per run of the graph: activations take about 20 kB each."""
MAX_CHARACTERS = 20_000
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
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _encodable(text: str) -> str:
    """Cut what can never be read, and replace lone surrogates, which have no UTF-8."""
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


class OnnxEncoder:
    """An `Encoder` over a folder with `encoder.onnx`, its data and `tokenizer.json`.

    Use from several threads is safe; a process that forks must make its own afterwards,
    since the runtime's threads do not survive a fork.
    """

    def __init__(
        self, folder: Path, name: str, *, max_tokens: int = MAX_TOKENS, threads: int | None = None
    ) -> None:
        """Load from `folder`; whose files the caller has checked; raises
        EncoderError when this version of the runtime cannot run the graph.
        """
        self.name = name
        try:
            self._session = _session(folder / GRAPH, threads or _threads())
        except _REFUSALS as error:
            raise EncoderError(f"{folder}: the runtime refuses the graph ({error})") from error
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)
        self.dimension = int(self._session.get_outputs()[0].shape[1])

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode as `Encoder.encode` says. A text's vector may differ in its last bits with
        the texts that it is encoded together with.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        prefix = PREFIX[role]
        tokens = self._tokenizer.encode_batch_fast([prefix + _encodable(text) for text in texts])
        for rows in _batches([len(each) for each in tokens]):
            vectors[rows] = self._run([tokens[row] for row in rows])
        return vectors

    def _run(self, tokens: Sequence[Encoding]) -> NDArray[np.float32]:
        ids = np.zeros((len(tokens), max(map(len, tokens))), np.int64)
        mask = np.zeros_like(ids)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = each.ids
            mask[row, : len(each)] = 1
        feed = {"input_ids": ids, "attention_mask": mask}
        vectors: NDArray[np.float32] = self._session.run(None, feed)[0]
        return vectors


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Group row numbers by similar length, each group of at most BATCH_TOKENS once padded."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda each: (lengths[each], each)):
        # Rows come in order of length: this one is as long as the batch would be padded to.
        if batch and (len(batch) + 1) * lengths[row] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
