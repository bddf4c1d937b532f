"""No regular expression takes more than about twice the work for a text of twice the length."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest

from models import priority, stance
from tests.hostile import patterns
from tests.hostile.patterns import Found
from tests.hostile.steps import Counted, TooManySteps

# Patterns that functions make, by where: each must be given here, to be tried like the rest.
MADE_WITHIN: dict[tuple[str, str], list[tuple[re.Pattern[Any], bool]]] = {
    ("models.stance", "_lexicon"): [(stance._lexicon().denials, False)],
    ("models.stance", "_names"): [(stance._names()[0], False)],
    ("models.priority", "_lexicon"): [(priority._lexicon().pattern, False)],
}
# Work that grows faster than the text only up to a bound shows itself at these lengths and no longer beyond.
LENGTHS = (60, 240, 960, 3_840)
# Twice the length at twice the work is linear, at four times square. What is in between is a share of both.
MOST = 2.6
PUMPS = 40


@cache
def _all() -> list[Found]:
    made = [
        Found(f"{module}.{function}", pattern, anchored)
        for (module, function), listed in MADE_WITHIN.items()
        for pattern, anchored in listed
    ]
    return [*patterns.of_modules(), *made]


def test_every_pattern_is_among_those_tried() -> None:
    within = {(each.module, each.function) for each in patterns.written() if each.function}
    assert within == set(MADE_WITHIN)
    made = Counter(each.module for each in patterns.written() if each.function is None)
    held = Counter(each.name.rpartition(".")[0] for each in patterns.of_modules())
    assert made.total() > 60
    assert made <= held
    assert patterns.declared_patterns() == []


def _named(found: Found) -> str:
    return found.name


@pytest.mark.parametrize("found", _all(), ids=_named)
def test_the_counter_finds_what_re_finds(found: Found) -> None:
    counted = Counted(found.pattern)
    for number, (before, unit, after) in enumerate(patterns.pumps(found, 7, 20)):
        text = before + unit * Random(number).randint(0, 6) + after
        if isinstance(found.pattern.pattern, bytes):
            text = text.encode("latin-1", "replace").decode("latin-1")
        given = text if isinstance(found.pattern.pattern, str) else text.encode("latin-1")
        expected = [match.span() for match in found.pattern.finditer(given)]
        assert counted.spans(text, anchored=False) == expected, ascii(text)


@pytest.mark.parametrize("found", _all(), ids=_named)
def test_work_grows_as_the_text_does(found: Found) -> None:
    counted = Counted(found.pattern)
    for before, unit, after in patterns.pumps(found, 1, PUMPS):
        ratios = []
        for length in LENGTHS:
            ratios.append(_growth(counted, found, (before, unit, after), length))
            if ratios[-1] <= MOST:
                break
        assert ratios[-1] <= MOST, f"{before!r} + {unit!r} * n + {after!r}: {ratios}"


def _growth(counted: Counted, found: Found, pump: tuple[str, str, str], length: int) -> float:
    before, unit, after = pump
    steps = []
    for times in (length // len(unit), 2 * length // len(unit)):
        try:
            counted.spans(before + unit * max(times, 1) + after, anchored=found.anchored)
        except TooManySteps:
            return float("inf")
        # What a pattern costs whatever the text is no growth.
        steps.append(counted.steps + length)
    return steps[1] / steps[0]


@pytest.mark.parametrize(
    ("source", "pump"),
    [
        (r"(a+)+$", ("", "a", "!")),
        (r"a*b", ("", "a", "")),
        (r"\s+$", ("", " ", "x")),
        (r"(a|a)*b", ("", "a", "")),
    ],
)
def test_the_counter_sees_what_explodes(source: str, pump: tuple[str, str, str]) -> None:
    found = Found("bad", re.compile(source), anchored=False)
    assert _growth(Counted(found.pattern), found, pump, 480) > MOST
