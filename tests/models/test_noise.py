"""Kinds of noise: the same for the same seed, links whole, something changed, and what is undone of them."""

from __future__ import annotations

import json
from importlib.resources import files
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import lexicon, noise
from models.encoders import Encoder
from models.matching import Matcher
from models.text import normalise, urls
from models.types import Entry

_KIND = pytest.mark.parametrize("kind", noise.KINDS)
# Has something that each kind changes: words of the tables, a pair, places, affixes, an amount, a stop.
_MESSAGE = (
    "Kabar penting: orang-orang yang tidak punya rumah di desa akan dapat bantuan 500.000 besok malam. "
    "Jangan lupa, daftarkan namanya di kantor kecamatan atau https://contoh.id/Daftar?a=1 sekarang!"
)
_ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=120),  # lone surrogates included
    st.lists(
        st.sampled_from(
            [*"aB i2.,/-*\n\u200d\u0301😀é", "bit.ly/Xy", "https://a.id/b?c=1", "\x85", "(", "500.000"]
        ),
        max_size=25,
    ).map("".join),
)


@_KIND
def test_a_seed_decides_what_becomes_of_a_message(kind: str) -> None:
    change = noise.KINDS[kind]
    assert change(_MESSAGE, Random(1)) == change(_MESSAGE, Random(1))
    found = [change(_MESSAGE, Random(seed)) for seed in range(20)]
    # Chance may leave a short message as it was, but rarely.
    assert sum(text != _MESSAGE for text in found) >= 15
    if kind not in ("capitals", "dictated", "reduplicated"):
        assert len(set(found)) > 1


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("leet", "W4r94 d354 diminta m3n9un951 m4l4m ini karena banjir bandang d474n9"),
        ("madurese_mixed", "Warga dhisa diminta ngongse malam reya polana banjer bandang datang"),
        ("capitals", "WARGA DESA DIMINTA MENGUNGSI MALAM INI KARENA BANJIR BANDANG DATANG"),
    ],
)
def test_a_kind_gives_the_same_text_on_every_machine(kind: str, changed: str) -> None:
    message = "Warga desa diminta mengungsi malam ini karena banjir bandang datang"
    assert noise.KINDS[kind](message, Random(4)) == changed


@_KIND
@given(text=_ANY_TEXT, seed=st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_changed_and_keeps_its_links(kind: str, text: str, seed: int) -> None:
    changed = noise.KINDS[kind](text, Random(seed))
    assert set(urls(text)) <= set(urls(changed))


@pytest.mark.parametrize(
    "kind", ["capitals", "dictated", "emoji", "invisible", "lookalikes", "unspaced", "reduplicated", "glued"]
)
def test_what_only_looks_different_has_the_same_normal_form(kind: str) -> None:
    plain = normalise(_MESSAGE)
    for seed in range(30):
        assert normalise(noise.KINDS[kind](_MESSAGE, Random(seed))) == plain


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("abbreviated", 0.97), ("leet", 0.97), ("spelt_out", 0.97), ("stretched", 0.97), ("split", 0.97),
        ("amounts", 0.97), ("forwarded", 0.97), ("without_vowels", 0.85), ("mistyped", 0.78),
        ("misread", 0.93), ("javanese_spelling", 0.93), ("javanese_mixed", 0.75), ("madurese_mixed", 0.75),
        ("everything", 0.85),
    ],
)  # fmt: skip
def test_most_words_are_found_again(kind: str, least: float) -> None:
    wanted = set(normalise(_MESSAGE).split())
    found = [
        wanted & set(normalise(noise.KINDS[kind](_MESSAGE, Random(seed))).split()) for seed in range(100)
    ]
    assert sum(map(len, found)) / len(found) / len(wanted) >= least


def test_dialects_say_single_words_in_another_way() -> None:
    for table in lexicon.dialects().values():
        assert len(table) > 200
        for word, said in table.items():
            assert word.isalpha()
            assert said
            assert len(set(said)) == len(said)
            assert all(form.replace("'", "").isalpha() and form != word for form in said)
            assert normalise(word) == word


def _starter() -> list[dict[str, str]]:
    lines = files("triage").joinpath("archive/starter.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.fixture(scope="module")
def headings(encoder: Encoder) -> Matcher:
    """Our own archive by its headings alone, so that a message must be recognised in other words."""
    matcher = Matcher(encoder)
    entries = [Entry(row["target_id"], (row["title"],)) for row in _starter()]
    matcher.index.update(entries, matcher.encode_entries(entries))
    return matcher


@pytest.mark.slow
@_KIND
def test_messages_of_every_kind_find_their_entry_first(kind: str, headings: Matcher) -> None:
    # As they are, 66 of 78 do.
    rows = _starter()[::3]
    change = noise.KINDS[kind]
    found = headings.match([change(row["claim"], Random(f"{kind} {row['target_id']}")) for row in rows])
    first = [result.matches[0].target_id == row["target_id"] for result, row in zip(found, rows, strict=True)]
    assert sum(first) >= 60
