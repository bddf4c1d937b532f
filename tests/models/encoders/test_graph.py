"""The int8 graph: its arithmetic on small numbers, and a small network beside the full-precision one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import erf

from models.encoders.api import EncoderError
from models.encoders.graph import LARGEST, Peaks, easing, quantise_columns, write_graph
from models.encoders.onnx_encoder import GRAPH, VOCABULARY, OnnxEncoder
from models.encoders.q4file import parse_q4
from models.encoders.segmenter import write_vocabulary
from tests.tiny_q4 import HIDDEN, WIDE, TinyQ4


def _array(rows: list[list[float]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


def test_columns_are_quantised_by_their_own_peak() -> None:
    # The peaks 126, 0.63 and 0 make steps of 2, 0.01 and, where there is nothing to scale, 1.
    whole, scales = quantise_columns(_array([[126, -0.63, 0], [-64, 0.20, 0], [3.1, 0.004, 0]]))
    assert whole.tolist() == [[63, -63, 0], [-32, 20, 0], [2, 0, 0]]
    assert whole.dtype == np.int8
    assert scales == pytest.approx([2, 0.01, 1])


@given(
    st.lists(st.lists(st.floats(-1e4, 1e4, width=32), min_size=3, max_size=3), min_size=1, max_size=8).filter(
        lambda rows: all(abs(value) > 1e-3 or value == 0 for row in rows for value in row)
    )
)
@settings(max_examples=200, deadline=None)
def test_a_quantised_weight_is_off_by_half_a_step_at_most(rows: list[list[float]]) -> None:
    weights = _array(rows)
    whole, scales = quantise_columns(weights)
    assert np.abs(whole).max() <= LARGEST
    assert np.all(np.abs(whole * scales - weights) <= 0.5001 * scales)


def test_easing_moves_a_channel_towards_its_weights() -> None:
    # Inputs 1, 2**10 and 1 over weights that peak at 1 ask for 1, 2**7 and 1; the median is 1.
    factors = easing(np.array([1, 1024, 1], np.float32), _array([[1, 0], [0, -1], [1, 1]]))
    assert factors.tolist() == [1, 128, 1]


def test_easing_weighs_inputs_against_weights() -> None:
    # Weights that peak at 2**10 ask for 2**-3 of the median channel's.
    factors = easing(np.array([1, 1, 1], np.float32), _array([[1], [1024], [-1]]))
    assert factors.tolist() == [1, 0.125, 1]


def test_easing_takes_the_nearest_power_of_two_from_the_median_on() -> None:
    # An input of 4 asks for 2**1.4 times the median channel's.
    factors = easing(np.array([1, 4, 1], np.float32), _array([[1], [1], [1]]))
    assert factors.tolist() == [1, 2, 1]


def test_easing_survives_channels_that_are_never_used() -> None:
    factors = easing(np.array([0, 1, 1], np.float32), _array([[0], [1], [1]]))
    assert np.isfinite(factors).all()
    assert (factors > 0).all()


@given(st.lists(st.floats(0, 1e6, width=32), min_size=4, max_size=4))
@settings(max_examples=100, deadline=None)
def test_easing_changes_no_product(peaks: list[float]) -> None:
    rng = np.random.default_rng(3)
    weights = rng.standard_normal((4, 5)).astype(np.float32)
    factors = easing(np.array(peaks, np.float32), weights)
    assert np.all(np.exp2(np.rint(np.log2(factors))) == factors)
    data = rng.standard_normal((2, 4)).astype(np.float32)
    assert np.array_equal((data / factors) * factors, data)
    assert np.array_equal((weights * factors[:, np.newaxis]) / factors[:, np.newaxis], weights)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = parse_q4(TinyQ4().pack(), "tiny")
    write_vocabulary(source, tmp_path / VOCABULARY)
    peaks = Peaks(np.full((1, HIDDEN), 3, np.float32), np.full((1, WIDE), 2, np.float32))
    write_graph(source, tmp_path / GRAPH, peaks)
    return tmp_path


def _gelu(values: NDArray[np.float64]) -> NDArray[np.float64]:
    done: NDArray[np.float64] = values / 2 * (1 + erf(values / np.sqrt(2)))
    return done


def _norm(
    values: NDArray[np.float64], scale: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float64]:
    centred = values - values.mean(axis=-1, keepdims=True)
    done: NDArray[np.float64] = (
        centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5) * scale + bias
    )
    return done


def _by_the_book(ids: list[int]) -> NDArray[np.float64]:
    """One BERT layer with two heads and mean pooling, in plain 64-bit arithmetic."""
    source = parse_q4(TinyQ4().pack(), "tiny")

    def linear(data: NDArray[np.float64], name: str, rows: int, columns: int) -> NDArray[np.float64]:
        made: NDArray[np.float64] = data @ source.matrix(f"l0.{name}.w", rows, columns).T.astype(np.float64)
        return made + source.plain(f"l0.{name}.b", rows)

    words = source.matrix("emb.word", source.header.vocabulary, HIDDEN)[ids]
    places = source.plain("emb.pos", source.header.positions, HIDDEN)[: len(ids)]
    total = words.astype(np.float64) + places + source.plain("emb.type", HIDDEN)
    data = _norm(total, source.plain("emb.ln.w", HIDDEN), source.plain("emb.ln.b", HIDDEN))
    query, key, value = (
        linear(data, each, HIDDEN, HIDDEN).reshape(len(ids), 2, HIDDEN // 2).swapaxes(0, 1) for each in "qkv"
    )
    likeness = np.exp(query @ key.swapaxes(1, 2) / np.sqrt(HIDDEN // 2))
    mixed = (likeness / likeness.sum(axis=-1, keepdims=True) @ value).swapaxes(0, 1).reshape(len(ids), HIDDEN)
    attended = data + linear(mixed, "ao", HIDDEN, HIDDEN)
    attended = _norm(attended, source.plain("l0.aln.w", HIDDEN), source.plain("l0.aln.b", HIDDEN))
    outer = attended + linear(_gelu(linear(attended, "fi", WIDE, HIDDEN)), "fo", HIDDEN, WIDE)
    mean = _norm(outer, source.plain("l0.oln.w", HIDDEN), source.plain("l0.oln.b", HIDDEN)).mean(axis=0)
    unit: NDArray[np.float64] = mean / np.linalg.norm(mean)
    return unit


@pytest.mark.parametrize("text", ["", "air", "air laut", "tus sia", "\u2581 laut ai ru"])
def test_a_small_network_gives_what_plain_arithmetic_gives(folder: Path, text: str) -> None:
    encoder = OnnxEncoder(folder, "tiny", threads=1, max_tokens=12)
    assert encoder.dimension == HIDDEN
    ids = encoder._segmenter.ids(f"query: {text}", 12)
    assert float(encoder.encode([text], "query")[0] @ _by_the_book(ids)) > 0.999


def test_the_weights_lie_beside_the_graph_and_nothing_else_is_written(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {GRAPH, VOCABULARY, "encoder.data"}
    onnx.checker.check_model(str(folder / GRAPH))


@pytest.mark.parametrize("damage", [b"", b"no graph", bytes(100)])
def test_a_graph_that_the_runtime_refuses_is_an_error_of_ours(folder: Path, damage: bytes) -> None:
    (folder / GRAPH).write_bytes(damage)
    with pytest.raises(EncoderError, match="the runtime refuses the graph"):
        OnnxEncoder(folder, "tiny")


@pytest.mark.parametrize("size", [None, 100])
def test_weights_that_are_gone_or_cut_short_are_an_error_of_ours(folder: Path, size: int | None) -> None:
    data = folder / "encoder.data"
    if size is None:
        data.unlink()
    else:
        data.write_bytes(data.read_bytes()[:size])
    with pytest.raises(EncoderError, match="the runtime refuses the graph"):
        OnnxEncoder(folder, "tiny")
