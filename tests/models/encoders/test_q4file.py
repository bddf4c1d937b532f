"""The weights file: what it holds, number by number, and that no damage to it goes unnoticed or does harm."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoders.api import EncoderDamaged
from models.encoders.q4file import Q4File, parse_q4, read_q4, unpack_blocks
from tests.tiny_q4 import HIDDEN, PIECES, POSITIONS, SCORES, WIDE, TinyQ4, block, tensors

SOUND = TinyQ4()
DATA = SOUND.pack()
BILLIONS = 2**31 - 1


def _with_tensor(name: str, kind: int, elements: int, raw: bytes) -> TinyQ4:
    return replace(SOUND, tensors={**SOUND.tensors, name: (kind, elements, raw)})


def test_one_block_worked_out_by_hand() -> None:
    # Byte j holds j in its low and 15 - j in its high four bits; 8 is taken off each.
    raw = b"\x00\x38" + bytes(j | (15 - j) << 4 for j in range(16))  # 0x3800 is one half
    weights, scales = unpack_blocks(raw)
    assert weights.tolist() == [[*range(-8, 8), *range(7, -9, -1)]]
    assert scales.tolist() == [0.5]


def test_a_matrix_is_its_weights_times_the_scale_of_their_block() -> None:
    first = [-8, 7, *[1] * 30]
    second = [*[0] * 31, -3]
    raw = block(0.25, first) + block(-2.0, second)
    file = parse_q4(_with_tensor("two", 1, 64, raw).pack(), "tiny")
    assert file.matrix("two", 2, 32).tolist() == [[-2.0, 1.75, *[0.25] * 30], [*[0.0] * 31, 6.0]]
    assert file.matrix("two", 1, 64).shape == (1, 64)
    weights, scales = file.blocks("two", 1, 64)
    assert weights.tolist() == [first + second]
    assert scales.tolist() == [[0.25, -2.0]]


def test_a_sound_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(DATA)
    file = read_q4(path)
    sizes = file.header
    assert (sizes.hidden, sizes.layers, sizes.heads, sizes.feed_forward) == (HIDDEN, 1, 2, WIDE)
    assert (sizes.vocabulary, sizes.positions, sizes.types) == (len(PIECES), POSITIONS, 1)
    assert sizes.epsilon == pytest.approx(1e-5)
    words = file.vocabulary
    assert words.pieces == PIECES
    assert words.scores == SCORES
    assert (words.begin, words.end, words.padding, words.unknown) == (0, 2, 1, 3)
    assert file.normalisation == {0xFF21: "a", 0xFB01: "ai", 0xAD: ""}
    assert set(file.tensors) == set(tensors())
    _, _, raw = SOUND.tensors["emb.pos"]
    assert file.plain("emb.pos", POSITIONS, HIDDEN).tobytes() == raw


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        (replace(SOUND, magic=b"PK\x03\x04"), "begins with b'PK"),
        (replace(SOUND, version=2), "format version 2"),
        (replace(SOUND, sizes=(0, 1, 2, WIDE, 14, POSITIONS, 1)), "impossible sizes"),
        (replace(SOUND, sizes=(HIDDEN, -1, 2, WIDE, 14, POSITIONS, 1)), "impossible sizes"),
        (replace(SOUND, sizes=(HIDDEN, 1, 3, WIDE, 14, POSITIONS, 1)), "impossible sizes"),
        (replace(SOUND, sizes=(33, 1, 3, WIDE, 14, POSITIONS, 1)), "impossible sizes"),
        (replace(SOUND, sizes=(HIDDEN, 1, 2, 65, 14, POSITIONS, 1)), "impossible sizes"),
        (replace(SOUND, sizes=(HIDDEN, 1, 2, WIDE, 13, POSITIONS, 1)), "14 pieces for 13 embeddings"),
        (replace(SOUND, block_size=64), "blocks of 64"),
        (replace(SOUND, special=(0, 2, 1, 14)), "special ids"),
        (replace(SOUND, special=(-1, 2, 1, 3)), "special ids"),
        (replace(SOUND, pieces=(b"\xff", *SOUND.pieces[1:])), "not UTF-8"),
        (replace(SOUND, scores=(float("nan"), *SCORES[1:])), "not a number"),
        (replace(SOUND, offsets=(0, 9, 4, *range(10, 22))), "out of order"),
        (replace(SOUND, offsets=(*range(15),)), "out of order"),
        (replace(SOUND, normalisation={0x110000: (0x61,)}), "beyond Unicode"),
        (replace(SOUND, normalisation={0x61: (0x110000,)}), "beyond Unicode"),
        (replace(SOUND, normalisation={0x61: (0xD800,)}), "beyond Unicode"),
        (replace(SOUND, normalisation={0xDFFF: (0x61,)}), "beyond Unicode"),
        (replace(SOUND, normalisation={0: (0x20,)}), "beyond Unicode"),
        (replace(SOUND, normalisation={0x61: (0x62, 0)}), "beyond Unicode"),
        (_with_tensor("x", 2, 32, bytes(128)), "tensor x has an impossible size"),
        (_with_tensor("x", 0, 32, bytes(127)), "tensor x has an impossible size"),
        (_with_tensor("x", 1, 64, bytes(18)), "tensor x has an impossible size"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(damaged: TinyQ4, says: str) -> None:
    with pytest.raises(EncoderDamaged, match=rf"^weights\.bin: .*{says}"):
        parse_q4(damaged.pack(), "weights.bin")


@pytest.mark.parametrize(
    "damaged",
    [
        replace(SOUND, piece_count=BILLIONS),
        replace(SOUND, piece_count=-1),
        replace(SOUND, piece_count=-BILLIONS),
        replace(SOUND, blob_length=2**64 - 1),
        replace(SOUND, normalisation_count=BILLIONS),
        replace(SOUND, tensor_count=BILLIONS),
        _with_tensor("x", 0, 2**32 - 1, b""),
    ],
)
def test_counts_of_billions_are_refused_before_memory_is_taken(damaged: TinyQ4) -> None:
    data = damaged.pack()
    tracemalloc.start()
    try:
        with pytest.raises(EncoderDamaged, match=r"weights\.bin"):
            parse_q4(data, "weights.bin")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(data)


@pytest.mark.parametrize("start", [2**63, len(DATA) - 127, 2**64 - 128])
def test_a_tensor_beyond_the_file_is_refused(start: int) -> None:
    raw = tensors()["emb.type"][2]
    place = DATA.index(b"emb.type") + len("emb.type") + 5
    assert DATA[place + 8 : place + 16] == len(raw).to_bytes(8, "little")
    moved = DATA[:place] + start.to_bytes(8, "little") + DATA[place + 8 :]
    with pytest.raises(EncoderDamaged, match=r"emb\.type ends at byte"):
        parse_q4(moved, "weights.bin")


def test_a_file_cut_short_anywhere_is_refused() -> None:
    for length in range(len(DATA)):
        with pytest.raises(EncoderDamaged, match=r"weights\.bin"):
            parse_q4(DATA[:length], "weights.bin")


@given(st.lists(st.tuples(st.integers(0, len(DATA) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_altered_bytes_are_read_or_refused_and_nothing_else(changes: list[tuple[int, int]]) -> None:
    altered = bytearray(DATA)
    for place, value in changes:
        altered[place] = value
    try:
        file = parse_q4(bytes(altered), "weights.bin")
    except EncoderDamaged:
        return
    # What was accepted can be used: every tensor lies within the file.
    for tensor in file.tensors.values():
        assert tensor.start + tensor.length <= len(DATA)
    for text in (*file.vocabulary.pieces, *file.normalisation.values()):
        text.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "shape", "says"),
    [
        ("l1.q.w", (HIDDEN, HIDDEN), "tensor l1.q.w is missing"),
        ("emb.type", (1, HIDDEN), "kind 0"),
        ("l0.q.w", (HIDDEN, WIDE), f"expected kind 1 and {HIDDEN * WIDE}"),
    ],
)
def test_a_tensor_of_another_kind_or_size_is_named(name: str, shape: tuple[int, int], says: str) -> None:
    file: Q4File = parse_q4(DATA, "weights.bin")
    with pytest.raises(EncoderDamaged, match=says):
        file.matrix(name, *shape)
    with pytest.raises(EncoderDamaged, match=says):
        file.blocks(name, *shape)


def test_a_plain_tensor_is_not_read_as_blocks_nor_the_reverse() -> None:
    with pytest.raises(EncoderDamaged, match="kind 1 and 1024 elements, expected kind 0"):
        parse_q4(DATA, "weights.bin").plain("l0.q.w", HIDDEN, HIDDEN)
