"""What changed between two versions: the stretches are both texts again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.changes import Change, changes


def test_only_what_differs_is_told() -> None:
    assert changes("Kantor desa sudah ditanya kemarin.", "Kantor desa sudah ditanya dua kali.") == (
        Change("Kantor desa sudah ditanya ", "same"),
        Change("kemarin.", "gone"),
        Change("dua kali.", "new"),
    )


def test_what_was_written_anew_is_told_in_one_piece() -> None:
    assert changes("Hanya lewat kantor desa.", "Kantor kecamatan sudah ditanya.") == (
        Change("Hanya lewat kantor desa.", "gone"),
        Change("Kantor kecamatan sudah ditanya.", "new"),
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_are_kept_whole(before: str, after: str) -> None:
    found = changes(before, after)
    assert "".join(one.text for one in found if one.kind != "new") == before
    assert "".join(one.text for one in found if one.kind != "gone") == after
