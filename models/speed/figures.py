"""What was measured of one system against one archive, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of messages: how many, in how many milliseconds in all, and how many of them were matched.

    `repeat_ms`: the mean of those that were recognised as repeats, 0 where none can be.
    """

    messages: int
    total_ms: float
    matched: int
    repeat_ms: float

    @property
    def message_ms(self) -> float:
        """Milliseconds per message."""
        return self.total_ms / self.messages


@dataclass(slots=True)
class Figures:
    """One system: seconds from the start of its process to its first answer, and what new messages cost.

    `each_ms`: every message by itself; `batch_ms`: per message, when many are given at once. `peak_mb`: the
    most memory that the process has held so far. `steps_ms`: by step, for Penjaga.
    """

    ready_s: float
    each_ms: tuple[float, ...]
    batch_ms: float
    peak_mb: float
    stream: Stream | None = None
    steps_ms: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Figures:
        """Read what `models.speed.child` wrote."""
        stream = found.pop("stream")
        each = tuple(found.pop("each_ms"))
        return cls(each_ms=each, stream=Stream(**stream) if stream else None, **found)

    @property
    def mean_ms(self) -> float:
        """Milliseconds per message when each comes by itself."""
        return float(np.mean(self.each_ms))

    def quantile_ms(self, share: float) -> float:
        """Milliseconds within which that share of the messages was answered, each by itself."""
        return float(np.quantile(self.each_ms, share))


def exponent(costs: Mapping[int, float]) -> float:
    """Return with which power of the archive's size a cost grows, from the smallest size to the largest."""
    small, large = min(costs), max(costs)
    if costs[small] <= 0 or costs[large] <= 0:
        return 0.0
    return math.log(costs[large] / costs[small]) / math.log(large / small)
