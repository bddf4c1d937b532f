"""The real encoder, and one that costs nothing for tests of bookkeeping around vectors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders import Encoder, Role, load_encoder
from models.matching import Matcher
from models.types import Entry

CLAIMS = {
    "lahar": "Awas! Semeru akan meletus besar malam ini, warga Pronojiwo diminta mengungsi sekarang",
    "bansos": "Bantuan sosial 600 ribu cair, daftar lewat tautan ini sebelum besok",
    "pepaya": "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam tanpa ke dokter",
    "ponsel": "Mengisi daya ponsel sambil hujan membuat petir menyambar rumah",
    "bca": "Tarif transfer BCA naik menjadi 150 ribu per bulan mulai Senin",
    "penculik": "Penculik anak berkeliling memakai mobil putih di dekat sekolah dasar",
    "gempa": "Gempa 8 skala Richter akan mengguncang pantai selatan Jumat depan",
    "suara": "Tujuh truk surat suara yang sudah dicoblos ditemukan di pelabuhan",
    "garam": "Garam dapur bisa meledak kalau dicampur minyak goreng merek tertentu",
    "beras": "Beras plastik beredar di pasar kecamatan, cirinya tidak basi tiga hari",
}


class LetterEncoder:
    """Counts letters: real vectors of unit length, good for nothing but telling texts apart."""

    name = "letters"
    dimension = 26

    def encode(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 0.01, np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    vectors[row, ord(letter) - ord("a")] += 1
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


@pytest.fixture
def letters() -> Encoder:
    return LetterEncoder()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled encoder, built if this machine has none yet."""
    return load_encoder("bundled", Path(os.environ.get("PENJAGA_ENCODERS", "data/encoders")))


@pytest.fixture(scope="session")
def matcher(encoder: Encoder) -> Matcher:
    """A matcher with the ten claims above; tests only search in it."""
    matcher = Matcher(encoder)
    entries = [Entry(name, (claim,)) for name, claim in CLAIMS.items()]
    matcher.index.update(entries, matcher.encode_entries(entries))
    return matcher
