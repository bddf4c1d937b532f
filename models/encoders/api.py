"""What an encoder is, and how loading one can fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Role = Literal["query", "passage"]
"""`query` for a text that looks for others, `passage` for a text that is looked for."""

Progress = Callable[[str, float], None]
"""Told of each step in words and of the fraction done so far, from 0 to 1."""

PREFIX: dict[Role, str] = {"query": "query: ", "passage": "passage: "}
"""What E5 models were trained to see in front of each text."""

MAX_TOKENS = 160
"""Tokens of one text that are read, prefix and both end marks included.

A forwarded message makes its claim within its first hundred words, some 150 tokens of
Indonesian; the cost of attention grows with the square of the length, and one pasted
article would otherwise hold up the batch that it lands in.
"""


class Encoder(Protocol):
    """Turns texts into unit vectors whose dot product is their likeness."""

    @property
    def name(self) -> str:
        """Identity including a hash of the weights, e.g. `e5-small-0123456789ab-int8`.

        Vectors and thresholds made under one name mean nothing under another.
        """

    @property
    def dimension(self) -> int:
        """Length of each vector."""

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Encode `texts`, whose order is kept.

        Returns shape (len(texts), dimension), each row of L2 norm 1; no texts give
        shape (0, dimension). Raises EncoderError when it fails at work.
        """


class EncoderError(Exception):
    """An encoder could not be built, loaded or checked, or failed at work."""


class EncoderMissing(EncoderError):
    """The model that was asked for is not on this machine."""


class EncoderDamaged(EncoderError):
    """A model file is there, but it is not what it should be."""
