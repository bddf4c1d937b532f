"""What an archive may learn from messages that people called the same."""

from __future__ import annotations

import pytest

from models.types import Entry
from models.wordings import is_learnable, is_new, taught

HEADING = "Air rebusan daun pepaya menyembuhkan demam berdarah dalam semalam"
VILLAGE = (
    "Mbah dukun bilang kalau anak kena DBD minumkan saja godhong kates digodhog sampai kental, isuk wis mari "
    "ora usah nang puskesmas"
)


@pytest.mark.parametrize(
    "message",
    [
        VILLAGE,
        "Godhong kates obat demam berdarah",
        "Daun pepaya direbus, 3 gelas sehari selama 7 hari, sembuh demam berdarahnya",
        "Apakah benar air rebusan daun pepaya menyembuhkan demam berdarah?",
    ],
)
def test_other_words_for_the_same_are_learned(message: str) -> None:
    assert is_learnable(message, [HEADING])


@pytest.mark.parametrize(
    "message",
    [
        "",
        "😀",
        "Assalamualaikum pak, melanjutkan obrolan yang tadi",
        "Info pengajuan silakan hubungi layanan <nomor>",
        "Daun pepaya mujarab",
        f"Hoaks: {VILLAGE}",
        "Air rebusan daun pepaya tidak menyembuhkan demam berdarah dalam semalam",
    ],
)
def test_what_could_stand_for_anything_or_for_the_opposite_is_not(message: str) -> None:
    assert not is_learnable(message, [HEADING])


def test_one_of_several_wordings_is_enough() -> None:
    short = "Ramuan ini digodok, besok pagi sudah sembuh"
    assert not is_learnable(short, [HEADING])
    assert is_learnable(short, [HEADING, "Ramuan daun kates penurun panas"])


def test_copies_are_not_new_but_longer_and_other_messages_are() -> None:
    assert not is_new(HEADING.upper(), ["Kabar lain yang sudah lama beredar di desa", HEADING])
    assert is_new(VILLAGE, [HEADING])
    assert is_new(f"{HEADING}. {VILLAGE}", [HEADING])
    assert is_new(HEADING, [])


def test_entries_learn_each_wording_once_and_no_others_change() -> None:
    entries = [Entry("a", (HEADING,)), Entry("b", ("Harga solar naik besok",)), Entry("c", ("Judul lain",))]
    messages = {"a": [VILLAGE, VILLAGE.upper(), HEADING], "b": ["Tidak benar harga solar naik besok"]}
    assert taught(entries, messages) == [Entry("a", (HEADING, VILLAGE))]
