"""Charts drawn on the server: SVG without scripts or styles of its own; a table beside says the same.

Colours come from the page's style sheet by class; where there is none (in a PDF), shapes are drawn black.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

_WIDE, _HIGH = 720, 220
_LEFT, _BOTTOM, _TOP = 44, 26, 10
_GRID = 4


class Bar(NamedTuple):
    """One bar: `part` of `value` is drawn darker (answered at once, say); `tick` stands below it."""

    label: str
    value: int
    part: int
    tick: str = ""


def bars(given: Sequence[Bar], name: str) -> Markup:
    """Draw bars over time. `name` says in a sentence what is to be seen, for whoever does not see it."""
    most = ceiling(max((bar.value for bar in given), default=0))
    high, wide = _HIGH - _BOTTOM - _TOP, (_WIDE - _LEFT) / max(1, len(given))
    parts = [_grid(most, high)]
    for number, bar in enumerate(given):
        left = _LEFT + number * wide
        parts.append(_bar(bar, left, wide, high / most))
        if bar.tick:
            parts.append(
                Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                    left + wide / 2, _HIGH - 8, bar.tick
                )
            )
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDE, _HIGH, name, Markup("").join(parts)
    )


def spark(values: Sequence[int], name: str) -> Markup:
    """Draw a line as small as a word."""
    most, step = max(1, *values), 120 / max(1, len(values) - 1)
    points = " ".join(
        f"{number * step:.1f},{30 - value / most * 28:.1f}" for number, value in enumerate(values)
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 120 32" width="120" height="32" role="img" aria-label="{}">'
        '<polyline points="{}" fill="none"/></svg>'
    ).format(name, points)


def ceiling(most: int) -> int:
    """Return a round number, not below `most`, that a scale of four steps ends at."""
    step = 1
    while step * _GRID < most:
        digits = str(step)
        step = {"1": 2, "2": 5, "5": 10}[digits[0]] * 10 ** (len(digits) - 1)
    return step * _GRID


def _bar(bar: Bar, left: float, wide: float, scale: float) -> Markup:
    floor, gap = _HIGH - _BOTTOM, min(2.0, wide / 5)
    whole, part = bar.value * scale, bar.part * scale
    shapes = Markup("").join(
        Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
            kind, left + gap / 2, floor - tall, wide - gap, tall
        )
        for kind, tall in (("whole", whole), ("part", part))
        if tall
    )
    return Markup("<g><title>{}</title>{}</g>").format(bar.label, shapes) if shapes else shapes


def _grid(most: int, high: int) -> Markup:
    lines = []
    for number in range(_GRID + 1):
        y = _HIGH - _BOTTOM - high * number / _GRID
        lines.append(
            Markup(
                '<line x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>'
                '<text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(_LEFT, y, _WIDE, y, _LEFT - 6, y + 4, most * number // _GRID)
        )
    return Markup("").join(lines)
