"""Figures on hoaxes that come round again, on a few messages whose figures can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models import benchmark, recirculation
from models.benchmark import BenchmarkDataError, Message, Recurrence
from models.encoders import Encoder
from models.matching import Matcher
from models.types import Entry, Match, MatchResult

RICE = (
    "Pembagian beras gratis untuk semua warga dimulai besok pagi di balai desa, bawa fotokopi kartu keluarga"
)
ENTRIES = [
    Entry("beras", ("Bantuan sembako bagi penduduk miskin lewat kelurahan",)),
    Entry("lampu", ("Listrik padam tiga hari karena satelit jatuh",)),
    Entry("hujan", ("Hujan asam menyebabkan rambut rontok",)),
]


def _message(name: str, text: str, *entries: str) -> Message:
    return Message(name, text, frozenset(entries))


A = _message("a", RICE, "beras")
B = _message("b", f"{RICE}, kasih tahu juga tetangga sebelah rumah", "beras", "sembako")
C = _message("c", "Besok ada beras gratis di kantor kepala desa", "sembako")
D = _message("d", "Lampu mati selama tiga hari mulai malam nanti", "lampu")
E = _message("e", "Satelit jatuh bikin mati lampu tiga hari", "lampu")
RECURRENCES = [Recurrence(A, B, "beras", seen=True), Recurrence(D, E, "lampu", seen=False)]


def _found(*names: str) -> MatchResult:
    matches = tuple(Match(name, 0.9, (), likely=True) for name in names)
    return MatchResult("answer" if matches else "new", matches, "hand")


def test_what_comes_first_is_counted_over_all_and_over_what_nothing_was_fitted_on() -> None:
    results = [_found("sembako", "beras"), _found("hujan", "lampu")]
    values = [(each.name, each.rows, each.value) for each in recirculation.finding(RECURRENCES, results, "x")]
    assert values == [
        ("lenient R@1", 2, 0.5), ("lenient R@10", 2, 1.0), ("strict R@1", 2, 0.0),
        ("lenient R@1", 1, 0.0), ("lenient R@10", 1, 1.0), ("strict R@1", 1, 0.0),
    ]  # fmt: skip


def test_only_the_earlier_message_is_known_and_the_archive_stays_as_it_was(letters: Encoder) -> None:
    matcher = Matcher(letters)
    matcher.index.update(ENTRIES, matcher.encode_entries(ENTRIES))
    done: list[float] = []
    swapped = [RECURRENCES[0], Recurrence(D, B, "lampu", seen=False)]
    found = recirculation.with_earlier(matcher, ENTRIES, swapped, lambda _, share: done.append(share))
    assert done == [0.5, 1.0]
    assert found[0].matches[0].target_id == "beras"
    best = [result.matches[0].probability for result in found]
    assert best[0] > best[1], "the first one's earlier message is gone again"
    snapshot = matcher.index.snapshot()
    assert snapshot is not None
    assert {wording.text for wording in snapshot.wordings} == {entry.texts[0] for entry in ENTRIES}


def test_what_the_archive_may_not_learn_changes_nothing() -> None:
    denial = _message("f", f"Hoaks: {RICE}", "beras")
    copy = _message("g", ENTRIES[0].texts[0].upper(), "beras")
    recurrences = [*RECURRENCES, Recurrence(denial, B, "beras", False), Recurrence(copy, B, "beras", False)]
    before, known = [_found("hujan")] * 4, [_found("beras")] * 4
    learned = recirculation.as_learned(ENTRIES, recurrences, before, known)
    assert [each.matches[0].target_id for each in learned] == ["beras", "beras", "hujan", "hujan"]


def test_a_near_copy_is_answered_as_its_group_is() -> None:
    copies = recirculation.near_copies(recirculation.messages(RECURRENCES))
    grouped = recirculation.as_grouped(RECURRENCES, [_found("hujan", "beras"), _found("hujan")], copies)
    found = [[match.target_id for match in result.matches] for result in grouped]
    assert found == [["beras", "hujan"], ["hujan"]]


def test_groups_are_judged_by_their_pairs() -> None:
    recurrences = [*RECURRENCES, Recurrence(B, C, "beras", False)]
    of = recirculation.messages(recurrences)
    assert [message.name for message in of] == ["a", "b", "d", "e", "c"]
    copies = recirculation.near_copies(of)
    assert copies == {frozenset("ab")}
    # Three pairs are right: a b, d e and b c; that a and c are the same, nobody has said.
    precision, recall = recirculation.grouping(recurrences, copies, "x")
    assert (precision.name, precision.rows, precision.value) == ("pairwise precision", 1, 1.0)
    assert (recall.name, recall.rows, recall.value) == ("pairwise recall", 3, pytest.approx(1 / 3))
    results = [_found(), _found("sembako"), _found("lampu"), _found("hujan"), _found("sembako")]
    answered = recirculation.same_answer(of, results)
    assert answered == {frozenset("bc")}
    # a b and b c make a group of three.
    precision, recall = recirculation.grouping(recurrences, copies | answered, "x")
    assert (precision.rows, precision.value) == (3, pytest.approx(2 / 3))
    assert recall.value == pytest.approx(2 / 3)


PAIR = {"alt_target_ids": ["x"], "soft_alt_ids": [], "judged_same": [], "tier": "easy"}
ROW = {"earlier": "dulu", "later": "kini", "earlier_id": "q1", "later_id": "q2", "title_b": "Judul"}


def _write(folder: Path, **rows: list[dict[str, object]]) -> None:
    for name, lines in rows.items():
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (folder / f"{name.replace('__', '.')}.jsonl").write_text(text, "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _write(
        tmp_path,
        id_archive=[{"target_id": f"t{number}", "title": "Judul"} for number in (1, 2)],
        id_pairs__train=[PAIR | {"query_id": "q1", "query": "dulu", "target_id": "t9"}],
        id_pairs__dev=[PAIR | {"query_id": "q2", "query": "kini", "target_id": "t8"}],
        id_recirculation__dev=[ROW, ROW | {"earlier_id": "q2", "later_id": "q7"}],
    )
    return tmp_path


def test_messages_come_with_what_is_known_of_them(folder: Path) -> None:
    first, second = benchmark.recurrences(folder)
    assert first == Recurrence(
        _message("q1", "dulu", "t9", "x"), _message("q2", "kini", "t8", "x"), "t9", seen=True
    )
    assert (second.later, second.entry, second.seen) == (_message("q7", "kini", "t1", "t2"), "t8", False)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"earlier_id": "q7"}, "earlier_id is no message"),
        ({"later_id": "q7", "title_b": "Lain"}, "title_b no title"),
    ],
)
def test_a_row_about_messages_that_are_not_there_is_named(
    folder: Path, wrong: dict[str, object], says: str
) -> None:
    _write(folder, id_recirculation__dev=[ROW | wrong])
    with pytest.raises(BenchmarkDataError, match=f"line 1: .*{says}"):
        benchmark.recurrences(folder)
