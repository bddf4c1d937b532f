"""The int8 graph of the bundled model, written straight from its 4-bit weights.

The embedding table stays in its 4-bit blocks, which the runtime expands row by row: exact,
and an eighth of the memory. The layers' weights become int8 with one scale per output
channel, activations int8 per call. Pooling and normalisation are part of the graph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.encoders.q4file import BLOCK, Q4File

FUSED = "com.microsoft"
OPSETS = (("", 21), (FUSED, 1))
IR_VERSION = 10
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "embedding"
_EXTERNAL_FROM = 1024


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
    """Quantise (in, out) weights to -127..127 with one scale per column, shape (out,)."""
    peaks = np.abs(weights).max(axis=0)
    scales = np.where(peaks > 0, peaks / np.float32(127), np.float32(1)).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales


def _linear(graph: _Graph, source: Q4File, data: str, name: str, shape: tuple[int, int]) -> str:
    """Multiply `data` by the weights `name` of shape (out, in), without their bias."""
    weights, scales = quantise_columns(source.matrix(f"{name}.w", *shape).T)
    inputs = [data, graph.constant(f"{name}.int8", weights), graph.constant(f"{name}.scale", scales)]
    return graph.fused("DynamicQuantizeMatMul", inputs, f"{name}.product")


def _embeddings(graph: _Graph, source: Q4File) -> str:
    """Add word, place and type embeddings and normalise; returns (batch, length, hidden)."""
    sizes = source.header
    weights, scales = source.blocks("emb.word", sizes.vocabulary, sizes.hidden)
    nibbles = (weights & 0x0F).astype(np.uint8).reshape(-1, 2)
    packed = (nibbles[:, 0] | nibbles[:, 1] << 4).tobytes()
    table = helper.make_tensor("words", TensorProto.INT4, weights.shape, packed, raw=True)
    graph.constants.append(table)
    words = graph.fused(
        "GatherBlockQuantized",
        ["words", INPUTS[0], graph.constant("words.scale", scales)],
        "words.rows",
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
    )
    places = source.plain("emb.pos", sizes.positions, sizes.hidden)
    types = source.plain("emb.type", sizes.types, sizes.hidden)
    graph.constant("places", places + types[0])
    zero = graph.constant("zero", np.zeros(1, np.int64))
    length = graph.node("Shape", [INPUTS[0]], "length", start=1, end=2)
    used = graph.node("Slice", ["places", zero, length, zero], "places.rows")
    total = graph.node("Add", [words, used], "words.placed")
    norm = [graph.constant(name, source.plain(name, sizes.hidden)) for name in ("emb.ln.w", "emb.ln.b")]
    return graph.node("LayerNormalization", [total, *norm], "layer.0", axis=-1, epsilon=sizes.epsilon)


def _layer(graph: _Graph, source: Q4File, number: int, data: str) -> str:
    """Append one encoder layer to `data`; returns (batch, length, hidden)."""
    sizes = source.header
    wide, square = sizes.feed_forward, (sizes.hidden, sizes.hidden)

    def own(name: str) -> str:
        return f"l{number}.{name}"

    def vector(name: str, length: int = sizes.hidden) -> str:
        return graph.constant(own(name), source.plain(own(name), length))

    heads = []
    for name in "qkv":
        product = _linear(graph, source, data, own(name), square)
        heads.append(graph.node("Add", [product, vector(f"{name}.b")], own(f"{name}.head")))
    mixed = graph.fused("MultiHeadAttention", [*heads, "", "mask"], own("mixed"), num_heads=sizes.heads)
    mixed = _linear(graph, source, mixed, own("ao"), square)
    norm = [data, mixed, vector("aln.w"), vector("aln.b"), vector("ao.b")]
    attended = graph.fused("SkipLayerNormalization", norm, own("attended"), epsilon=sizes.epsilon)
    inner = _linear(graph, source, attended, own("fi"), (wide, sizes.hidden))
    inner = graph.fused("BiasGelu", [inner, vector("fi.b", wide)], own("inner"))
    outer = _linear(graph, source, inner, own("fo"), (sizes.hidden, wide))
    norm = [attended, outer, vector("oln.w"), vector("oln.b"), vector("fo.b")]
    return graph.fused("SkipLayerNormalization", norm, f"layer.{number + 1}", epsilon=sizes.epsilon)


def _pool(graph: _Graph, data: str) -> None:
    """Average over the tokens that the mask keeps, and scale to norm 1."""
    weights = graph.node("Cast", [INPUTS[1]], "mask.float", to=TensorProto.FLOAT)
    last = graph.constant("last", np.array([2], np.int64))
    weights = graph.node("Unsqueeze", [weights, last], "mask.column")
    kept = graph.node("Mul", [data, weights], "kept")
    axis = graph.constant("tokens", np.array([1], np.int64))
    # The sum points where the mean points, and only the direction is kept.
    total = graph.node("ReduceSum", [kept, axis], "sum", keepdims=0)
    graph.node("LpNormalization", [total], OUTPUT, p=2, axis=-1)


def write_graph(source: Q4File, path: Path) -> None:
    """Write the graph to `path` and its weights to a file of the same name ending in `.data`.

    Inputs `input_ids` and `attention_mask`, int64 of shape (batch, length); output
    `embedding`, float32 of shape (batch, hidden), rows of norm 1.
    """
    graph = _Graph()
    graph.node("Cast", [INPUTS[1]], "mask", to=TensorProto.INT32)
    data = _embeddings(graph, source)
    for number in range(source.header.layers):
        data = _layer(graph, source, number, data)
    _pool(graph, data)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"]) for name in INPUTS],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["b", source.header.hidden])],
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
