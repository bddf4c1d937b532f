from __future__ import annotations

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders import Encoder
from models.index import MatchIndex, Snapshot
from models.query import Query
from models.types import Entry


def _filled(encoder: Encoder, **texts: tuple[str, ...]) -> MatchIndex:
    index = MatchIndex(encoder.dimension)
    _update(index, encoder, **texts)
    return index


def _update(index: MatchIndex, encoder: Encoder, **texts: tuple[str, ...]) -> None:
    entries = [Entry(name, wordings) for name, wordings in texts.items()]
    index.update(entries, encoder.encode([text for each in entries for text in each.texts], "passage"))


def _snapshot(index: MatchIndex) -> Snapshot:
    snapshot = index.snapshot()
    assert snapshot is not None
    return snapshot


def _found(snapshot: Snapshot) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for wording in snapshot.wordings:
        found.setdefault(wording.target_id, []).append(wording.text)
    return found


def _scores(snapshot: Snapshot, encoder: Encoder, text: str) -> tuple[NDArray[np.float32], ...]:
    scores = snapshot.scores(Query.of(text), encoder.encode([text], "query"))
    return scores.dense, scores.word, scores.char


def test_an_empty_index_has_no_snapshot(letters: Encoder) -> None:
    index = MatchIndex(letters.dimension)
    assert index.snapshot() is None
    index.update([], np.empty((0, letters.dimension), np.float32))
    assert index.snapshot() is None


def test_an_update_replaces_all_wordings_of_an_entry(letters: Encoder) -> None:
    index = _filled(letters, a=("satu ekor", "dua ekor"), b=("tiga ekor",))
    _update(index, letters, a=("empat ekor",))
    assert _found(_snapshot(index)) == {"a": ["empat ekor"], "b": ["tiga ekor"]}


def test_removed_entries_are_gone_and_unknown_ids_are_no_error(letters: Encoder) -> None:
    index = _filled(letters, a=("satu ekor",), b=("tiga ekor",))
    index.remove(["a", "tidak ada"])
    assert _found(_snapshot(index)) == {"b": ["tiga ekor"]}
    index.remove(["b"])
    assert index.snapshot() is None


def test_the_last_change_to_an_entry_counts(letters: Encoder) -> None:
    index = _filled(letters, a=("satu ekor",))
    index.remove(["a"])
    _update(index, letters, a=("dua ekor",))
    assert _found(_snapshot(index)) == {"a": ["dua ekor"]}


def test_vectors_must_fit_the_texts(letters: Encoder) -> None:
    index = MatchIndex(letters.dimension)
    with pytest.raises(ValueError, match=r"\(1, 26\).*\(2, 26\)"):
        index.update([Entry("a", ("satu", "dua"))], letters.encode(["satu"], "passage"))
    with pytest.raises(ValueError, match="no text"):
        index.update([Entry("a", ())], np.empty((0, letters.dimension), np.float32))


def test_scores_are_cosines_with_every_wording(letters: Encoder) -> None:
    snapshot = _snapshot(_filled(letters, a=("kambing lepas", "sapi lepas"), b=("ayam hilang",)))
    for scores in _scores(snapshot, letters, "sapi lepas"):
        assert scores.shape == (3,)
        assert scores[1] == pytest.approx(1.0, abs=1e-5)
        assert scores[2] < scores[0] < scores[1]


def test_growing_in_steps_scores_like_growing_at_once(letters: Encoder) -> None:
    texts = {f"e{number}": (f"kabar nomor {number} tentang hal {number * 7}",) for number in range(40)}
    steps = _filled(letters, **dict(list(texts.items())[:30]))
    _snapshot(steps)
    _update(steps, letters, **dict(list(texts.items())[30:]))
    once = _snapshot(_filled(letters, **texts))
    for stepwise, whole in zip(
        _scores(_snapshot(steps), letters, "hal 35"), _scores(once, letters, "hal 35"), strict=True
    ):
        # A third more than was fitted on: weights of words were learned anew.
        np.testing.assert_allclose(stepwise, whole, atol=1e-6)


def test_small_growth_of_a_large_archive_keeps_the_weights_of_words(letters: Encoder) -> None:
    texts = {f"e{number}": (f"kabar nomor {number}",) for number in range(1_200)}
    index = _filled(letters, **texts)
    before = _snapshot(index)
    _update(index, letters, lagi=("kabar baru sekali",))
    after = _snapshot(index)
    for word in ("kabar", "nomor", "7"):
        assert after.word.rarity(word) == before.word.rarity(word)
    np.testing.assert_array_equal(
        _scores(after, letters, "kabar nomor 7")[1][:-1], _scores(before, letters, "kabar nomor 7")[1]
    )


