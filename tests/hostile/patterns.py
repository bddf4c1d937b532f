"""Every regular expression of the product, found by walking its source, and texts made to slow each down."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from re import _constants as codes  # type: ignore[attr-defined]
from typing import Any

from tests.hostile.steps import Node, repeats, tree_of

ROOT = Path(__file__).parents[2]
_ROOMS = ("triage", "models", "workers")
# Figures are measured, and models trained, from files that we chose ourselves; no message comes by.
_NO_OUTSIDE_TEXT = ("models.training.", "models.speed.", "models.benchmark")
_ANCHORED = frozenset({"match", "fullmatch"})
_USES = "match|fullmatch|search|sub|subn|split|findall|finditer"
_MOST_REPEATED = 40


@dataclass(frozen=True)
class Found:
    """A pattern with its name, and whether it is only ever tried at the beginning of a text."""

    name: str
    pattern: re.Pattern[Any]
    anchored: bool


@dataclass(frozen=True)
class Written:
    """A place in the source where a pattern is made: in a function, or `None` for a module's own name."""

    module: str
    line: int
    function: str | None


@cache
def sources() -> dict[str, str]:
    """Return the source of every module that may see a text from outside, by its name."""
    found = {}
    for room in _ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not name.startswith(_NO_OUTSIDE_TEXT) and "migrations" not in name and "__main__" not in name:
                found[name] = path.read_text("utf-8")
    return found


def written() -> list[Written]:
    """Find every call of `re`, in every module."""
    found: list[Written] = []
    for module, source in sources().items():
        tree = ast.parse(source)
        within = {
            id(inner): function.name
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(function)
        }
        found += [
            Written(module, node.lineno, within.get(id(node)))
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and _calls_re(node.func)
        ]
    return found


def declared_patterns() -> list[str]:
    """Find patterns that a library compiles: `pattern=` of a field, `regex` routes."""
    return [
        f"{module}:{node.value.lineno}"
        for module, source in sources().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.keyword) and node.arg in ("pattern", "regex")
    ]


def _calls_re(called: ast.expr) -> bool:
    names = {"compile", *_USES.split("|")}
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
        and called.attr in names
    )


def of_modules() -> list[Found]:
    """Return every pattern that a module holds under a name of its own."""
    found: list[Found] = []
    for module, source in sources().items():
        if "re.compile" not in source:
            continue
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, re.Pattern) and re.search(
                rf"^[^\n]*\b{name}\b[^\n]*=", source, re.MULTILINE
            ):
                found.append(Found(f"{module}.{name}", value, _only_anchored(name)))
    return found


def _only_anchored(name: str) -> bool:
    uses = {use for source in sources().values() for use in re.findall(rf"\b{name}\.({_USES})\(", source)}
    return bool(uses) and uses <= _ANCHORED


def pumps(found: Found, seed: int, count: int) -> Iterator[tuple[str, str, str]]:
    """Make beginnings, parts to repeat and ends that the pattern has to work for."""
    rng = Random(f"{seed} {found.name}")
    tree = tree_of(found.pattern)
    bodies = list(repeats(tree))
    for _ in range(count):
        whole = _sample(rng, tree)
        cut = whole[: rng.randint(0, len(whole))]
        unit = (
            _sample(rng, rng.choice(bodies)) if bodies and rng.random() < 0.7 else whole[: rng.randint(1, 12)]
        )
        if bodies and rng.random() < 0.3:
            unit += _sample(rng, rng.choice(bodies))
        before = rng.choice(("", "", cut, rng.choice(("<", "&", "-", " ", "0", "a", "\n"))))
        yield before, unit or "a", rng.choice(("", "!", "\0", "x", " ", "\n", "0", "<", "é", whole[-1:]))


def _sample(rng: Random, nodes: list[Node]) -> str:
    return "".join(_any_of(rng, code, argument) for code, argument in nodes)


def _any_of(rng: Random, code: Any, argument: Any) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code in (codes.IN, codes.ANY, codes.NOT_LITERAL):
        return _character(rng, argument if code is codes.IN else [])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = argument
        times = rng.randint(least, max(least, min(int(most), least + rng.choice((0, 1, 3)), _MOST_REPEATED)))
        return "".join(_sample(rng, list(inner)) for _ in range(times))
    if code is codes.BRANCH:
        return _sample(rng, list(rng.choice(argument[1])))
    inner = {codes.SUBPATTERN: lambda: argument[3], codes.ATOMIC_GROUP: lambda: argument}.get(code, list)
    return _sample(rng, list(inner()))


def _character(rng: Random, members: list[Node]) -> str:
    if not members or members[0][0] is codes.NEGATE:
        return rng.choice("aZ0é한 .\n-")
    code, argument = rng.choice(members)
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return chr(rng.choice((argument[0], argument[1], rng.randint(*argument))))
    return rng.choice(_OF_CATEGORY.get(argument, "a0 _"))


_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "07٣", codes.CATEGORY_SPACE: " \n\t\u00a0", codes.CATEGORY_WORD: "aZ0_é한",
    codes.CATEGORY_NOT_SPACE: "a0.-<", codes.CATEGORY_NOT_WORD: " .-!", codes.CATEGORY_NOT_DIGIT: "a .-",
}  # fmt: skip
