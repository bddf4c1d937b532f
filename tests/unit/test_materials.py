"""Texts for passing on: the verdict before the claim, within their lengths, spoken as people speak."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.test_cards import CODES, OFFICE, TEXTS, URL, entry
from triage.archive.entries import CurrentFactCheck
from triage.gist import first_of, gist, sentences
from triage.materials.javanese import glossed, word_list
from triage.materials.phrases import Language, phrases
from triage.materials.script import LEAST_WORDS, MOST_WORDS, script, seconds, words_in
from triage.materials.speaking import abbreviations, spoken
from triage.materials.whatsapp import MAX_CHARACTERS, whatsapp

FULL = {
    "claim": "Info valid dari orang dalam, nanti malam jam 11 Semeru pasti meletus, sebarkan ke semua",
    "explanation": "Letusan gunung api tidak dapat dipastikan sampai ke jamnya. Petugas selalu memantau.",
    "what_to_do": "Ikuti pengumuman petugas. Jangan teruskan pesannya.",
    "ask": "BPBD Kabupaten Lumajang",
    "evidence": ({"label": "Pos pantau Semeru", "url": ""},),
}


def full(verdict: str = "hoaks", **fields: object) -> CurrentFactCheck:
    return entry("", verdict, **(FULL | fields))


def test_a_message_says_verdict_claim_truth_what_to_do_source_and_address() -> None:
    assert whatsapp(gist(full()), OFFICE, URL, "id") == (
        "✕ *HOAKS*: isinya tidak benar\n\n"
        "Kabarnya: _“Info valid dari orang dalam, nanti malam jam 11 Semeru pasti meletus, sebarkan ke "
        "semua”_\n\n"
        "*Yang sebenarnya:* Letusan gunung api tidak dapat dipastikan sampai ke jamnya. Petugas selalu "
        "memantau.\n\n"
        "*Yang sebaiknya dilakukan:* Ikuti pengumuman petugas. Jangan teruskan pesannya.\n\n"
        f"Sumber: Pos pantau Semeru\nDiperiksa {OFFICE}, 5 November 2026\n{URL}"
    )


@pytest.mark.parametrize("language", ["id", "jv"])
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_message_is_bounded_and_begins_with_the_verdict(text: str, code: str, language: Language) -> None:
    made = whatsapp(gist(entry(text, code, what_to_do=text, publisher=text)), OFFICE, URL, language)
    assert made.startswith(
        f"{gist(entry(verdict=code)).sign} *{phrases(language).verdicts[code].word.upper()}*: "
    )
    assert made.endswith(URL)
    assert len(made) <= MAX_CHARACTERS
    # Only our own marks: nothing of the texts turns bold or struck.
    assert made.count("_") == (2 if "Kabar" in made else 0) or "_" not in text
    assert made.count("*") % 2 == 0


def test_what_is_true_is_explained_not_set_right() -> None:
    made = whatsapp(gist(full("benar")), OFFICE, URL, "id")
    assert "*Penjelasan:*" in made
    assert "sebenarnya" not in made


def test_markup_of_others_is_taken_out() -> None:
    made = whatsapp(gist(full(claim="*awas* _ini_ ~itu~ `kode`")), OFFICE, URL, "id")
    assert "_“awas ini itu kode”_" in made


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_script_takes_half_a_minute(text: str, code: str) -> None:
    for made in (
        script(gist(entry(text, code, what_to_do=text, ask=text)), "id"),
        script(gist(full(code)), "id"),
    ):
        assert LEAST_WORDS <= words_in(made) <= MOST_WORDS
        assert 25 <= seconds(made) <= 33


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=500), st.text(max_size=500), st.sampled_from(CODES))
def test_any_script_does_and_says_the_verdict_before_the_claim(claim: str, told: str, code: str) -> None:
    said = gist(entry(told, code, claim=claim, what_to_do=told, ask=claim))
    made = script(said, "id")
    assert LEAST_WORDS <= words_in(made) <= MOST_WORDS
    verdict = phrases("id").verdicts[code].sentence
    assert made.startswith(f"Bapak, Ibu, dan Saudara sekalian. {verdict}")
    assert "\n" not in made


def test_a_script_is_spoken_from_greeting_to_whom_to_ask() -> None:
    assert script(gist(full()), "id") == (
        "Bapak, Ibu, dan Saudara sekalian. Ada kabar yang sudah diperiksa dan ternyata hoaks, artinya tidak "
        "benar. Kabar itu mengatakan: Info valid dari orang dalam, nanti malam jam sebelas Semeru pasti "
        "meletus, dan seterusnya. Yang sebenarnya: Letusan gunung api tidak dapat dipastikan sampai ke "
        "jamnya. Petugas selalu memantau. Ikuti pengumuman petugas. Jangan teruskan pesannya. Bila ragu, "
        "tanyakan kepada Badan Penanggulangan Bencana Daerah Kabupaten Lumajang."
    )


def test_a_sentence_too_long_to_be_heard_is_left_to_the_page() -> None:
    made = script(gist(full(explanation=TEXTS["long"])), "id")
    assert "Yang sebenarnya" not in made
    assert "Penjelasan lengkapnya ada di halaman Penjaga." in made


def test_nobody_is_told_what_to_do_without_a_way() -> None:
    made = script(gist(full(what_to_do="", ask="")), "id")
    assert "Mohon jangan meneruskan kabar itu" in made
    assert made.endswith("Bila ragu, tanyakan kepada perangkat desa atau Kelompok Informasi Masyarakat.")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("jam 19.00", "jam sembilan belas"),
        ("pukul 07.30,", "pukul tujuh lewat tiga puluh menit,"),
        ("Rp600 ribu lagi", "enam ratus ribu rupiah lagi"),
        ("Rp 1.500.000.", "satu juta lima ratus ribu rupiah."),
        ("(50%)", "(lima puluh persen)"),
        ("1" + "%" * 5_000, "satu " + "%" * 5_000),
        ("1,5 juta", "satu koma lima juta"),
        ("12/11/2026", "dua belas November dua ribu dua puluh enam"),
        ("99/99/2026", "nomor yang tertera di halaman"),
        ("ke-5 dan ke-1", "kelima dan pertama"),
        ("5-7 hari", "lima sampai tujuh hari"),
        ("hubungi 0812-3456-7890!", "hubungi nomor yang tertera di halaman!"),
        ("0812-****-7890", "nomor yang tertera di halaman"),
        ("buka https://jahat.example/x?a=1 ya", "buka tautan itu ya"),
        ("kode OTP dan KTP", "kode rahasia dan kartu tanda penduduk"),
        ("dr. Budi dll.", "dokter Budi dan lain-lain."),
        ("AWAS SEMERU MELETUS JAM 19.00", "Awas semeru meletus jam sembilan belas"),
        ("covid-19", "covid sembilan belas"),
        ("", ""),
    ],
)  # fmt: skip
def test_numbers_and_abbreviations_are_said_in_full(written: str, said: str) -> None:
    assert spoken(written) == said


@settings(deadline=None)
@given(st.text(max_size=300))
def test_nothing_written_in_figures_is_left_to_be_read(text: str) -> None:
    assert not re.search("[0-9]", spoken(text))


def test_abbreviations_that_are_not_known_are_named() -> None:
    assert abbreviations("Kata KUA dan (UMKM), bukan Kua. KUA") == ("KUA", "UMKM")


def test_javanese_keeps_what_it_does_not_know() -> None:
    assert (
        glossed("Tidak ada banjir di rumahnya, kata Semeru!")
        == "Mboten wonten banjir ing griyanipun, tembung Semeru!"
    )
    assert glossed("Air dan uang") == "Toya lan arta"
    assert glossed("") == ""


def test_the_word_list_is_of_some_hundred_words_in_small_letters() -> None:
    words = word_list()
    assert 300 <= len(words) <= 1_000
    assert all(
        word == word.casefold().strip() and told.strip() == told and told for word, told in words.items()
    )
    assert all(len(word.split()) <= 2 for word in words)


def test_the_javanese_draft_has_the_same_parts_in_javanese_sentences() -> None:
    made = script(gist(full()), "jv")
    assert made.startswith("Bapak, Ibu, saha para sedherek ingkang kinurmatan. Wonten kabar ingkang sampun")
    assert "mboten saged dipastikan" in made
    assert made.index("hoaks") < made.index("Info valid")


def test_both_languages_have_a_word_for_every_verdict() -> None:
    assert set(phrases("id").verdicts) == set(phrases("jv").verdicts) == set(CODES)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Satu. Dua! Tiga?", ("Satu.", "Dua!", "Tiga?")),
        ("Menurut dr. Budi, jam 19.00 aman. Tenang.", ("Menurut dr. Budi, jam 19.00 aman.", "Tenang.")),
        ("Rp1.000.000 saja. “Betul,” katanya.", ("Rp1.000.000 saja.", "“Betul,” katanya.")),
        ("tanpa titik", ("tanpa titik",)),
        ("baris\nbaru. Lagi", ("baris baru.", "Lagi")),
        ("", ()),
    ],
)  # fmt: skip
def test_sentences_end_where_they_end(text: str, parts: tuple[str, ...]) -> None:
    assert sentences(text) == parts


def test_the_first_sentences_that_fit_are_whole() -> None:
    assert first_of(("Satu dua.", "Tiga."), 15) == ("Satu dua. Tiga.", False)
    assert first_of(("Satu dua.", "Tiga."), 12) == ("Satu dua.", False)
    assert first_of(("Satu dua.", "Tiga."), 6) == ("Satu", True)
    assert first_of((), 6) == ("", False)
