"""The packed table of replacements, read by the library that it is packed for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from models.encoders.charsmap import pack_charsmap
from models.encoders.q4file import Q4File

_POINTS = st.integers(1, 0x10FFFF).filter(lambda point: not 0xD800 <= point <= 0xDFFF)
_WITHOUT_ZERO = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)


@given(st.dictionaries(_POINTS, _WITHOUT_ZERO, max_size=60), st.lists(_POINTS, max_size=20))
@settings(max_examples=300, deadline=None)
def test_each_character_is_replaced_by_what_the_table_says(table: dict[int, str], others: list[int]) -> None:
    normaliser = Precompiled(pack_charsmap(table))
    for point in [*table, *others]:
        assert normaliser.normalize_str(chr(point)) == table.get(point, chr(point))


def test_the_whole_bundled_table(weights: Q4File) -> None:
    assert len(weights.normalisation) > 4000
    normaliser = Precompiled(pack_charsmap(weights.normalisation))
    for point, replacement in weights.normalisation.items():
        assert normaliser.normalize_str(chr(point)) == replacement, hex(point)


def test_text_around_a_replaced_character_stays() -> None:
    normaliser = Precompiled(pack_charsmap({ord("ﬁ"): "fi", ord("Ａ"): "A", ord("\u00ad"): ""}))
    assert normaliser.normalize_str("ﬁlm Ａir ba\u00adru 😀") == "film Air baru 😀"


def test_zero_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match=r"U\+0000"):
        pack_charsmap({0: " "})
