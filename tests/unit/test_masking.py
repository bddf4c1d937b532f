"""Masking: numbers and addresses of people go, what a verifier has to check stays."""

from __future__ import annotations

import pytest

from triage.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("telepon 0812-3456-7890 ya", "telepon 0812****7890 ya"),
        ("wa +62 812 3456 7890", "wa 0812****7890"),
        ("NIK 3508010101900001", "NIK 3508********0001"),
        ("surel siti.aminah@surat.id", "surel s***@surat.id"),
        ("https://wa.me/6281234567890", "https://wa.me/0812****7890"),
    ],
)
def test_numbers_and_addresses_of_people_are_masked_and_stay_so(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Pak Lurah Budi membagikan 250 paket beras",
        "Rp 1.500.000 per keluarga",
        "https://desa.example/2026/11",
    ],
)
def test_names_amounts_and_links_stay(text: str) -> None:
    assert masked(text) == text
