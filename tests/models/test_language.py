from __future__ import annotations

import pytest

from models import language


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Semeru akan meletus malam ini, warga diminta mengungsi", "id"),
        ("Bantuan sosial cair besok, segera daftar lewat tautan ini", "id"),
        ("Jarene sesuk bengi gunung arep njeblug, wong-wong kudu ngungsi kabeh", "regional"),
        ("Ca'na oreng se sake' olle pesse dhari disa, mon ta' dateng ta' olle", "regional"),
        ("", "id"),
        ("12345 !!!", "id"),
    ],
)
def test_regional_languages_are_told_from_indonesian(message: str, expected: str) -> None:
    assert language.of(message) == expected
