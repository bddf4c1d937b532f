"""A backtracking matcher that counts its steps, to see how the work of a pattern grows with a text.

It walks the tree that Python's own `re` parses a pattern into, in the order in which `re` does, so that what
makes `re` slow makes this count high; and unlike seconds, steps are the same on a busy machine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

Then = Callable[[int], int | None]
Node = tuple[Any, Any]
sys.setrecursionlimit(60_000)


class TooManySteps(Exception):
    """The work went past its limit: the pattern explodes on this text."""


class Counted:
    """A pattern, and how many steps it took over the texts that it was tried on."""

    def __init__(self, pattern: re.Pattern[Any], limit: int = 3_000_000) -> None:
        self._flags = pattern.flags | (re.ASCII if isinstance(pattern.pattern, bytes) else 0)
        self.tree = tree_of(pattern)
        self.limit = limit
        self.steps = 0
        self._text: str = ""
        self._groups: dict[int, tuple[int, int]] = {}
        self._classes: dict[int, re.Pattern[str]] = {}
        self._fits: dict[tuple[int, str], bool] = {}

    def spans(self, text: str, *, anchored: bool) -> list[tuple[int, int]]:
        """Find what `finditer` finds; if `anchored`, what `match` does. Steps are counted anew."""
        self.steps, self._text = 0, text
        found: list[tuple[int, int]] = []
        start = 0
        while start <= len(text):
            self._groups = {}
            end = self._run(self.tree, 0, start, lambda at: at)
            if end is not None:
                found.append((start, end))
            start = end if end is not None and end > start else start + 1
            if anchored:
                break
        return found

    def _run(self, nodes: list[Node], index: int, at: int, then: Then) -> int | None:
        while index < len(nodes):
            self.steps += 1
            if self.steps > self.limit:
                raise TooManySteps
            code, argument = nodes[index]
            if code in _SINGLE:
                if at >= len(self._text) or not self._is(nodes[index], self._text[at]):
                    return None
                at, index = at + 1, index + 1
                continue
            if code is codes.AT:
                if not self._at(argument, at):
                    return None
                index += 1
                continue
            return self._branching(nodes[index], at, partial(self._run, nodes, index + 1, then=then))
        return then(at)

    def _branching(self, node: Node, at: int, then: Then) -> int | None:
        code, argument = node
        walks: dict[Any, Callable[..., int | None]] = {
            codes.SUBPATTERN: self._subpattern, codes.BRANCH: self._ways, codes.ASSERT: self._looking,
            codes.ASSERT_NOT: self._looking, codes.ATOMIC_GROUP: self._atomic, codes.GROUPREF: self._again,
        }  # fmt: skip
        return walks.get(code, self._repeat)(code, argument, at, then)

    def _ways(self, _code: Any, argument: Any, at: int, then: Then) -> int | None:
        tries = (self._run(list(way), 0, at, then) for way in argument[1])
        return next((end for end in tries if end is not None), None)

    def _looking(self, code: Any, argument: Any, at: int, then: Then) -> int | None:
        direction, inner = argument
        start = at if direction > 0 else at - inner.getwidth()[0]
        stands = start >= 0 and self._run(list(inner), 0, start, lambda to: to) is not None
        return then(at) if stands is (code is codes.ASSERT) else None

    def _atomic(self, _code: Any, argument: Any, at: int, then: Then) -> int | None:
        end = self._run(list(argument), 0, at, lambda to: to)
        return None if end is None else then(end)

    def _again(self, _code: Any, argument: Any, at: int, then: Then) -> int | None:
        start, end = self._groups.get(argument, (0, -1))
        said = self._text[start:end] if end >= 0 else None
        self.steps += len(said or "")
        if said is None or not self._same(self._text[at : at + len(said)], said):
            return None
        return then(at + len(said))

    def _subpattern(self, _code: Any, argument: Any, at: int, then: Then) -> int | None:
        group, add, drop, inner = argument
        if add or drop:
            raise NotImplementedError("flags within a pattern")

        def close(end: int) -> int | None:
            before = self._groups.get(group) if group is not None else None
            if group is not None:
                self._groups[group] = (at, end)
            done = then(end)
            if done is None and group is not None:
                self._groups.pop(group)
                if before is not None:
                    self._groups[group] = before
            return done

        return self._run(list(inner), 0, at, close)

    def _repeat(self, code: Any, argument: Any, at: int, then: Then) -> int | None:
        least, most, inner = argument
        nodes = list(inner)
        if len(nodes) == 1 and nodes[0][0] in _SINGLE:
            return self._repeat_single(code, (least, int(most)), nodes[0], at, then)
        if code is codes.POSSESSIVE_REPEAT:
            end: int | None = at
            count, last = 0, at
            while count < int(most) and (end := self._run(nodes, 0, last, lambda to: to)) not in (None, last):
                assert end is not None
                count, last = count + 1, end
            return then(last) if count >= least else None

        def more(count: int, place: int, before: int) -> int | None:
            def again(to: int) -> int | None:
                return None if to == place and count >= least else more(count + 1, to, place)

            if count < least:
                return self._run(nodes, 0, place, again)
            if code is codes.MIN_REPEAT:
                end = then(place)
                return end if end is not None or count >= int(most) else self._run(nodes, 0, place, again)
            end = self._run(nodes, 0, place, again) if count < int(most) else None
            return end if end is not None else then(place)

        return more(0, at, -1)

    def _repeat_single(
        self, code: Any, bounds: tuple[int, int], node: Node, at: int, then: Then
    ) -> int | None:
        least, most = bounds
        farthest = at
        stop = min(len(self._text), at + most)
        if code is codes.MIN_REPEAT:
            return self._lazily(node, at + least, stop, at, then)
        while farthest < stop and self._is(node, self._text[farthest]):
            self._step()
            farthest += 1
        if farthest - at < least:
            return None
        if code is codes.POSSESSIVE_REPEAT:
            return then(farthest)
        for place in range(farthest, at + least - 1, -1):
            self._step()
            if (end := then(place)) is not None:
                return end
        return None

    def _lazily(self, node: Node, first: int, stop: int, at: int, then: Then) -> int | None:
        place = at
        while True:
            self._step()
            if place >= first and (end := then(place)) is not None:
                return end
            if place >= stop or not self._is(node, self._text[place]):
                return None
            place += 1

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.limit:
            raise TooManySteps

    def _is(self, node: Node, character: str) -> bool:
        """Tell whether one character fits, by asking `re` itself."""
        key = (id(node), character)
        if key not in self._fits:
            if id(node) not in self._classes:
                flags = self._flags & (re.IGNORECASE | re.ASCII | re.DOTALL)
                self._classes[id(node)] = re.compile(_one(*node), flags)
            self._fits[key] = self._classes[id(node)].fullmatch(character) is not None
        return self._fits[key]

    def _same(self, first: str, second: str) -> bool:
        if self._flags & re.IGNORECASE:
            return first.lower() == second.lower()
        return first == second

    def _at(self, where: Any, at: int) -> bool:
        text = self._text
        multiline = bool(self._flags & re.MULTILINE)
        if where in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
            line = multiline and where is codes.AT_BEGINNING and at > 0 and text[at - 1] == "\n"
            return at == 0 or line
        if where in (codes.AT_END, codes.AT_END_STRING):
            if at == len(text) or where is codes.AT_END_STRING:
                return at == len(text)
            return text[at] == "\n" and (multiline or at == len(text) - 1)
        word = [
            bool(re.match(r"\w", text[place : place + 1], self._flags & re.A))
            for place in (at - 1, at)
            if place >= 0
        ]
        before, after = word if at else [False, *word]
        return (before != after) is (where is codes.AT_BOUNDARY)


_SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN)


def tree_of(pattern: re.Pattern[Any]) -> list[Node]:
    """Return what Python's own parser makes of a pattern."""
    return list(_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))


