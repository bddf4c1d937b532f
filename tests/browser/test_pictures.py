"""The page that shows the screens: every picture is there, small, and none is left over."""

from __future__ import annotations

import re

from PIL import Image

from tests.browser import chromium
from tests.browser.pictures import DOCS


def test_every_picture_of_the_page_is_there_and_small_and_none_is_left_over() -> None:
    named = set(re.findall(r"\(layar/([\w-]+\.png)\)", (DOCS / "layar.md").read_text("utf-8")))
    kept = {path.name: path for path in (DOCS / "layar").iterdir()}
    assert named == set(kept)
    assert len(named) >= 20
    for path in kept.values():
        assert path.stat().st_size <= 150_000, path.name
        with Image.open(path) as picture:
            assert picture.width == (chromium.PHONE if "-360" in path.name else 800), path.name
