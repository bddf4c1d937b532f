"""Reader of the bundled weights: one file of vocabulary, normalisation and 4-bit tensors.

Layout, little-endian throughout: `E5S1`, a version, seven sizes, the layer norms' epsilon
and the block size; the vocabulary (count, four special ids, the blob's length, offsets,
scores, the pieces' UTF-8); the normalisation (count, byte length, then per code point its
replacements); the tensor directory (name, kind, elements, offset, bytes); the tensors.
A tensor of kind 1 is made of blocks of 32 weights: a half-precision scale and 16 bytes, of
which byte j holds weight j in its low and weight j + 16 in its high four bits, plus 8.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoders.adapter import Adapter
from models.encoders.api import EncoderDamaged

MAGIC = b"E5S1"
BLOCK = 32
PLAIN, QUANTISED = 0, 1
BLOCK_DTYPE = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])


@dataclass(frozen=True)
class Header:
    """Sizes of the network; `epsilon` is that of its layer norms."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces by id with their log-probabilities, and the ids of the special four."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies: kind, number of elements, first byte, number of bytes."""

    kind: int
    elements: int
    start: int
    length: int


def unpack_blocks(raw: bytes | memoryview) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Split whole Q4_0 blocks into weights (blocks, 32) in -8..7 and scales (blocks,)."""
    blocks = np.frombuffer(raw, BLOCK_DTYPE)
    low = (blocks["pairs"] & 0x0F).astype(np.int8) - 8
    high = (blocks["pairs"] >> 4).astype(np.int8) - 8
    return np.concatenate([low, high], axis=1), blocks["scale"].astype(np.float32)


