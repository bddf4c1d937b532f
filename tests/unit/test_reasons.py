from __future__ import annotations

import ast
import string
from datetime import date
from pathlib import Path

import pytest

import models
from models import explain
from models.types import HARMS, Reason
from triage.reasons import TEMPLATES, age, sentence

_LIBRARY = Path(models.__file__).parent
_URGENCY = {"many_reporters", "many_villages", "many_growth_per_hour", "unknown_claim", "waiting"}
_CODES = (
    explain.CODES
    | _URGENCY
    | {f"{kind}_{harm}" for kind in ("harm", "about") for harm in HARMS if harm != "other"}
)


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _emitted() -> dict[str, set[str]]:
    """Return every code that the library writes out in full with the names of its values."""
    found: dict[str, set[str]] = {}
    for path in _LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                code, values = node.args
                if isinstance(code, ast.Constant) and isinstance(values, ast.Dict):
                    keys = {key.value for key in values.keys if isinstance(key, ast.Constant)}
                    found.setdefault(str(code.value), set()).update(map(str, keys))
    return found


def test_every_code_has_a_sentence_and_no_sentence_is_idle() -> None:
    (aged,) = age(date(2020, 1, 1), date(2026, 1, 1))
    assert set(TEMPLATES) == _CODES | {aged.code}


def test_a_check_has_an_age_from_its_first_birthday_on() -> None:
    assert age(None, date(2026, 1, 1)) == age(date(2025, 6, 1), date(2026, 1, 1)) == ()
    (aged,) = age(date(2023, 1, 1), date(2026, 1, 2))
    assert sentence(aged) == "Pemeriksaannya sudah 3 tahun lalu; keadaannya bisa sudah berubah."


def test_codes_in_the_library_are_known_and_fill_their_sentences() -> None:
    emitted = _emitted()
    assert set(emitted) >= explain.CODES
    for code, values in emitted.items():
        assert _fields(TEMPLATES[code]) == values, code


@pytest.mark.parametrize("code", sorted(_CODES))
def test_sentences_are_whole(code: str) -> None:
    values: dict[str, str | int | float] = {name: f"<{name}>" for name in _fields(TEMPLATES[code])}
    said = sentence(Reason(code, values))
    assert said.endswith(".")
    assert "{" not in said
    assert all(str(value) in said for value in values.values())


def test_values_with_braces_stay_as_they_are() -> None:
    assert "{x}" in sentence(Reason("shared_words", {"words": "{x}"}))


def test_the_template_is_what_gets_translated() -> None:
    assert (
        sentence(Reason("waiting", {"hours": 7}), {TEMPLATES["waiting"]: "{hours} hours"}.__getitem__)
        == "7 hours"
    )


def test_a_code_without_a_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence(Reason("no_such_code", {}))
