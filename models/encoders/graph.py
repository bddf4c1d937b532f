"""The int8 graph of the bundled model, written straight from its 4-bit weights.

The embedding table stays in its 4-bit blocks, which the runtime expands row by row: exact,
and an eighth of the memory. The layers' weights become int8 with one scale per output
channel; their inputs are quantised to 8 bits as they come. Pooling and normalisation are
part of the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.encoders.q4file import BLOCK, Q4File

FUSED = "com.microsoft"
OPSETS = (("", 21), (FUSED, 1))
IR_VERSION = 10
INPUT = "input_ids"
OUTPUT = "embedding"
LARGEST = 63
"""Largest int8 weight. Processors without VNNI add two products of a weight and an activation
up to 255 in 16 bits, which overflow silently from 65 on; below, all machines agree."""
_EXTERNAL_FROM = 1024
_MOVED = 0.7
_TINY = np.float32(1e-5)


@dataclass(frozen=True)
class Peaks:
    """Largest absolute inputs of the feed-forward products, seen in full precision.

    `inner` has shape (layers, hidden), `outer` has shape (layers, feed_forward).
    """

    inner: NDArray[np.float32]
    outer: NDArray[np.float32]


class _Graph:
    """Nodes and constants as they are added; a constant's name is returned for use as input."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        return self._add(kind, inputs, output, "", attributes)

    def fused(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        return self._add(kind, inputs, output, FUSED, attributes)

    def _add(
        self, kind: str, inputs: list[str], output: str, domain: str, attributes: dict[str, object]
    ) -> str:
        node = helper.make_node(kind, inputs, [output], domain=domain)
        node.attribute.extend(helper.make_attribute(*each) for each in sorted(attributes.items()))
        self.nodes.append(node)
        return output


def quantise_columns(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise (in, out) weights to -63..63 with one scale per column, shape (out,)."""
    peaks = np.abs(weights).max(axis=0)
    scales = np.where(peaks > 0, peaks / np.float32(LARGEST), np.float32(1)).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales


def easing(inputs: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much to divide each input channel, and multiply its weights.

    `inputs` are the largest values seen per channel, shape (in,), `weights` of shape
    (in, out). One scale serves all inputs of a product, so that a channel that is twenty
    times as large as the others leaves them a twentieth of the int8 range; part of its size
    moves over to the weights. Powers of two keep the exchange exact and the same on machines
    whose full-precision results differ in their last bits.
    """
    peaks = np.maximum(np.abs(weights).max(axis=1), _TINY)
    wanted = np.maximum(inputs, _TINY) ** _MOVED / peaks ** (1 - _MOVED)
    factors: NDArray[np.float32] = np.exp2(np.rint(np.log2(wanted / np.median(wanted))))
    return factors.astype(np.float32)


def _linear(
    graph: _Graph, data: str, name: str, weights: NDArray[np.float32], bias: str | None = None
) -> str:
    """Multiply `data` by `weights` of shape (in, out) and add `bias`, if any."""
    whole, scales = quantise_columns(weights)
    inputs = [data, graph.constant(f"{name}.int8", whole), graph.constant(f"{name}.scale", scales)]
    if bias is not None:
        inputs += ["", bias]
    return graph.fused("DynamicQuantizeMatMul", inputs, f"{name}.product")


def _eased_linear(
    graph: _Graph, data: str, name: str, weights: NDArray[np.float32], peaks: NDArray[np.float32]
) -> str:
    """Multiply as `_linear` does, after easing inputs whose channels peak at `peaks`."""
    factors = easing(peaks, weights)
    eased = graph.node("Mul", [data, graph.constant(f"{name}.ease", 1 / factors)], f"{name}.eased")
    return _linear(graph, eased, name, weights * factors[:, np.newaxis])


def _embeddings(graph: _Graph, source: Q4File) -> str:
    """Add word, place and type embeddings and normalise; returns (1, tokens, hidden)."""
    sizes = source.header
    weights, scales = source.blocks("emb.word", sizes.vocabulary, sizes.hidden)
    nibbles = (weights & 0x0F).astype(np.uint8).reshape(-1, 2)
    packed = (nibbles[:, 0] | nibbles[:, 1] << 4).tobytes()
    table = helper.make_tensor("words", TensorProto.INT4, weights.shape, packed, raw=True)
    graph.constants.append(table)
    words = graph.fused(
        "GatherBlockQuantized",
        ["words", INPUT, graph.constant("words.scale", scales)],
        "words.rows",
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
    )
    places = source.plain("emb.pos", sizes.positions, sizes.hidden)
    types = source.plain("emb.type", sizes.types, sizes.hidden)
    graph.constant("places", places + types[0])
    zero = graph.constant("zero", np.zeros(1, np.int64))
    length = graph.node("Shape", [INPUT], "length", start=1, end=2)
    used = graph.node("Slice", ["places", zero, length, zero], "places.rows")
    total = graph.node("Add", [words, used], "words.placed")
    norm = [graph.constant(name, source.plain(name, sizes.hidden)) for name in ("emb.ln.w", "emb.ln.b")]
    return graph.node("LayerNormalization", [total, *norm], "layer.0", axis=-1, epsilon=sizes.epsilon)


def _attention(graph: _Graph, source: Q4File, number: int, data: str) -> str:
    """Append self-attention without its output's bias; returns (1, tokens, hidden)."""
    sizes, layer = source.header, f"l{number}"
    square = (sizes.hidden, sizes.hidden)
    # One product instead of three: its input is quantised once.
    weights = np.concatenate([source.matrix(f"{layer}.{each}.w", *square).T for each in "qkv"], axis=1)
    biases = np.concatenate([source.plain(f"{layer}.{each}.b", sizes.hidden) for each in "qkv"])
    product = _linear(graph, data, f"{layer}.qkv", weights, graph.constant(f"{layer}.qkv.b", biases))
    heads = [f"{layer}.{each}" for each in "qkv"]
    graph.nodes.append(helper.make_node("Split", [product], heads, axis=-1, num_outputs=len(heads)))
    mixed = graph.fused("MultiHeadAttention", heads, f"{layer}.mixed", num_heads=sizes.heads)
    return _linear(graph, mixed, f"{layer}.ao", source.matrix(f"{layer}.ao.w", *square).T)


def _layer(graph: _Graph, source: Q4File, number: int, data: str, peaks: Peaks) -> str:
    """Append one encoder layer to `data`; returns (1, tokens, hidden)."""
    hidden, wide, layer = source.header.hidden, source.header.feed_forward, f"l{number}"

    def vector(name: str, length: int = hidden) -> str:
        return graph.constant(f"{layer}.{name}", source.plain(f"{layer}.{name}", length))

    def norm(skipped: str, added: str, name: str, bias: str, output: str) -> str:
        # Apart: the runtime's fused form takes several times as long.
        total = graph.node("Add", [skipped, added], f"{output}.sum")
        biased = graph.node("Add", [total, vector(bias)], f"{output}.biased")
        inputs = [biased, vector(f"{name}.w"), vector(f"{name}.b")]
        return graph.node("LayerNormalization", inputs, output, axis=-1, epsilon=source.header.epsilon)

    mixed = _attention(graph, source, number, data)
    attended = norm(data, mixed, "aln", "ao.b", f"{layer}.attended")
    weights = source.matrix(f"{layer}.fi.w", wide, hidden).T
    inner = _eased_linear(graph, attended, f"{layer}.fi", weights, peaks.inner[number])
    inner = graph.fused("BiasGelu", [inner, vector("fi.b", wide)], f"{layer}.inner")
    weights = source.matrix(f"{layer}.fo.w", hidden, wide).T
    outer = _eased_linear(graph, inner, f"{layer}.fo", weights, peaks.outer[number])
    return norm(attended, outer, "oln", "fo.b", f"layer.{number + 1}")


def _pool(graph: _Graph, data: str) -> None:
    """Average over the tokens, and scale to norm 1."""
    axis = graph.constant("tokens", np.array([1], np.int64))
    mean = graph.node("ReduceMean", [data, axis], "mean", keepdims=0)
    graph.node("LpNormalization", [mean], OUTPUT, p=2, axis=-1)


def write_graph(source: Q4File, path: Path, peaks: Peaks) -> None:
    """Write the graph to `path` and its weights to a file of the same name ending in `.data`.

    Input `input_ids`, int64 of shape (1, tokens), of one whole text without padding; output
    `embedding`, float32 of shape (1, hidden) and norm 1.
    """
    graph = _Graph()
    data = _embeddings(graph, source)
    for number in range(source.header.layers):
        data = _layer(graph, source, number, data, peaks)
    _pool(graph, data)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, source.header.hidden])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid(*each) for each in OPSETS],
        ir_version=IR_VERSION,
    )
    onnx.save_model(
        model,
        str(path),
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=path.with_suffix(".data").name,
        size_threshold=_EXTERNAL_FROM,
    )
