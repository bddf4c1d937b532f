"""Masking: numbers and addresses of people go, what a verifier has to check stays."""

from __future__ import annotations

import pytest

from triage.masking import masked, without_people


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
    "written",
    [
        "+62\u00a0812\u20113456\u20117890",
        "0812–3456–7890",
        "0812_3456_7890",
        "0812\u200b3456\u200b7890",
        "\u202a0812\u20603456\u20697890\u202c",
        "０８１２３４５６７８９０",
        "＋62 812－3456－7890",
        "0812\u202f3456\u20077890",
        "812-3456-7890",
        "812 3456 7890",
        "812-345-6789",
    ],
)
def test_a_number_is_masked_however_it_is_written(written: str) -> None:
    shown = masked(f"Hubungi {written} ya 👨\u200d👩\u200d👧")
    assert "0812***" in shown
    assert "3456" not in shown
    assert shown.endswith("ya 👨\u200d👩\u200d👧")
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Pak Lurah Budi membagikan 250 paket beras",
        "Rp 1.500.000 per keluarga",
        "https://desa.example/2026/11",
        "https://desa.example/foto_2026_11_25",
        "tahun 2020–2024, Rp\u00a0812.345.678 dan 1\u20112 orang",
    ],
)
def test_names_amounts_and_links_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("telepon 0812-3456-7890 ya", "telepon <nomor> ya"),
        ("wa +62\u00a0812\u20113456\u20117890, NIK 3508010101900001", "wa <nomor>, NIK <nomor>"),
        ("surel siti.aminah@surat.id", "surel <surel>"),
        ("https://wa.me/6281234567890?text=halo dan 0812-3456-7890/0813-3456-7890", "<nomor> dan <nomor>"),
        ("Pak Lurah Budi membagikan 250 paket", "Pak Lurah Budi membagikan 250 paket"),
        ("", ""),
    ],
)
def test_nothing_of_a_number_is_left_where_it_is_kept_for_good(text: str, kept: str) -> None:
    assert without_people(text) == kept
    assert without_people(kept) == kept


def test_a_hostile_message_is_gone_through_once() -> None:
    slashes = "/" * 5_000
    assert without_people(f"{slashes} 0812-3456-7890 {slashes}") == f"{slashes} <nomor> {slashes}"
