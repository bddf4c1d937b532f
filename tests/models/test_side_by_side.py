"""Two texts side by side: what is the same is found in both, and no letter gets lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.side_by_side import side_by_side

MESSAGE = "Awas! Semeru akan meletus besar mlm ini jam 19.00, warga Pronojiwo diminta mengungsi sekarang juga"
ENTRY = "Kabar: Semeru akan meletus besar malam ini jam 21.00 tidak benar"


def _marked(pieces: tuple[object, ...], kind: str) -> list[str]:
    return [piece.text for piece in pieces if piece.kind == kind]


def test_the_same_passage_is_marked_in_both_as_each_writes_it() -> None:
    left, right = side_by_side(MESSAGE, ENTRY)
    assert _marked(left, "shared") == ["Semeru akan meletus besar mlm ini jam"]
    assert _marked(right, "shared") == ["Semeru akan meletus besar malam ini jam"]


def test_numbers_that_only_one_names_are_told_apart() -> None:
    left, right = side_by_side(MESSAGE, ENTRY)
    assert (_marked(left, "differs"), _marked(right, "differs")) == (["19.00,"], ["21.00"])


def test_an_amount_is_the_same_however_it_is_written() -> None:
    left, right = side_by_side("bantuan 600rb cair", "Dana Rp600.000 dibagikan")
    assert (_marked(left, "differs"), _marked(right, "differs")) == ([], [])


def test_two_words_in_a_row_are_chance_unless_there_are_no_more() -> None:
    assert _marked(side_by_side("warga diminta tenang ya", "bupati diminta tenang saja")[0], "shared") == []
    assert _marked(side_by_side("diminta tenang", "diminta tenang")[0], "shared") == ["diminta tenang"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_are_the_texts(left: str, right: str) -> None:
    found = side_by_side(left, right)
    assert ["".join(piece.text for piece in pieces) for pieces in found] == [left, right]
