from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from models.lexical import Channel, Postings, Weights, rarities_of_words
from models.terms import Kind, occurrences
from models.types import Wording

TEXTS = (
    "gunung semeru akan meletus malam ini warga diminta mengungsi",
    "bantuan sosial 600000 cair hari ini daftar lewat https://bansos.example/daftar",
    "bantuan sosial bantuan sosial bantuan sosial untuk semua warga",
    "air rebusan daun pepaya menyembuhkan demam berdarah",
    "",
    "demam berdarah meningkat warga diminta waspada",
)
QUERY = "warga warga diminta daftar bantuan sosial karena demam"
# The weight of a term that occurs more than once is kept in steps of 1/32.
STEP = 5e-3


def _channel(kind: Kind, texts: tuple[str, ...] = TEXTS, told: frozenset[int] = frozenset()) -> Channel:
    wordings = tuple(Wording(str(row), text, text, told=row in told) for row, text in enumerate(texts))
    postings = Postings.of(kind, texts)
    weights = Weights.learned([postings], [np.array([not each.told for each in wordings])])
    words = rarities_of_words(weights, texts)
    return Channel(kind, weights, words, ((postings.weighed(weights), None),), wordings)


def _sklearn(kind: Kind) -> TfidfVectorizer:
    if kind == "word":
        return TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), lowercase=False, sublinear_tf=True)


@pytest.mark.parametrize("kind", ["word", "char"])
def test_scores_and_likeness_are_the_cosines_of_scikit_learn(kind: Kind) -> None:
    theirs = _sklearn(kind)
    rows = theirs.fit_transform(TEXTS)
    ours = _channel(kind)
    query = ours.terms(QUERY)
    expected = (rows @ theirs.transform([QUERY]).T).toarray()[:, 0]
    np.testing.assert_allclose(ours.scores(query), expected, atol=STEP)
    assert expected.max() > 0.3
    every = np.arange(len(TEXTS))
    np.testing.assert_allclose(ours.likeness(every), (rows @ rows.T).toarray(), atol=STEP)


@pytest.mark.parametrize("kind", ["word", "char"])
def test_coverage_is_the_share_of_a_text_that_the_query_has(kind: Kind) -> None:
    channel = _channel(kind)
    part = channel.terms("demam berdarah")
    covered = channel.coverage(part, np.array([3, 4, 5]))
    assert 0 < covered[0] < 1
    assert covered[1] == 0
    whole = channel.terms(f"{TEXTS[3]} dan lain lain")
    np.testing.assert_allclose(channel.coverage(whole, np.array([3])), [1.0], atol=1e-5)


def test_terms_that_no_text_has_leave_a_query_as_it_is() -> None:
    channel = _channel("word")
    plain, longer = channel.terms("demam berdarah"), channel.terms("demam berdarah xyzzy")
    np.testing.assert_array_equal(channel.scores(plain), channel.scores(longer))
    none = channel.terms("xyzzy")
    assert channel.scores(none).tolist() == [0.0] * len(TEXTS)


def test_weights_are_learned_from_claims_alone() -> None:
    channel = _channel("word", told=frozenset({3}))
    query = channel.terms("pepaya demam")
    assert query.terms.size == 1, "only the explanation has pepaya"
    assert channel.rarity("warga") < channel.rarity("demam") == channel.rarity("gunung")


def test_rarity_goes_from_common_to_unknown() -> None:
    channel = _channel("word", ("air surut", "air pasang", "air hujan", "air hujan"))
    assert channel.rarity("air") == 0.0
    assert 0.0 < channel.rarity("hujan") < channel.rarity("surut") == channel.rarity("belum ada") == 1.0


def test_new_terms_count_as_much_as_the_rarest() -> None:
    weights = _channel("word").weights
    new = np.sort(occurrences("word", ["kata", "baru", "warga"]).terms)
    extended = weights.knowing(new)
    assert extended.terms.size == weights.terms.size + 2
    assert (np.diff(extended.terms.astype(object)) > 0).all()
    np.testing.assert_array_equal(extended.of(weights.terms), weights.rarities)
    assert sorted(extended.of(new))[1:] == [weights.rarities.max()] * 2


@pytest.mark.parametrize("kind", ["word", "char"])
def test_joined_parts_score_as_one(kind: Kind) -> None:
    channel = _channel(kind)
    query = channel.terms(QUERY)
    parts = [Postings.of(kind, TEXTS[at : at + 2]).weighed(channel.weights) for at in (0, 2, 4)]
    np.testing.assert_array_equal(Postings.joined(parts).scores(query), channel.scores(query))
    some = np.array([1, 3, 5])
    picked = Postings.joined(parts).only(some)
    np.testing.assert_array_equal(picked.scores(query), channel.scores(query)[some])
    assert (np.diff(picked.counts.indptr) > 0).all()


def _words_of(text: str) -> NDArray[np.uint64]:
    return occurrences("word", [text]).terms


@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=30))
def test_any_texts_can_be_compared(texts: list[str], query: str) -> None:
    for kind in ("word", "char"):
        rows, terms = occurrences(kind, texts)
        assert rows.size == terms.size
        assert (np.diff(rows) >= 0).all()
        if texts and terms.size:
            channel = _channel(kind, tuple(texts))
            asked = channel.terms(query)
            scores = channel.scores(asked)
            assert scores.shape == (len(texts),)
            assert ((scores >= 0) & (scores < 1 + STEP)).all()


@given(st.lists(st.from_regex(r"[a-zé0-9.:/]{1,12}", fullmatch=True), min_size=1, max_size=8))
def test_terms_of_words_are_those_of_each_word_alone(words: list[str]) -> None:
    together = _words_of(" ".join(words))
    assert together.tolist() == [_words_of(word)[0] for word in words]


def test_letter_groups_stay_within_words() -> None:
    assert occurrences("char", ["ab cde"]).terms.size == 3  # _ab_, _cde, cde_
    assert set(occurrences("char", ["cde"]).terms) < set(occurrences("char", ["ab cde"]).terms)
    rows, _ = occurrences("char", ["", "ab", "a", "abc"])
    assert rows.tolist() == [1, 3, 3]