def test_new_words_of_new_entries_are_found_at_once(letters: Encoder) -> None:
    index = _filled(letters, **{f"e{number}": (f"kabar nomor {number}",) for number in range(1_200)})
    _snapshot(index)
    _update(index, letters, lagi=("banjir bandang",))
    word, char = _scores(_snapshot(index), letters, "bandang")[1:]
    assert word.argmax() == char.argmax() == 1_200
    assert min(word[-1], char[-1]) > 0.5


def test_changes_one_by_one_leave_few_segments_and_the_same_archive(letters: Encoder) -> None:
    texts = {f"e{number}": (f"kabar {number}", f"berita {number * 3}") for number in range(300)}
    index = _filled(letters, **texts)
    for number in range(200):
        _update(index, letters, **{f"n{number}": (f"warta {number}",)})
        if number % 3 == 0:
            _update(index, letters, **{f"e{number}": (f"kabar baru {number}",)})
            index.remove([f"e{number + 1}"])
        _snapshot(index)
        for name in (f"e{number}", f"e{number + 1}") if number % 3 == 0 else ():
            texts.pop(name, None)
    texts |= {f"n{number}": (f"warta {number}",) for number in range(200)}
    texts |= {f"e{number}": (f"kabar baru {number}",) for number in range(0, 200, 3)}
    snapshot = _snapshot(index)
    assert _found(snapshot) == {name: list(wordings) for name, wordings in texts.items()}
    assert len(snapshot.segments) <= 5
    once = _snapshot(_filled(letters, **texts))
    place = {wording.normal: row for row, wording in enumerate(once.wordings)}
    same = [place[wording.normal] for wording in snapshot.wordings]
    stepwise, whole = _scores(snapshot, letters, "kabar 120"), _scores(once, letters, "kabar 120")
    np.testing.assert_allclose(stepwise[0], whole[0][same], atol=1e-6)
    every = np.arange(len(same))
    np.testing.assert_allclose(snapshot.hubness(every), once.hubness(every)[same], atol=1e-5)
    np.testing.assert_array_equal(snapshot.vectors_of(every), once.vectors_of(np.array(same)))


def test_what_is_mostly_gone_is_rewritten(letters: Encoder) -> None:
    index = _filled(letters, **{f"e{number}": (f"kabar {number}",) for number in range(100)})
    _snapshot(index)
    index.remove([f"e{number}" for number in range(60)])
    (segment,) = _snapshot(index).segments
    assert len(segment) == len(segment.wordings) == 40


def test_hubness_is_the_mean_cosine_with_all_wordings(letters: Encoder) -> None:
    snapshot = _snapshot(_filled(letters, a=("kambing lepas", "sapi lepas"), b=("ayam hilang",)))
    every = np.arange(3)
    vectors = snapshot.vectors_of(every)
    np.testing.assert_allclose(snapshot.hubness(every), (vectors @ vectors.T).mean(axis=1), atol=1e-6)


def test_an_entry_comes_once_in_an_update(letters: Encoder) -> None:
    index = MatchIndex(letters.dimension)
    with pytest.raises(ValueError, match="twice"):
        index.update(
            [Entry("a", ("satu",)), Entry("a", ("dua",))], letters.encode(["satu", "dua"], "passage")
        )


def test_an_archive_without_words_can_be_searched(letters: Encoder) -> None:
    snapshot = _snapshot(_filled(letters, a=("😀",), b=("!!!",)))
    assert _scores(snapshot, letters, "apa saja")[1].tolist() == [0.0, 0.0]


def test_a_snapshot_does_not_change_under_a_search(letters: Encoder) -> None:
    index = _filled(letters, a=("satu ekor",), b=("dua ekor",))
    before = _snapshot(index)
    index.remove(["a"])
    assert _found(_snapshot(index)) == {"b": ["dua ekor"]}
    assert _found(before) == {"a": ["satu ekor"], "b": ["dua ekor"]}


def test_searches_during_changes_see_whole_entries(letters: Encoder) -> None:
    index = _filled(
        letters, **{f"e{number}": (f"kabar {number}", f"berita {number}") for number in range(30)}
    )
    broken: list[str] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            snapshot = _snapshot(index)
            dense, word, char = _scores(snapshot, letters, "kabar 7")
            if not dense.size == word.size == char.size == len(snapshot.wordings):
                broken.append(f"{dense.size} {word.size} {char.size}")
            broken.extend(name for name, texts in _found(snapshot).items() if len(texts) != 2)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(40):
        _update(index, letters, **{f"e{number % 35}": (f"kabar {number} lagi", f"berita {number} lagi")})
        index.remove([f"e{(number * 3) % 30}"])
        _snapshot(index)
    stop.set()
    for thread in threads:
        thread.join()
    assert broken == []
