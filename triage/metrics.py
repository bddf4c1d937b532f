"""What each process counts while it works: requests, batches, encoder calls. No person, no text, no village.

What the store knows (accounts, queues) is no matter of a process: see `triage.health`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.multiprocess import MultiProcessCollector

from models.encoders import Encoder, Role

# When each series began would be as many series again.
disable_created_metrics()  # type: ignore[no-untyped-call]
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Histogram(
    "penjaga_http_request_seconds",
    "Time to answer a request, by route template and class of status",
    ["method", "route", "status"],
    buckets=_SECONDS,
)
STAGES = Histogram(
    "penjaga_stage_seconds",
    "Time that a worker spends on a stage: encode, match, record, or a whole batch of a task",
    ["stage"],
    buckets=_SECONDS,
)
WORK_ITEMS = Counter("penjaga_work_items", "Outbox rows that a worker has worked on", ["task"])
WORK_FAILURES = Counter("penjaga_work_failures", "Batches that failed and come back later", ["task"])
ASSESSED = Counter(
    "penjaga_assessed",
    "Messages assessed, by how: known (a repeat, never encoded), match, new, or thin (nothing to check)",
    ["how"],
)
ENCODED = Counter("penjaga_encoder_texts", "Texts given to the encoder", ["role"])


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Measure one stage of a worker's work, also when it fails."""
    began = time.monotonic()
    try:
        yield
    finally:
        STAGES.labels(name).observe(time.monotonic() - began)


class CountedEncoder:
    """An encoder whose calls are counted and measured."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        """Identity of the encoder itself."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """Length of each vector."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode as the encoder does; shape (texts, dimension)."""
        ENCODED.labels(role).inc(len(texts))
        with stage("encode"):
            return self._encoder.encode(texts, role)


def counted() -> CollectorRegistry:
    """Return what has been counted: by all processes of this web server, where it has several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def listen(host: str, port: int) -> None:
    """Give what this process counts on a port of its own. Raises `OSError` if it is taken."""
    start_http_server(port, host)