class Cursor:
    """Reads forward through a buffer and says what was missing where it ends early."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = memoryview(data)
        self.name = name
        self.at = 0

    def take(self, length: int, what: str) -> memoryview:
        """Return the next `length` bytes; EncoderDamaged when there are fewer."""
        left = len(self.data) - self.at
        if length < 0 or length > left:
            raise EncoderDamaged(
                f"{self.name}: {what} needs {length} bytes at byte {self.at}, {left} are left"
            )
        part = self.data[self.at : self.at + length]
        self.at += length
        return part

    def unpack(self, layout: str, what: str) -> tuple[int, ...]:
        """Read little-endian integers laid out as for `struct`."""
        little = "<" + layout
        return struct.unpack(little, self.take(struct.calcsize(little), what))


@dataclass(frozen=True)
class Q4File:
    """The parsed file. Tensors are read on demand out of `data`.

    `changes`: by name of a 4-bit tensor, what to add to it, see `models.encoders.adapter`.
    """

    name: str
    data: bytes
    header: Header
    vocabulary: Vocabulary
    normalisation: Mapping[int, str]
    tensors: Mapping[str, Tensor]
    changes: Adapter = field(default_factory=dict)

    def _part(self, name: str, kind: int, shape: tuple[int, ...]) -> memoryview:
        tensor = self.tensors.get(name)
        if tensor is None:
            raise EncoderDamaged(f"{self.name}: tensor {name} is missing")
        expected = int(np.prod(shape))
        if tensor.kind != kind or tensor.elements != expected:
            raise EncoderDamaged(
                f"{self.name}: tensor {name} has kind {tensor.kind} and {tensor.elements} "
                f"elements, expected kind {kind} and {expected}"
            )
        return memoryview(self.data)[tensor.start : tensor.start + tensor.length]

    def plain(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return an unquantised tensor in `shape`; EncoderDamaged when it does not fit."""
        return np.frombuffer(self._part(name, PLAIN, shape), "<f4").reshape(shape)

    def blocks(self, name: str, rows: int, columns: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        """Return weights (rows, columns) in -8..7 and scales (rows, columns / 32)."""
        weights, scales = unpack_blocks(self._part(name, QUANTISED, (rows, columns)))
        return weights.reshape(rows, columns), scales.reshape(rows, columns // BLOCK)

    def matrix(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        """Return a 4-bit tensor dequantised and changed, shape (rows, columns)."""
        weights, scales = unpack_blocks(self._part(name, QUANTISED, (rows, columns)))
        full = weights.astype(np.float32)
        full *= scales[:, np.newaxis]
        whole = full.reshape(rows, columns)
        if name in self.changes:
            up, down = self.changes[name]
            if (up.shape[0], down.shape[1]) != whole.shape or up.shape[1] != down.shape[0]:
                raise EncoderDamaged(
                    f"{self.name}: a change of {name} has shapes {up.shape} and {down.shape}, "
                    f"the tensor {whole.shape}"
                )
            whole += up @ down
        return whole


def _read_header(cursor: Cursor) -> Header:
    magic = bytes(cursor.take(len(MAGIC), "the magic word"))
    if magic != MAGIC:
        raise EncoderDamaged(f"{cursor.name}: begins with {magic!r}, expected {MAGIC!r}")
    (version,) = cursor.unpack("I", "the version")
    if version != 1:
        raise EncoderDamaged(f"{cursor.name}: has format version {version}, expected 1")
    sizes = cursor.unpack("7i", "the sizes")
    epsilon = struct.unpack("<f", cursor.take(4, "epsilon"))[0]
    (block,) = cursor.unpack("i", "the block size")
    if min(sizes) < 1 or sizes[0] % sizes[2] or sizes[0] % BLOCK or sizes[3] % BLOCK:
        raise EncoderDamaged(f"{cursor.name}: impossible sizes {sizes}")
    if block != BLOCK:
        raise EncoderDamaged(f"{cursor.name}: has blocks of {block} weights, expected {BLOCK}")
    hidden, layers, heads, wide, vocabulary, positions, types = sizes
    return Header(hidden, layers, heads, wide, vocabulary, positions, types, float(epsilon))


def _read_vocabulary(cursor: Cursor) -> Vocabulary:
    count, begin, end, padding, unknown = cursor.unpack("5i", "the vocabulary's header")
    (length,) = cursor.unpack("Q", "the vocabulary's length")
    offsets = np.frombuffer(cursor.take(4 * (count + 1), "the pieces' offsets"), "<u4")
    scores = np.frombuffer(cursor.take(4 * count, "the pieces' scores"), "<f4")
    blob = bytes(cursor.take(length, "the pieces"))
    if count < 1 or not all(0 <= each < count for each in (begin, end, padding, unknown)):
        raise EncoderDamaged(f"{cursor.name}: the special ids lie outside of {count} pieces")
    if offsets[-1] != length or np.any(offsets[1:] < offsets[:-1]):
        raise EncoderDamaged(f"{cursor.name}: the pieces' offsets are out of order")
    try:
        pieces = tuple(blob[a:b].decode("utf-8") for a, b in pairwise(offsets.tolist()))
    except UnicodeDecodeError as error:
        raise EncoderDamaged(f"{cursor.name}: a piece is not UTF-8 ({error})") from error
    if not np.isfinite(scores).all():
        raise EncoderDamaged(f"{cursor.name}: a piece's score is not a number")
    return Vocabulary(pieces, tuple(scores.tolist()), begin, end, padding, unknown)


def _is_character(point: int) -> bool:
    """Whether `point` is one that a text can hold; zero ends texts where the table is used."""
    return 0 < point < 0xD800 or 0xE000 <= point <= 0x10FFFF


def _read_normalisation(cursor: Cursor) -> dict[int, str]:
    count, length = cursor.unpack("iI", "the normalisation's header")
    inner = Cursor(bytes(cursor.take(length, "the normalisation")), cursor.name)
    mapping: dict[int, str] = {}
    for _ in range(count):
        point, size = inner.unpack("IB", "a normalisation entry")
        replacement = inner.unpack(f"{size}I", "a normalisation entry's replacement")
        if not all(map(_is_character, (point, *replacement))):
            raise EncoderDamaged(f"{cursor.name}: normalises beyond Unicode")
        mapping[point] = "".join(map(chr, replacement))
    return mapping


def _read_directory(cursor: Cursor) -> dict[str, Tensor]:
    (count,) = cursor.unpack("i", "the directory's header")
    tensors: dict[str, Tensor] = {}
    for _ in range(count):
        (size,) = cursor.unpack("H", "a tensor's name")
        name = bytes(cursor.take(size, "a tensor's name")).decode("ascii", "replace")
        kind, elements, start, length = cursor.unpack("BIQQ", f"the place of tensor {name}")
        expected = 4 * elements
        if kind == QUANTISED:
            expected = elements // BLOCK * BLOCK_DTYPE.itemsize
        if kind not in (PLAIN, QUANTISED) or length != expected:
            raise EncoderDamaged(f"{cursor.name}: tensor {name} has an impossible size")
        if start + length > len(cursor.data):
            raise EncoderDamaged(
                f"{cursor.name}: tensor {name} ends at byte {start + length}, "
                f"the file at byte {len(cursor.data)}"
            )
        tensors[name] = Tensor(kind, elements, start, length)
    return tensors


def parse_q4(data: bytes, name: str) -> Q4File:
    """Parse a whole file's bytes; `name` is what messages call it.

    Raises EncoderDamaged when a part is cut short, out of range or of another version.
    """
    cursor = Cursor(data, name)
    header = _read_header(cursor)
    vocabulary = _read_vocabulary(cursor)
    if len(vocabulary.pieces) > header.vocabulary:
        raise EncoderDamaged(f"{name}: {len(vocabulary.pieces)} pieces for {header.vocabulary} embeddings")
    normalisation = _read_normalisation(cursor)
    return Q4File(name, data, header, vocabulary, normalisation, _read_directory(cursor))


def read_q4(path: Path) -> Q4File:
    """Read and parse the file at `path`; raises EncoderDamaged as `parse_q4` does."""
    return parse_q4(path.read_bytes(), path.name)
