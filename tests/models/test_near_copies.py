"""Copies, excerpts and added passages are the same message; remarks that deny it and other facts are not."""

from __future__ import annotations

import pytest

from models.fingerprint import Fingerprint, fingerprint
from models.near_copies import nearness, share_a_key

_CLAIM = (
    "Pembagian beras gratis untuk semua warga dimulai besok pagi di balai desa, cukup membawa fotokopi kartu "
    "keluarga dan datang sebelum pukul delapan karena jumlahnya terbatas"
)
_MORE = (
    "Panitia menyampaikan bahwa setiap keluarga mendapat sepuluh kilogram beras dan dua liter minyak goreng, "
    "dan yang datang dari luar desa diminta menunggu sampai warga setempat selesai dilayani semuanya"
)


def _nearness(a: str, b: str) -> float:
    first, second = fingerprint(a), fingerprint(b)
    near = nearness(first, second)
    assert near == nearness(second, first)
    assert near == 0 or share_a_key(first, second), "what is the same must also be found"
    return near


@pytest.mark.parametrize(
    "whole",
    [
        f"{_CLAIM}. {_MORE}",
        f"{_MORE}. {_CLAIM}",
        f"Kabar dari grup sebelah untuk diteruskan: {_CLAIM}. {_MORE}",
        f"{_CLAIM}. {_MORE}. Salah satu warga sudah menerimanya, benar-benar banyak sekali berasnya",
    ],
)
def test_an_excerpt_is_the_message(whole: str) -> None:
    assert 0 < _nearness(_CLAIM, whole) < 0.7


def test_a_message_that_was_cut_off_is_the_message() -> None:
    whole = fingerprint(f"{_CLAIM}. {_MORE}").text
    for length in (len(_CLAIM) + 40, len(_CLAIM) + 44):
        assert _nearness(whole[:length], whole) > 0


@pytest.mark.parametrize(
    "remark",
    [
        "Kabar ini tidak benar",
        "Hoaks!",
        "Ini kabar bohong, jangan dipercaya",
        "Kata pak lurah kegiatan itu tidak ada",
        "Polisi membantah kabar tentang pembagian itu dan meminta warga tetap tenang di rumah",
        "Menurut kepala desa pembagian semacam itu tidak pernah ada dan tidak akan ada di desa ini",
    ],
)
def test_what_denies_the_message_beside_it_is_another_one(remark: str) -> None:
    assert _nearness(_CLAIM, f"{_CLAIM}. {remark}") == 0
    assert _nearness(_CLAIM, f"{remark}. {_CLAIM}") == 0


def test_in_a_long_passage_a_no_is_some_detail() -> None:
    assert _nearness(_CLAIM, f"{_CLAIM}. {_MORE} dan anak-anak tidak perlu ikut") > 0
    assert _nearness(_CLAIM, f"{_CLAIM}. Anak-anak tidak perlu ikut ke sana") == 0


def test_facts_may_come_in_a_passage_but_not_in_the_sentence() -> None:
    assert _nearness(_CLAIM, _CLAIM.replace("di balai desa", "di balai desa Pasirian")) == 0
    assert _nearness(_CLAIM, _CLAIM.replace("beras gratis", "50 kg beras gratis")) == 0
    passage = "Warga Pasirian dan sekitarnya sudah menyiapkan 50 karung kosong sejak kemarin sore"
    assert _nearness(_CLAIM, f"{_CLAIM}. {passage}") > 0


def test_an_excerpt_with_another_fact_or_word_is_another_message() -> None:
    whole = f"{_CLAIM}. {_MORE}"
    assert _nearness(_CLAIM.replace("besok pagi", "lusa"), whole) == 0
    assert _nearness(_CLAIM.replace("beras", "sepeda"), whole) == 0


def test_a_few_words_are_no_excerpt() -> None:
    assert _nearness("Pembagian beras gratis untuk semua warga", f"{_CLAIM}. {_MORE}") == 0


def test_passages_that_change_places_are_the_message() -> None:
    assert _nearness(f"{_CLAIM}. {_MORE}", f"{_MORE}. {_CLAIM}") > 0.9


def test_an_excerpt_is_found_in_the_longest_of_messages() -> None:
    # So many other runs of words that not all are kept.
    filler = " ".join(f"kabar{number} dari{number} desa{number}" for number in range(600))
    long = fingerprint(f"{filler} {_CLAIM} {_MORE}")
    assert len(long.bands) == 64
    assert share_a_key(long, fingerprint(f"{_CLAIM} {_MORE}"))


@pytest.mark.parametrize("text", ["", "😀", "a", "x" * 5_000, "a b " * 2_500, "0 " * 3_000, "tidak " * 500])
def test_any_text_can_be_compared(text: str) -> None:
    assert _nearness(text, text) == 1
    assert 0 <= _nearness(text, f"{text} {_CLAIM}") <= 1
    assert nearness(Fingerprint("a", (), ""), Fingerprint("b", (), "")) == 0
