"""In place of an encoder where there is none: it says nothing of what a text means."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.encoders.api import Role

WORDS_ALONE = "words-alone"


class WordsAlone:
    """An `Encoder` whose vectors are all zero: who matches with it matches by words and letters alone."""

    name = WORDS_ALONE

    def __init__(self, dimension: int = 1) -> None:
        """Fit an index whose vectors have this length."""
        self.dimension = dimension

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:  # noqa: ARG002 - as every encoder
        """Return zeros, shape (len(texts), dimension)."""
        return np.zeros((len(texts), self.dimension), np.float32)
