"""A weights file of a few kilobytes in the format of the bundled one, every field of it open to damage."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

PIECES = (
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "\u2581",
    "\u2581air",
    "\u2581laut",
    "a",
    "i",
    "r",
    "l",
    "u",
    "t",
    "s",
)
SCORES = (0.0, 0.0, 0.0, 0.0, -2.0, -3.0, -3.5, -5.0, -5.0, -5.25, -5.5, -5.5, -5.5, -6.0)
HIDDEN, WIDE, POSITIONS = 32, 64, 12


def block(scale: float, weights: Iterable[int]) -> bytes:
    """One block of 32 weights from -8 to 7."""
    shifted = [weight + 8 for weight in weights]
    assert len(shifted) == 32
    return struct.pack("<e", scale) + bytes(
        low | high << 4 for low, high in zip(shifted[:16], shifted[16:], strict=True)
    )


def _random_blocks(rng: np.random.Generator, elements: int) -> bytes:
    return b"".join(block(0.0625, rng.integers(-8, 8, 32).tolist()) for _ in range(elements // 32))


def _plain(values: NDArray[np.float64]) -> bytes:
    return values.astype("<f4").tobytes()


def tensors(layers: int = 1) -> dict[str, tuple[int, int, bytes]]:
    """Name to kind, elements and content of every tensor that the network has."""
    rng = np.random.default_rng(7)

    def plain(count: int, around: float = 0.0) -> tuple[int, int, bytes]:
        return 0, count, _plain(around + 0.1 * rng.standard_normal(count))

    def quantised(count: int) -> tuple[int, int, bytes]:
        return 1, count, _random_blocks(rng, count)

    made = {
        "emb.word": quantised(len(PIECES) * HIDDEN),
        "emb.pos": plain(POSITIONS * HIDDEN),
        "emb.type": plain(HIDDEN),
        "emb.ln.w": plain(HIDDEN, 1.0),
        "emb.ln.b": plain(HIDDEN),
    }
    for layer in range(layers):
        for name in ("q", "k", "v", "ao"):
            made[f"l{layer}.{name}.w"] = quantised(HIDDEN * HIDDEN)
            made[f"l{layer}.{name}.b"] = plain(HIDDEN)
        for name, bias in (("fi", WIDE), ("fo", HIDDEN)):
            made[f"l{layer}.{name}.w"] = quantised(HIDDEN * WIDE)
            made[f"l{layer}.{name}.b"] = plain(bias)
        for name in ("aln", "oln"):
            made[f"l{layer}.{name}.w"] = plain(HIDDEN, 1.0)
            made[f"l{layer}.{name}.b"] = plain(HIDDEN)
    return made


@dataclass(frozen=True)
class TinyQ4:
    """What the file says; a field set to None is computed from the others as a sound file has it."""

    magic: bytes = b"E5S1"
    version: int = 1
    sizes: tuple[int, int, int, int, int, int, int] = (HIDDEN, 1, 2, WIDE, len(PIECES), POSITIONS, 1)
    epsilon: float = 1e-5
    block_size: int = 32
    pieces: tuple[bytes, ...] = tuple(piece.encode() for piece in PIECES)
    scores: tuple[float, ...] = SCORES
    special: tuple[int, int, int, int] = (0, 2, 1, 3)
    piece_count: int | None = None
    blob_length: int | None = None
    offsets: tuple[int, ...] | None = None
    normalisation: Mapping[int, tuple[int, ...]] = field(
        default_factory=lambda: {0xFF21: (0x61,), 0xFB01: (0x61, 0x69), 0xAD: ()}
    )
    normalisation_count: int | None = None
    tensors: Mapping[str, tuple[int, int, bytes]] = field(default_factory=tensors)
    tensor_count: int | None = None

    def _vocabulary(self) -> bytes:
        blob = b"".join(self.pieces)
        offsets = self.offsets or (0, *np.cumsum([len(piece) for piece in self.pieces]).tolist())
        count = len(self.pieces) if self.piece_count is None else self.piece_count
        length = len(blob) if self.blob_length is None else self.blob_length
        head = struct.pack("<5iQ", count, *self.special, length)
        return (
            head
            + struct.pack(f"<{len(offsets)}I", *offsets)
            + struct.pack(f"<{len(self.scores)}f", *self.scores)
            + blob
        )

    def _normalisation(self) -> bytes:
        entries = b"".join(
            struct.pack(f"<IB{len(to)}I", point, len(to), *to) for point, to in self.normalisation.items()
        )
        count = len(self.normalisation) if self.normalisation_count is None else self.normalisation_count
        return struct.pack("<iI", count, len(entries)) + entries

    def pack(self) -> bytes:
        """The file's bytes."""
        head = self.magic + struct.pack("<I7ifi", self.version, *self.sizes, self.epsilon, self.block_size)
        head += self._vocabulary() + self._normalisation()
        count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        head += struct.pack("<i", count)
        start = len(head) + sum(2 + len(name) + 21 for name in self.tensors)
        directory, content = b"", b""
        for name, (kind, elements, raw) in self.tensors.items():
            directory += struct.pack("<H", len(name)) + name.encode()
            directory += struct.pack("<BIQQ", kind, elements, start + len(content), len(raw))
            content += raw
        return head + directory + content
