"""The threat model names tests that exist, and some for each attacker."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "keamanan.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", DOCUMENT)


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_test_that_the_threat_model_names_exists() -> None:
    assert len(NAMED) > 40
    missing = [
        f"{path}::{name}"
        for path, name in NAMED
        if not (ROOT / path).is_file() or (name and name not in _tests(path))
    ]
    assert missing == []


def test_every_attacker_has_a_test_and_what_remains_is_said() -> None:
    sections = DOCUMENT.split("\n## ")[1:]
    assert len(sections) >= 10
    for section in sections:
        title = section.split("\n", 1)[0]
        if "*Wants*" in section:
            for part in ("*What stops", "*What remains.*", "*Tests*: `tests/"):
                assert part in section, (title, part)
        assert "`tests/" in section, title
