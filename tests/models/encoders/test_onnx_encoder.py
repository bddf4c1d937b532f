"""The bundled encoder at work: any text, in any company, from several threads, with one result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoders import Encoder, Role
from models.encoders.api import MAX_TOKENS, PREFIX
from models.encoders.bundled import FULL, INT8
from models.encoders.onnx_encoder import OnnxEncoder

TEXTS = [
    "Pemerintah desa membagikan beras gratis kepada semua warga mulai hari Senin",
    "Awas, jembatan gantung di Kali Porong putus semalam dan belum ada pengumuman",
    "Vaksin campak membuat anak mandul, begitu kata video dari grup keluarga",
    "Kuota haji tambahan dibuka lagi, transfer uang muka ke rekening berikut",
    "Jarene dalan menyang Bromo ditutup amarga longsor, apa bener?",
    "Sapa bae sing ora nyekel kertu iki ora bakal oleh bantuan",
    "Minum air garam hangat bisa mematikan virus di tenggorokan",
    "Besok listrik padam tiga hari berturut-turut di seluruh Jawa, siapkan lilin",
    "CEK FAKTA: foto ular raksasa di sungai itu hasil suntingan",
    "Gempa susulan magnitudo 7,5 diperkirakan terjadi pukul 02.00 WIB",
    "is it true that the ferry to Madura sank this morning?",
    "ok",
    "😱😱😱 sebarkan!!!",
    "地震が来るという噂は本当ですか",
    "هل صحيح أن البنك سيغلق غدا؟",
    "https://bantuan-sosial.contoh.id/daftar?nik=123",
]
ROLES: tuple[Role, ...] = ("query", "passage")


@pytest.fixture(scope="module")
def full(built: Path) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds

    model = SentenceTransformer(str(built / FULL), device="cpu", local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    return model


@pytest.mark.parametrize("role", ROLES)
def test_vectors_are_close_to_those_of_full_precision(encoder: Encoder, full: Any, role: Role) -> None:
    texts = [*TEXTS, " ".join(TEXTS)]
    expected = full.encode([PREFIX[role] + text for text in texts], convert_to_numpy=True)
    cosines = (encoder.encode(texts, role) * expected).sum(axis=1)
    assert cosines.min() >= 0.98, dict(zip(texts, cosines.tolist(), strict=True))


def test_the_full_precision_folder_brings_its_prompts(full: Any, encoder: Encoder) -> None:
    assert {role: full.prompts[role] for role in ROLES} == PREFIX
    assert full.get_embedding_dimension() == encoder.dimension


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    for role in ROLES:
        vectors = encoder.encode([], role)
        assert vectors.shape == (0, encoder.dimension)
        assert vectors.dtype == np.float32


def _assert_unit(vectors: Any, rows: int, dimension: int) -> None:
    assert vectors.shape == (rows, dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_vectors_have_norm_one(encoder: Encoder) -> None:
    for role in ROLES:
        _assert_unit(encoder.encode(TEXTS, role), len(TEXTS), encoder.dimension)


def test_the_role_matters(encoder: Encoder) -> None:
    queries, passages = (encoder.encode(TEXTS, role) for role in ROLES)
    assert ((queries * passages).sum(axis=1) < 0.999).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\0",
        "\0\0air\0",
        "\ud83d",
        "a\udc00b\ud800",
        "😀" * 10_000,
        "\u0301" * 500,
        "x" * 50_000,
        "\U0010ffff",
    ],
    ids=lambda text: f"{len(text)} {text[:3]!a}",
)
def test_odd_texts_are_encoded(encoder: Encoder, text: str) -> None:
    for role in ROLES:
        _assert_unit(encoder.encode([text], role), 1, encoder.dimension)


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_is_encoded(encoder: Encoder, text: str) -> None:
    _assert_unit(encoder.encode([text], "query"), 1, encoder.dimension)


def test_only_the_beginning_of_a_long_text_is_read(encoder: Encoder) -> None:
    words = "berita lama beredar kembali " * 100
    changed_early, changed_late = "Bukan " + words, words + "dan ini tambahan"
    first, early, late = encoder.encode([words, changed_early, changed_late], "passage")
    assert np.array_equal(first, late)
    assert not np.array_equal(first, early)


def test_a_vector_is_the_same_alone_and_in_company(encoder: Encoder) -> None:
    texts = [*TEXTS, "😀" * 3_000, "", *reversed(TEXTS)] * 3
    together = encoder.encode(texts, "passage")
    alone = {text: encoder.encode([text], "passage")[0] for text in set(texts)}
    for text, vector in zip(texts, together, strict=True):
        assert np.array_equal(vector, alone[text]), text


def test_several_threads_get_what_one_gets(encoder: Encoder) -> None:
    expected = {role: encoder.encode(TEXTS, role) for role in ROLES}
    barrier = threading.Barrier(6)

    def encode(number: int) -> bool:
        role = ROLES[number % 2]
        order = np.roll(np.arange(len(TEXTS)), number)
        barrier.wait(60)
        vectors = encoder.encode([TEXTS[place] for place in order], role)
        return np.array_equal(vectors, expected[role][order])

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(encode, range(6)))


class _Announced(list[str]):
    """Texts that tell when so many of them have been asked for."""

    def __init__(self, texts: list[str], number: int) -> None:
        super().__init__(texts)
        self.number, self.reached = number, threading.Event()

    def __iter__(self) -> Iterator[str]:
        for count, text in enumerate(super().__iter__()):
            if count == self.number:
                self.reached.set()
            yield text


@pytest.mark.parametrize("threads", [1, 2])
def test_a_single_text_does_not_wait_for_the_end_of_a_long_list(built: Path, threads: int) -> None:
    encoder = OnnxEncoder(built / INT8, "shared", threads=threads)
    many = _Announced(TEXTS * 20, 20)
    with ThreadPoolExecutor(1) as caller:
        long = caller.submit(encoder.encode, many, "passage")
        assert many.reached.wait(60)
        # A long text: at the end of one queue behind all others, it would be done after them.
        single = encoder.encode([" ".join(TEXTS)], "query")
        assert not long.done()
        assert long.result(60).shape == (len(many), encoder.dimension)
    _assert_unit(single, 1, encoder.dimension)


def test_a_list_longer_than_what_runs_ahead_keeps_its_order(built: Path, encoder: Encoder) -> None:
    texts = [f"{number} {TEXTS[number % len(TEXTS)]}" for number in range(23)]
    for threads in (1, 5, 23):
        vectors = OnnxEncoder(built / INT8, "ordered", threads=threads).encode(texts, "query")
        assert np.array_equal(vectors, np.stack([encoder.encode([text], "query")[0] for text in texts]))
