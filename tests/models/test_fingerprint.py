from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fingerprint import Fingerprint, fingerprint
from models.near_copies import nearness

# The example of the field notes: its denial is nearer to it in letters than its paraphrase.
_CLAIM = "Awas! Semeru akan meletus besar malam ini, warga Pronojiwo diminta mengungsi sekarang"


def _near(a: str, b: str) -> bool:
    first, second = fingerprint(a), fingerprint(b)
    assert nearness(first, second) == nearness(second, first)
    return nearness(first, second) > 0


@pytest.mark.parametrize(
    "copy",
    [
        "awas semeru akn meletus bsr mlm ini wrg pronojiwo dminta mngungsi skrg",
        "*AWASSS!!!* Semeru akan meletus besar malam ini, warga Pronojiwo diminta mengungsi sekarang 🙏🙏",
        "Diteruskan berkali-kali\n" + _CLAIM + "\nSebarkan ke semua grup!",
        "Info dari warga: " + _CLAIM,
    ],
)
def test_copies_are_recognised(copy: str) -> None:
    assert _near(_CLAIM, copy)


@pytest.mark.parametrize(
    "other",
    [
        "Tidak benar Semeru akan meletus besar malam ini, warga Pronojiwo diminta tetap tenang",
        "Hoaks: " + _CLAIM,
        "Klarifikasi: " + _CLAIM,
        _CLAIM.replace("akan", "tidak akan"),
        _CLAIM.replace("akan", "ora bakal"),
        _CLAIM.replace("malam ini", "besok pagi"),
        _CLAIM.replace("Pronojiwo", "Candipuro"),
        _CLAIM.replace("Semeru", "Merapi"),
    ],
)
def test_denials_and_other_facts_are_other_messages(other: str) -> None:
    assert not _near(_CLAIM, other)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Akan ada gempa 7 di selatan Jawa hari ini, tolong segera keluar rumah", "8"),
        ("Akan ada gempa 7 di selatan Jawa hari ini, tolong segera keluar rumah", "tujuh koma dua"),
    ],
)
def test_another_number_is_another_message(a: str, b: str) -> None:
    assert not _near(a, a.replace("7", b))


@pytest.mark.parametrize(
    ("place", "other"),
    [("Pasuruan", "Pasirian"), ("Malang", "Magelang"), ("Merapi", "Marapi"), ("Mandiri", "Danamon")],
)
def test_names_that_look_alike_are_other_messages(place: str, other: str) -> None:
    message = f"Kabar dari {place}: jalan raya ditutup total karena jembatan rusak, warga diminta berputar"
    assert not _near(message, message.replace(place, other))
    assert not _near(message, message.replace("ditutup", f"di {other} ditutup"))


def test_another_link_is_another_message() -> None:
    claim = "Bantuan untuk lansia sudah cair, daftar segera lewat tautan ini sebelum ditutup"
    assert not _near(f"{claim} bit.ly/satu", f"{claim} bit.ly/dua")
    assert _near(f"{claim} https://www.contoh.id/a?utm_source=wa", f"{claim} contoh.id/a")
    linked = fingerprint(claim, "https://contoh.id/a"), fingerprint(claim, "https://contoh.id/b")
    assert nearness(*linked) == 0


def test_short_texts_are_recognised_only_exactly() -> None:
    assert fingerprint("Semeru meletus").bands == ()
    assert _near("Semeru meletus!!", "semeru MELETUS")
    assert not _near("Semeru meletus", "Semeru meletus lagi")


def test_messages_without_words_are_told_apart() -> None:
    assert fingerprint("😀😀").digest != fingerprint("🙏").digest
    assert fingerprint("😀").digest == fingerprint(" 😀\u200b").digest


def test_a_link_alone_is_known_by_its_canonical_form() -> None:
    assert (
        fingerprint("", "http://www.contoh.id/a/").digest
        == fingerprint("https://contoh.id/a?fbclid=1").digest
    )


def test_copies_share_a_band_and_bands_fit_a_bigint() -> None:
    a, b = fingerprint(_CLAIM), fingerprint("Info dari warga: " + _CLAIM)
    assert set(a.bands) & set(b.bands)
    assert all(-(2**63) <= band < 2**63 for band in a.bands)
    assert len(a.digest) == 64


def test_fingerprints_do_not_change_between_versions() -> None:
    # They are kept in the store: another value here needs a migration of what is there.
    known = fingerprint(_CLAIM)
    assert known.text == "awas semeru akan meletus besar malam ini warga pronojiwo diminta mengungsi sekarang"
    assert (known.digest[:12], known.bands[0]) == ("cef2b5c715eb", 5224586460362896284)


def test_comparison_needs_only_what_the_store_keeps() -> None:
    kept = fingerprint(_CLAIM)
    row = Fingerprint(kept.digest, (), kept.text)
    assert nearness(row, fingerprint("Info dari warga: " + _CLAIM)) > 0


@given(st.text(st.characters(), max_size=120), st.text(st.characters(), max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_fingerprint(a: str, b: str) -> None:
    first, second = fingerprint(a, b), fingerprint(b, a)
    assert nearness(first, first) == 1
    assert nearness(first, second) == nearness(second, first)


def test_long_texts_have_one_too() -> None:
    text = " ".join(f"kata{i} lain" for i in range(1500))
    assert nearness(fingerprint(text), fingerprint(text + " selesai")) > 0
