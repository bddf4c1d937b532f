"""The proof of a build: what differs from the engine of the weights is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.encoders import Encoder, EncoderDamaged
from models.encoders.api import PREFIX
from models.encoders.bundled import FULL, INT8
from models.encoders.graph import Peaks
from models.encoders.onnx_encoder import VOCABULARY
from models.encoders.proof import SENTENCES, Witness, prove
from models.encoders.segmenter import Segmenter
from models.encoders.torch_folder import TOKENIZER


@pytest.fixture(scope="module")
def segmenter(built: Path) -> Segmenter:
    return Segmenter(built / INT8 / VOCABULARY)


@pytest.fixture(scope="module")
def agreeing(encoder: Encoder, segmenter: Segmenter) -> Witness:
    """A witness that saw just what the encoder gives."""
    vectors = encoder.encode(SENTENCES, "passage")
    counts = tuple(len(segmenter.ids(PREFIX["passage"] + text, 512)) for text in SENTENCES)
    one = np.ones((1, 1), np.float32)
    return Witness(counts, vectors, vectors, vectors, Peaks(one, one))


def _off(vectors: np.ndarray, row: int, cosine: float) -> np.ndarray:
    """Turn one of the vectors away until its cosine with what it was is `cosine`."""
    turned, old = vectors.copy(), vectors[row]
    aside = np.roll(old, 1) - (np.roll(old, 1) @ old) * old
    turned[row] = cosine * old + np.sqrt(1 - cosine**2) * aside / np.linalg.norm(aside)
    return turned


def test_agreement_is_proven(encoder: Encoder, segmenter: Segmenter, agreeing: Witness, built: Path) -> None:
    found = prove(agreeing, segmenter, built / FULL / TOKENIZER, encoder)
    assert found == {"plain_to_engine": pytest.approx(1), "int8_to_full": pytest.approx(1)}


@pytest.mark.parametrize("row", [0, len(SENTENCES) - 1])
def test_one_sentence_that_differs_is_enough(
    encoder: Encoder, segmenter: Segmenter, agreeing: Witness, built: Path, row: int
) -> None:
    library = built / FULL / TOKENIZER
    with pytest.raises(EncoderDamaged, match=r"plain_to_engine: cosine 0\.9980"):
        prove(replace(agreeing, engine=_off(agreeing.engine, row, 0.998)), segmenter, library, encoder)
    both = _off(agreeing.full, row, 0.97)
    with pytest.raises(EncoderDamaged, match=r"int8_to_full: cosine 0\.9700"):
        prove(replace(agreeing, full=both), segmenter, library, encoder)
    counts = list(agreeing.counts)
    counts[row] += 1
    with pytest.raises(
        EncoderDamaged, match="tokenizers disagree with the engine on: " + SENTENCES[row][:20]
    ):
        prove(replace(agreeing, counts=tuple(counts)), segmenter, library, encoder)


def test_vectors_that_are_no_numbers_prove_nothing(
    encoder: Encoder, segmenter: Segmenter, agreeing: Witness, built: Path
) -> None:
    nothing = agreeing.full.copy()
    nothing[3, 5] = np.nan
    with pytest.raises(EncoderDamaged, match="cosine nan"):
        prove(replace(agreeing, full=nothing), segmenter, built / FULL / TOKENIZER, encoder)
