from __future__ import annotations

import json
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text import canonical_url, clean, normalise, numbers, urls, words

_ANY_TEXT = st.text(st.characters(), max_size=200)  # lone surrogates included
_CHAT = st.text("aAbi 20.,:/-*_~!?\n\u200d\u0301😀éŞ", max_size=80)


@given(st.one_of(_ANY_TEXT, _CHAT))
@settings(max_examples=400, deadline=None)
def test_clean_is_idempotent_and_storable(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "\0" not in once
    once.encode("utf-8")


@given(st.one_of(_ANY_TEXT, _CHAT))
@settings(max_examples=400, deadline=None)
def test_normalise_is_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(
    st.lists(
        st.sampled_from(
            [
                "https://",
                "www.",
                "m.",
                "a.co",
                "/amp",
                "/",
                "?",
                "&",
                "utm_x=1",
                "b=É",
                "#",
                ".",
                ":80",
                "%c3",
                "@",
                "B",
                "[",
                "]",
                "*",
                " ",
            ]
        ),
        max_size=12,
    )
)
@settings(max_examples=600, deadline=None)
def test_links_are_their_own_canonical_form(pieces: list[str]) -> None:
    text = "".join(pieces)
    if (canonical := canonical_url(text)) is not None:
        assert canonical_url(canonical) == canonical
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000, "a." * 5000, "a-" * 5000, "1.000" * 2000, "*a" * 5000, "http://" * 1400,
        "\u0301" * 10_000,
        "\u200d😀" * 5000, "www." * 2500, "2 juta juta " * 800, "x" + "aa2an " * 1600, "sebarkan " * 1100,
        "." * 10_000, "\ufdfa" * 10_000, "https://a.co/" + "/amp" * 2500, "\ud800" * 10_000, "😀" * 10_000,
        "\U0001d165" * 10_000,
    ],
    ids=range(18),
)  # fmt: skip
@pytest.mark.timeout(20)
def test_hostile_texts_of_full_length_pass(text: str) -> None:
    # Quadratic behaviour would take minutes on these; the test's own timeout is the check.
    for piece in (text, text * 4):
        assert normalise(normalise(piece)) == normalise(piece)


def test_clean_removes_what_nobody_sees() -> None:
    assert (
        clean("AWAS\u202e\u200b sem\ufefferu\x00\x07 meletus\r\nmalam ini\u2028ya")
        == "AWAS semeru meletus\nmalam ini\nya"
    )


def test_clean_joins_surrogate_pairs_and_replaces_lone_ones() -> None:
    assert clean("a\ud83d\ude00b\ud800c") == "a😀b\ufffdc"


def test_clean_keeps_joiners_only_between_pictographs() -> None:
    family = "👩\u200d👧"
    assert clean(f"{family} ba\u200dnjir") == f"{family} banjir"


def test_clean_composes_accents() -> None:
    assert clean("Ka\u0302") == "Kâ"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("*AWAS!!!* Lahar _sudah_ ~dekat~", "awas lahar sudah dekat"),
        ("Forwarded\nCopas dari grup sebelah:\nJembatan putus. Sebarkan ke semua grup ya!", "jembatan putus"),
        ("Diteruskan berkali-kali: jembatan putus", "jembatan putus"),
        ("Sebarkan!", "sebarkan"),
        ("Polisi menangkap orang yang sebarkan video itu", "polisi menangkap orang yang sebarkan video itu"),
        ("Gunuuuung melet\u200bussss", "gunung meletus"),
        ("Perang Dunia III", "perang dunia iii"),
        ("Lowongan PPPK dari PPP", "lowongan pppk dari ppp"),
        ("org2 yg ngungsi", "orang orang yang mengungsi"),
        ("COVID-19, Covid 19, covid19", "covid covid covid"),
        ("COVID -19, covid – 19", "covid covid"),
        ("lihat HTTPS://www.Contoh.ID/Berita/?utm_source=wa#x .", "lihat https://contoh.id/berita"),
        ("ＢＡＮＪＩＲ", "banjir"),
        ("😀😀", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_numbers_of_one_amount_are_equal() -> None:
    assert numbers("Rp2.000.000 atau 2 juta atau 2jt atau 2.000.000,00") == ("2000000",) * 4
    assert numbers("1,5 juta; 500rb; pukul 19:30; tujuh hari") == ("1500000", "500000", "19.30", "7")
    assert numbers("orang2 dan hati2") == ()


def test_words_leave_links_out() -> None:
    assert words("Daftar di bit.ly/abc sekarang") == ("daftar", "di", "sekarang")


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://www.Contoh.ID:80/a/?utm_medium=x&fbclid=1#atas", "https://contoh.id/a"),
        ("https://m.contoh.id/a/amp/", "https://contoh.id/a"),
        ("https://contoh.id/a?b=2&a=1", "https://contoh.id/a?a=1&b=2"),
        ("contoh.id/a", "https://contoh.id/a"),
        ("https://bank.co.id@jahat.xyz/x", "https://jahat.xyz/x"),
        ("http://127.0.0.1:8080/x", "https://127.0.0.1:8080/x"),
        ("http://[::1]/x", "https://[::1]/x"),
        ("https://m.me/desa", "https://m.me/desa"),
        ("https://contoh-é.id", "https://xn--contoh--hya.id"),
        ("javascript:alert(1)", None),
        ("mailto:a@contoh.id", None),
        ("ftp://contoh.id/x", None),
        ("https://contoh.id:99999/", None),
        ("https://" + "a" * 300 + ".id", None),
        ("https://[::", None),
        ("bukan tautan", None),
        ("", None),
    ],
)
def test_canonical_url(url: str, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


def test_urls_of_a_text_come_once_and_without_the_sentence_around_them() -> None:
    text = "Cek (https://contoh.id/a), bit.ly/Xy! dan http://www.contoh.id/a/. Surat ke saya@contoh.id"
    assert urls(text) == ("https://contoh.id/a", "https://bit.ly/Xy")


def test_spelling_table_maps_to_words_that_it_does_not_map_again() -> None:
    slang = json.loads(resources.files("models").joinpath("data/spelling.json").read_text("utf-8"))["slang"]
    shorts = [short for value in slang.values() for short in value.split()]
    assert len(shorts) == len(set(shorts))
    assert not set(shorts) & {word for key in slang for word in key.split()}
