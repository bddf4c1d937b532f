"""Figures on results made up by hand, against values worked out by hand; measuring files that are broken."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from models import benchmark, evaluation
from models.benchmark import BenchmarkDataError, Pair
from models.types import Band, Match, MatchResult


def _found(band: Band, *matches: tuple[str, float]) -> MatchResult:
    return MatchResult(
        band, tuple(Match(name, probability, (), likely=True) for name, probability in matches), "hand"
    )


PAIRS = [
    Pair("first at once", "a", frozenset({"a", "b"}), "easy"),
    Pair("its like first", "c", frozenset({"c", "d"}), "easy"),
    Pair("not found", "e", frozenset({"e"}), "hard"),
    Pair("nothing found", "f", frozenset({"f"}), "hard"),
]
RESULTS = [
    _found("answer", ("a", 0.9), ("b", 0.5)),
    _found("review", ("d", 0.8), ("c", 0.4)),
    _found("new", ("x", 0.2)),
    _found("new"),
]


def _values(figures: Sequence[evaluation.Figure]) -> dict[tuple[str, str], float]:
    return {(figure.data, figure.name): round(figure.value, 6) for figure in figures}


def test_ranking_is_counted_strictly_and_leniently_over_all_and_by_tier() -> None:
    values = _values(evaluation.ranking(PAIRS, RESULTS, "hand"))
    expected = {
        "hand (all)": (1 / 4, 2 / 4, (1 + 1 / 2) / 4, 2 / 4, 2 / 4, 2 / 4),
        "hand (easy)": (1 / 2, 2 / 2, (1 + 1 / 2) / 2, 2 / 2, 2 / 2, 2 / 2),
        "hand (hard)": (0, 0, 0, 0, 0, 0),
    }
    names = [f"{kind} {name}" for kind in ("strict", "lenient") for name in ("R@1", "R@10", "MRR@10")]
    assert values == {
        (data, name): round(value, 6)
        for data, row in expected.items()
        for name, value in zip(names, row, strict=True)
    }


def test_what_stands_below_the_tenth_place_is_not_found() -> None:
    pair = Pair("far below", "z", frozenset({"z"}), "hard")
    others = [(f"o{number}", 0.5) for number in range(evaluation.DEPTH)]
    for matches, recall, rank in ((others[1:], 1.0, 1 / 10), (others, 0.0, 0.0)):
        values = _values(evaluation.ranking([pair], [_found("review", *matches, ("z", 0.1))], "x"))
        assert (values["x (all)", "strict R@10"], values["x (all)", "strict MRR@10"]) == (recall, rank)


def test_bands_are_shares_and_precision_counts_bands_that_show_a_match() -> None:
    shares = _values(evaluation.bands(RESULTS, "hand"))
    assert shares == {("hand", f"band {name}"): share for name, share in
                      (("answer", 0.25), ("review", 0.25), ("new", 0.5))}  # fmt: skip
    wrong = [_found("answer", ("x", 0.9)), *RESULTS[1:]]
    right = evaluation.precision(PAIRS, wrong, "hand")
    assert [(figure.name, figure.rows, figure.value) for figure in right] == [
        ("right where the band is answer", 1, 0.0),
        ("right where the band is review", 1, 1.0),
    ]
    assert evaluation.precision(PAIRS[2:], RESULTS[2:], "hand") == []


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    # Three results, each a bin of its own: .9 and .8 were right, .2 was wrong; the empty one shows nothing.
    figure = evaluation.calibration_error(PAIRS, RESULTS, "hand")
    assert figure.rows == 3
    assert figure.value == pytest.approx((0.1 + 0.2 + 0.2) / 3)
    # Ten bins of two with a right and a wrong one each: half is right, as was said; or all wrong; or unsaid.
    pairs = [Pair("x", "a" if number % 2 else "b", frozenset(), "t") for number in range(20)]
    lenient = [Pair(pair.query, pair.strict, frozenset({pair.strict}), pair.tier) for pair in pairs]
    for probability, error in ((0.5, 0.0), (0.8, 0.3), (0.1, 0.4)):
        found = [_found("review", ("a", probability))] * 20
        assert evaluation.calibration_error(lenient, found, "x").value == pytest.approx(error)
    # Bins go by probability: within each, .2 is always wrong and .9 always right.
    found = [_found("review", ("a", 0.9 if number % 2 else 0.2)) for number in range(20)]
    expected = (10 * 0.2 + 10 * 0.1) / 20
    assert evaluation.calibration_error(lenient, found, "x").value == pytest.approx(expected)


def test_intervals_enclose_their_value_and_are_the_same_each_time() -> None:
    pairs, results = PAIRS[:2] * 50, RESULTS[:2] * 50
    first = evaluation.ranking(pairs, results, "x")[0]
    assert first == evaluation.ranking(pairs, results, "x")[0]
    # Of 100 messages half is right: the standard error is .05, the interval about twice that to each side.
    assert (first.low, first.value, first.high) == pytest.approx((0.4, 0.5, 0.6), abs=0.02)
    assert str(first) == f"x (all), n=100: strict R@1 0.500 [{first.low:.3f}, {first.high:.3f}]"
    nothing = evaluation.bands([], "x")[0]
    assert nothing.rows == 0
    assert math.isnan(nothing.value)


WHOLE = {
    "query": "x", "target_id": "a", "alt_target_ids": ["b"], "soft_alt_ids": ["c"], "judged_same": ["d"],
    "tier": "easy",
}  # fmt: skip


def test_pairs_take_every_entry_about_the_same_hoax(tmp_path: Path) -> None:
    (tmp_path / "id_pairs.dev.jsonl").write_text(json.dumps(WHOLE) + "\n\n", "utf-8")
    assert benchmark.pairs(tmp_path, "dev") == [Pair("x", "a", frozenset("abcd"), "easy")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (json.dumps({name: value for name, value in WHOLE.items() if name != "tier"}), "tier is missing"),
        (json.dumps(WHOLE | {"query": None}), "query must be a text"),
        (json.dumps(WHOLE | {"judged_same": "d"}), "judged_same must be a list of texts"),
        ("[1]", "not a JSON object"),
        ("{", "Expecting property name"),
        (b'{"query": "\xff"}'.decode("latin-1"), "can't decode byte"),
    ],
)
def test_a_broken_row_is_named_with_file_and_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "id_pairs.dev.jsonl"
    path.write_bytes(f"{json.dumps(WHOLE)}\n{line}\n".encode("latin-1"))
    with pytest.raises(BenchmarkDataError) as refused:
        benchmark.pairs(tmp_path, "dev")
    assert str(refused.value).startswith(f"{path}, line 2: ")
    assert says in str(refused.value)


def test_a_row_without_its_id_is_no_entry(tmp_path: Path) -> None:
    (tmp_path / "id_archive.jsonl").write_text('{"title": "x", "text": ""}\n', "utf-8")
    for read in (benchmark.entries, benchmark.entries_with_text):
        with pytest.raises(BenchmarkDataError, match="line 1: target_id is missing"):
            read(tmp_path)
