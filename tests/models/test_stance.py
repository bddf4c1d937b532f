from __future__ import annotations

import json
from importlib import resources

import pytest

from models import stance
from models.text import normalise


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("HOAX! Jangan dipercaya, jalan itu tidak ditutup", "hoaks"),
        ("Polisi tangkap penyebar hoaks penculikan anak", "hoaks"),
        ("Kabar jembatan putus itu tdk benar", "tidak benar"),
        ("Klarifikasi dari kepala desa soal bantuan", "klarifikasi"),
        ("Cek fakta: benarkah sumur itu beracun?", "cek fakta"),
        ("Camat membantah pasar akan ditutup", "membantah"),
        ("Kuwi ora bener, ojo percoyo", "ora benar"),
    ],
)
def test_denials_are_seen(text: str, phrase: str) -> None:
    assert phrase in stance.denials(text)


@pytest.mark.parametrize(
    "text",
    [
        "Apakah ini hoaks?",
        "ini hoax bukan ya min?",
        "Benarkah kabar bohong itu dari desa kita",
        "Semeru akan meletus malam ini",
        "Jangan minum air itu, tidak bersih",
        "",
    ],
)
def test_claims_and_questions_deny_nothing(text: str) -> None:
    assert stance.denials(text) == ()


def test_a_question_does_not_hide_the_answer_after_it() -> None:
    assert stance.denials("Benarkah sumur itu beracun? Kabar itu tidak benar.") == ("tidak benar",)


@pytest.mark.parametrize(
    ("first", "second", "word"),
    [
        ("semeru akan meletus malam ini", "semeru tidak akan meletus malam ini", "meletus"),
        ("sekolah ditutup besok", "besok sekolah bukan ditutup", "ditutup"),
        ("sekolah ditutup besok", "sekolah ditutup besok", None),
        ("jangan minum air sumur", "minum air sumur berbahaya", None),
        ("tidak ada vaksin aman", "tidak ada vaksin aman", None),
    ],
)
def test_a_word_negated_in_one_text_only(first: str, second: str, word: str | None) -> None:
    assert stance.negated_in_one(first, second) == word
    assert stance.negated_in_one(second, first) == word


@pytest.mark.parametrize(
    ("message", "entry", "differ"),
    [
        ("tarif bri naik", "tarif bca naik", True),
        ("gempa di jember dan lumajang", "gempa di lumajang", False),
        ("gempa di jember", "gempa di lumajang", True),
        ("gempa besar", "gempa di lumajang", False),
        ("warga surabaya kena tipu bca", "nasabah bca kena tipu", False),
        ("semarang banjir", "jawa tengah banjir", True),
    ],
)
def test_names_of_one_kind_exclude_each_other(message: str, entry: str, differ: bool) -> None:
    assert (stance.names_differ(stance.names(message), stance.names(entry)) is not None) is differ


def test_known_names_are_in_normal_form() -> None:
    pattern, kinds = stance._names()
    assert [name for name in kinds if normalise(name) != name] == []
    assert all(pattern.fullmatch(name) for name in kinds)


def test_denying_phrases_are_in_normal_form() -> None:
    table = json.loads(resources.files("models").joinpath("data/stance.json").read_text("utf-8"))
    assert [phrase for phrase in table["denials"] if normalise(phrase) != phrase] == []
    for key in ("negations", "asking", "days"):
        assert [word for word in table[key].split() if normalise(word) != word] == []
