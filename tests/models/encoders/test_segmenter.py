"""The segmenter beside the `tokenizers` library: the same ids for every text, known deviations apart."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from models.encoders.api import EncoderDamaged
from models.encoders.onnx_encoder import VOCABULARY
from models.encoders.q4file import Q4File, parse_q4
from models.encoders.segmenter import Segmenter, write_vocabulary
from models.encoders.unigram import build_tokenizer
from tests.tiny_q4 import PIECES, TinyQ4

NO_LIMIT = 1_000_000
TEXTS = [
    "",
    " ",
    "   ",
    "\n",
    "\t\r\n ",
    "\0",
    "\0\0air\0laut\0",
    "Air laut di Pasuruan surut tiba-tiba, benarkah akan terjadi tsunami?",
    "  dua  spasi   di mana-mana  ",
    "TOLONG SEBARKAN!!! Bantuan Rp600.000 cair, klik https://contoh.id/?a=1&b=2 sekarang juga",
    "Sampun kathah warga dhusun ingkang nampi undhangan palsu saking nomer mboten dikenal.",
    "ꦱꦒꦸꦁꦲꦸꦩꦠꦶꦏꦸꦢꦸꦲꦶꦁꦢꦺꦴꦮꦺꦏꦶꦏꦼꦩꦂꦢꦶꦏꦤ꧀",
    "Oreng Madhura: sapa se ngoca' ja' gempa nèka bhender?",
    "😀😃 awas ⚠️ 👨‍👩‍👧‍👦 👍🏽 🇮🇩🇮🇩",
    "地震が来る前に逃げてください。津波警報",
    "전 국민 재난지원금 신청하세요",
    "هل هذا الخبر صحيح؟ أرجو التحقق",
    "Проверьте эту новость, пожалуйста",
    "ข่าวปลอม กรุณาตรวจสอบ",
    "campur 地震 dan خبر juga Привет 👍 ok",
    "e\u0301 \u00e9 ﬁlm Ⅷ ½ ① ＡＢＣ ｶﾀｶﾅ",
    "a\u200bb\u200cc\u00add\u2028e\u2029f\u00a0g\u3000h",
    "\u2581awal \u2581 \u2581\u2581 tengah\u2581akhir",
    "<s> </s> <pad> <unk> <unk><unk> <mask>",
    "\U000f0000\U000f0001\U0010ffff",
    "air\U000f0000\U000f0001laut \U000f0000 \U000f0000",
    "x" * 10_000,
    "panjang " * 1_250,
    "😀" * 10_000,
    "keterlaluan" * 900,
    "ab" * 20 + " " + "ba" * 21,
]
_SCRIPTS = st.text(
    "aeinkgdAEK  \t\n.,!?0189-'\u2581éñÅ\u00df😀👍中文字地あカ한글عرخПриветไทย\ua9a4ﬁⅧ１Ａ\u00ad\u200b",
    max_size=60,
)
_ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def segmenter(built: Path) -> Segmenter:
    return Segmenter(built / "int8" / VOCABULARY)


@pytest.fixture(scope="module")
def library(weights: Q4File) -> Tokenizer:
    return build_tokenizer(weights)


def _extends(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf", "Lm", "Sk"} or character in "\u0e33\u0eb3"
    )


def _drops(text: str, weights: Q4File) -> bool:
    """Whether the library drops a mark of `text`, as `build_tokenizer` says that it does."""
    after = pairwise(text)
    return any(ord(first) in weights.normalisation and _extends(second) for first, second in after)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:16]))
def test_ids_are_those_of_the_library(text: str, segmenter: Segmenter, library: Tokenizer) -> None:
    for each in (text, f"query: {text}", f"passage: {text}"):
        assert segmenter.ids(each, NO_LIMIT) == library.encode(each).ids


@given(st.one_of(_ANY, _SCRIPTS))
@settings(max_examples=1500, deadline=None)
def test_ids_of_any_text_are_those_of_the_library(
    segmenter: Segmenter, library: Tokenizer, weights: Q4File, text: str
) -> None:
    assume(not _drops(text, weights))
    assert segmenter.ids(text, NO_LIMIT) == library.encode(text).ids


def test_a_mark_after_a_replaced_character_is_kept_where_the_library_drops_it(
    segmenter: Segmenter, library: Tokenizer, weights: Q4File
) -> None:
    text = "ﬁ\u0301"
    assert _drops(text, weights)
    assert library.encode(text).ids == library.encode("fi").ids
    assert (
        segmenter.ids(text, NO_LIMIT) == segmenter.ids("fi\u0301", NO_LIMIT) != segmenter.ids("fi", NO_LIMIT)
    )


@given(st.text(max_size=300), st.integers(2, 40))
@settings(max_examples=300, deadline=None)
def test_the_limit_holds_and_both_end_marks_stay(
    segmenter: Segmenter, weights: Q4File, text: str, limit: int
) -> None:
    whole = segmenter.ids(text, NO_LIMIT)
    cut = segmenter.ids(text, limit)
    assert len(cut) == min(len(whole), limit)
    assert cut[:-1] == whole[: len(cut) - 1]
    for ids in (whole, cut):
        assert ids[0] == weights.vocabulary.begin
        assert ids[-1] == weights.vocabulary.end


def test_a_lone_surrogate_is_an_unknown_character(segmenter: Segmenter, weights: Q4File) -> None:
    unknown = weights.vocabulary.unknown
    assert segmenter.ids("air \ud83d laut", NO_LIMIT).count(unknown) == 1
    assert segmenter.ids("\ud83d\ude00\udfff", NO_LIMIT).count(unknown) == 1


@pytest.fixture
def tiny(tmp_path: Path) -> Segmenter:
    write_vocabulary(parse_q4(TinyQ4().pack(), "tiny"), tmp_path / VOCABULARY)
    return Segmenter(tmp_path / VOCABULARY)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        # ▁air scores -3, against ▁, a, i and r with -17.25 together.
        ("air", ["\u2581air"]),
        ("air laut", ["\u2581air", "\u2581laut"]),
        ("laua", ["\u2581", "l", "a", "u", "a"]),
        ("lauts", ["\u2581laut", "s"]),
        # Replacements: Ａ becomes a, the ligature ai, the soft hyphen nothing.
        ("\uff21ir", ["\u2581air"]),
        ("\ufb01r", ["\u2581air"]),
        ("la\u00adut", ["\u2581laut"]),
        # What no piece covers becomes one unknown token for each run.
        ("air!!", ["\u2581air", "<unk>"]),
        ("?!air", ["\u2581", "<unk>", "a", "i", "r"]),
        ("a?!i", ["\u2581", "a", "<unk>", "i"]),
        ("\u00ad", []),
        ("", []),
        (" ", ["\u2581"]),
        ("air ", ["\u2581air", "\u2581"]),
        ("air\0laut", ["\u2581air", "\u2581laut"]),
    ],
)
def test_the_likeliest_pieces_worked_out_by_hand(tiny: Segmenter, text: str, pieces: list[str]) -> None:
    assert [PIECES[number] for number in tiny.ids(text, NO_LIMIT)] == ["<s>", *pieces, "</s>"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: [],
        lambda content: {name: value for name, value in content.items() if name != "scores"},
        lambda content: content | {"pieces": 3},
        lambda content: content | {"scores": ["tinggi"]},
        lambda content: content | {"normalisation": []},
        lambda content: content | {"normalisation": {"zz": "a"}},
        lambda content: content | {"begin": None},
        lambda content: content | {"pieces": [], "scores": []},
        lambda content: content | {"scores": content["scores"][:-1]},
        lambda content: content | {"pieces": [[], *content["pieces"][1:]]},
    ],
)
def test_another_file_is_refused_as_damaged(tmp_path: Path, damage: Callable[[Any], object]) -> None:
    path = tmp_path / VOCABULARY
    write_vocabulary(parse_q4(TinyQ4().pack(), "tiny"), path)
    path.write_text(json.dumps(damage(json.loads(path.read_text("utf-8")))), "utf-8")
    with pytest.raises(EncoderDamaged, match=VOCABULARY):
        Segmenter(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"null"])
def test_a_file_that_is_no_json_is_refused_as_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / VOCABULARY
    path.write_bytes(content)
    with pytest.raises(EncoderDamaged, match=VOCABULARY):
        Segmenter(path)


def test_no_file_is_refused_as_damaged(tmp_path: Path) -> None:
    with pytest.raises(EncoderDamaged, match=VOCABULARY):
        Segmenter(tmp_path / VOCABULARY)