def _one(code: Any, argument: Any) -> str:
    """Write a node that stands for one character as a pattern again."""
    if code is codes.ANY:
        return "."
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    if code is codes.NOT_LITERAL:
        return f"[^{_in_class(chr(argument))}]"
    return "[" + "".join(_member(each) for each in argument) + "]"


def _member(node: Node) -> str:
    code, argument = node
    if code is codes.NEGATE:
        return "^"
    if code is codes.LITERAL:
        return _in_class(chr(argument))
    if code is codes.RANGE:
        return f"{_in_class(chr(argument[0]))}-{_in_class(chr(argument[1]))}"
    return _CATEGORIES[argument]


def _in_class(character: str) -> str:
    return f"\\U{ord(character):08x}"


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def repeats(tree: list[Node]) -> Iterator[list[Node]]:
    """Yield what each unbounded or long repetition within a tree repeats."""
    for code, argument in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            yield list(argument[2])
            yield from repeats(list(argument[2]))
        elif code is codes.SUBPATTERN:
            yield from repeats(list(argument[3]))
        elif code is codes.BRANCH:
            for way in argument[1]:
                yield from repeats(list(way))
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            yield from repeats(list(argument[1]))
        elif code is codes.ATOMIC_GROUP:
            yield from repeats(list(argument))
