from __future__ import annotations

import json
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import harms
from models.priority import harm_of, urgency
from models.text import normalise, words
from models.types import HARMS, Harm


def _urgency(**changed: float | str) -> float:
    values = {
        "harm": "fraud", "reporters": 4, "villages": 2, "growth_per_hour": 2.0,
        "doubt": 0.5, "age_hours": 3.0,
    } | changed  # fmt: skip
    return urgency(**values)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        ("AWAS Semeru meletus, cepat ngungsi!!", "disaster"),
        ("Wedhus gembel wis tekan desa", "disaster"),
        ("Rebusan daun ini menyembuhkan kanker tanpa dokter", "health"),
        ("Daftar bansos lewat apk ini, dana langsung masuk rekening", "fraud"),
        ("Ada penculik, anak diculik lalu jual organ", "communal"),
        ("Surat suara sudah dicoblos sebelum pemilu", "election"),
        ("Besok ada pertandingan voli di balai desa", "other"),
        ("", "other"),
    ],
)
def test_harm_follows_the_words(text: str, harm: Harm) -> None:
    assert harm_of(text)[0] == harm


def test_harm_names_the_words_that_decided() -> None:
    _, (reason,) = harm_of("Gempa dan tsunami, kata vaksin")
    assert reason.code == "harm_disaster"
    assert reason.values == {"words": "gempa, tsunami"}


def test_a_repeated_word_counts_once() -> None:
    assert harm_of("bank bri bri bri bri: gempa dan tsunami")[0] == "disaster"


def test_words_of_harm_are_in_normal_form_and_in_one_list_only() -> None:
    table = json.loads(resources.files("models").joinpath("data/harm_words.json").read_text("utf-8"))
    phrases = [phrase for harm in HARMS if harm != "other" for phrase in table[harm]]
    assert [phrase for phrase in phrases if normalise(phrase) != phrase] == []
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("reporters", 1, 9), ("villages", 1, 6), ("growth_per_hour", 0.5, 20.0), ("doubt", 0.1, 0.9),
        ("age_hours", 0.0, 12.0), ("harm", "other", "disaster"),
    ],
)  # fmt: skip
def test_each_cause_raises_urgency(name: str, less: float | str, more: float | str) -> None:
    assert _urgency(**{name: less}) < _urgency(**{name: more})


@given(
    st.sampled_from(HARMS), st.integers(0, 10**6), st.integers(0, 205), st.floats(0, 1e6), st.floats(0, 1),
    st.floats(0, 1e5),
)  # fmt: skip
def test_urgency_stays_between_zero_and_one(
    harm: Harm, reporters: int, villages: int, growth: float, doubt: float, age: float
) -> None:
    score, _ = urgency(
        harm=harm, reporters=reporters, villages=villages, growth_per_hour=growth, doubt=doubt, age_hours=age
    )
    assert 0.0 < score <= 1.0


def test_reasons_of_urgency_are_the_causes_that_count() -> None:
    _, reasons = urgency(
        harm="disaster", reporters=40, villages=1, growth_per_hour=1.0, doubt=1.0, age_hours=30.0
    )
    assert {reason.code for reason in reasons} == {
        "about_disaster",
        "many_reporters",
        "unknown_claim",
        "waiting",
    }
    _, none = urgency(harm="other", reporters=1, villages=0, growth_per_hour=0.0, doubt=0.1, age_hours=0.0)
    assert none == ()


@pytest.mark.parametrize(
    ("message", "harm"),
    [
        ("Vaksin campak membuat anak lumpuh, jangan mau disuntik di posyandu", "health"),
        ("Awas, bank BRI menaikkan tarif transfer, segera konfirmasi lewat tautan ini", "fraud"),
        ("KPU ketahuan menyiapkan surat suara yang sudah dicoblos untuk pemilu", "election"),
        ("Gempa besar dan tsunami akan melanda pantai selatan malam ini", "disaster"),
    ],
)
def test_the_words_that_are_shown_are_those_that_decided(message: str, harm: Harm) -> None:
    model, said = harms.fitted(), words(message)
    found = harms.likeliest(said, 0.5)
    shown = harms.telling(said, found)
    assert found == harm
    for word in shown[:3]:
        without = [each for each in said if each != word]
        assert model.probabilities(without)[harm] < model.probabilities(said)[harm]


def test_what_was_learned_holds_no_text() -> None:
    stored = json.loads(resources.files("models").joinpath("data/harms.json").read_text("utf-8"))
    assert set(stored) == {"about", "data", "date", "figures", "intercepts", "scale", "weights"}


@given(st.lists(st.text(min_size=1), max_size=60))
def test_any_words_have_probabilities_that_sum_to_one(said: list[str]) -> None:
    assert sum(harms.fitted().probabilities(said).values()) == pytest.approx(1.0)
