"""The drawing of a map: areas in up to five steps of one colour, their numbers, and what the colours mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

from models.text import clean
from triage.maps import outlines, steps
from triage.maps.plans import Area, Plan
from triage.maps.tiles import WIDTH

# On paper; screens have their own in penjaga.css, by the same numbers. Then the ink of words upon each.
_FILLS = ("#fff", "#dee", "#acc", "#6ba", "#277", "#044")
_INK, _SOFT, _WHITE = "#122", "#566", "#fff"
_INKS = (_INK, _INK, _INK, _INK, _WHITE, _WHITE)
_HIDDEN, _MISSING = "few", "none"
_LETTER = 0.56  # of its size, on average
_NAME_SIZE, _NUMBER_SIZE, _LEGEND_SIZE = 30, 42, 32
_LEGEND_HIGH, _SWATCH = 52, 64
_HATCH_GAP = 32


@dataclass(frozen=True, slots=True)
class Shade:
    """What is known of a region: `label` says all of it in words, for who points at it or hears it read.

    `value` None: no data. `few`: there are some, too few to be told (`value` is not looked at). `href`: where
    the region leads, an address of this site.
    """

    label: str
    value: int | None = None
    few: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A map's own words: its accessible `name`, what is counted (`unit`), and how numbers are written."""

    name: str
    unit: str
    few: str = "kurang dari 3"
    few_sign: str = "<3"
    missing: str = "tidak ada data"
    number: Callable[[int], str] = str


def draw(plan: Plan, shades: Mapping[str, Shade], words: Words) -> str:
    """Draw a map as SVG; regions without a shade have no data. Numbers stand on areas where there is room.

    Raises ValueError for a `href` that leads away.
    """
    shown = {area.code: shades.get(area.code) or Shade(area.name) for area in plan.areas}
    classes = steps.bounds(
        shade.value for shade in shown.values() if shade.value is not None and not shade.few
    )
    looks = {code: _look(shade, classes) for code, shade in shown.items()}
    legend, height = _legend(plan.height + 16, shown, classes, words)
    # Nothing inside an image is read out or reached; where a region leads somewhere, it must be.
    role = "group" if any(shade.href for shade in shown.values()) else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" viewBox="0 0 {WIDTH} {round(height)}" '
        f'role="{role}" aria-label="{_said(words.name)}">'
        f"{_areas(plan, shown, looks)}"
        f'<g aria-hidden="true" pointer-events="none">{_captions(plan)}'
        f"{_texts(plan, shown, looks, words) if plan.named else ''}{legend}</g></svg>"
    )


def _said(text: str) -> str:
    return escape(" ".join(clean(text).split()))


def _look(shade: Shade, classes: tuple[int, ...]) -> str:
    if shade.few:
        return _HIDDEN
    return _MISSING if shade.value is None else str(steps.colour(shade.value, classes))


def _paint(look: str, width: float) -> str:
    """Return the class of an area, and how it looks on paper."""
    if look == _MISSING:
        return f'class="m-none" fill="#eee" stroke-dasharray="{4 * width:.0f} {3 * width:.0f}"'
    return f'class="m-{look}" fill="{_FILLS[0 if look == _HIDDEN else int(look)]}"'


def _areas(plan: Plan, shown: Mapping[str, Shade], looks: Mapping[str, str]) -> str:
    width = (2.5 if plan.named else 1.6) / plan.scale
    matrix = f"matrix({plan.scale:.5f} 0 0 {plan.scale:.5f} {plan.left:.1f} {plan.top:.1f})"
    gap = round(_HATCH_GAP / (1 if plan.named else 3) / plan.scale)
    few = "".join(area.path for area in plan.areas if looks[area.code] == _HIDDEN)
    lines = outlines.hatching(few, gap)
    hatch = f'<path fill="none" stroke-opacity=".5" pointer-events="none" d="{lines}"/>' if lines else ""
    return (
        f'<g transform="{matrix}" stroke="{_SOFT}" stroke-width="{width:.1f}" stroke-linejoin="round">'
        + "".join(_drawn(area, shown[area.code], _paint(looks[area.code], width)) for area in plan.areas)
        + f"{hatch}</g>"
    )


def _drawn(area: Area, shade: Shade, paint: str) -> str:
    path = f'<path {paint} d="{area.path}"><title>{_said(shade.label)}</title></path>'
    if not shade.href:
        return path
    if not shade.href.startswith(("/", "?", "#")) or shade.href.startswith("//"):
        raise ValueError("a region leads to an address of this site")
    return f'<a href="{_said(shade.href)}" aria-label="{_said(shade.label)}">{path}</a>'


def _captions(plan: Plan) -> str:
    size = _NAME_SIZE
    return "".join(
        f'<text class="m-word" fill="{_INK}" font-size="{size}" x="{one.x:.0f}" y="{one.y:.0f}">'
        f"{_said(one.text)}</text>"
        for one in plan.captions
    )


def _texts(plan: Plan, shown: Mapping[str, Shade], looks: Mapping[str, str], words: Words) -> str:
    return "".join(
        _words_on(plan, area, looks[area.code], _number(shown[area.code], words)) for area in plan.areas
    )


def _number(shade: Shade, words: Words) -> str:
    if shade.few:
        return words.few_sign
    return "–" if shade.value is None else words.number(shade.value)


def _words_on(plan: Plan, area: Area, look: str, number: str) -> str:
    """Write the name of an area, where it fits, and below it the number."""
    x, y = plan.left + plan.scale * area.x, plan.top + plan.scale * area.y
    step = look if look.isdigit() else "0"
    size = _NAME_SIZE - 4 if plan.outlined else _NAME_SIZE
    lines = area.lines if not plan.outlined or _fits(plan, area, size) else ()
    looks = f'm-on-{step}" fill="{_INKS[int(step)]}" text-anchor="middle" x="{x:.0f}"'
    name = "m-name " if plan.outlined else ""
    first = y - (len(lines) * size + _NUMBER_SIZE) / 2
    return "".join(
        f'<text class="m-word {name}{looks} font-size="{size}" '
        f'y="{first + (place + 0.85) * size:.0f}">{_said(line)}</text>'
        for place, line in enumerate(lines)
    ) + (
        f'<text class="m-word {looks} font-size="{_NUMBER_SIZE}" font-weight="700" '
        f'y="{first + len(lines) * size + 0.9 * _NUMBER_SIZE:.0f}">{_said(number)}</text>'
    )


def _fits(plan: Plan, area: Area, size: int) -> bool:
    """Tell whether the name of an area lies within its borders, above and below."""
    wide = len(area.name) * size * _LETTER / plan.scale
    heights = (area.y - _NUMBER_SIZE / plan.scale, area.y)
    return all(outlines.room(area.path, area.x, height) >= wide for height in heights)


def _legend(
    top: float, shown: Mapping[str, Shade], classes: tuple[int, ...], words: Words
) -> tuple[str, float]:
    """Say what the colours mean, in rows below the map; return how far down they reach."""
    values = [shade.value for shade in shown.values() if shade.value is not None and not shade.few]
    entries = [("0", words.number(0))] if 0 in values else []
    entries += [
        (str(steps.colour(least, classes)), "–".join(dict.fromkeys(map(words.number, (least, most)))))
        for least, most in steps.ranges(classes, max(values, default=0))
    ]
    entries += [(_HIDDEN, words.few)] if any(shade.few for shade in shown.values()) else []
    without = any(shade.value is None and not shade.few for shade in shown.values())
    entries += [(_MISSING, words.missing)] if without else []
    x, y, parts = 4.0, top + _LEGEND_HIGH, [_legend_word(4, top + 36, words.unit, "700")]
    for look, text in entries:
        wide = _SWATCH + 10 + len(text) * _LEGEND_SIZE * _LETTER + 26
        if x > 4 and x + wide > WIDTH:
            x, y = 4.0, y + _LEGEND_HIGH
        parts.append(_swatch(x, y, look) + _legend_word(x + _SWATCH + 10, y + 31, text))
        x += wide
    return "".join(parts), y + _LEGEND_HIGH


def _legend_word(x: float, y: float, text: str, weight: str = "400") -> str:
    return (
        f'<text class="m-word" fill="{_INK}" font-size="{_LEGEND_SIZE}" font-weight="{weight}" '
        f'x="{x:.0f}" y="{y:.0f}">{_said(text)}</text>'
    )


def _swatch(x: float, y: float, look: str) -> str:
    left, upper = round(x), round(y)
    path = outlines.written([
        [(left, upper), (left + _SWATCH, upper), (left + _SWATCH, upper + 40), (left, upper + 40)]
    ])  # fmt: skip
    lines = outlines.hatching(path, 12) if look == _HIDDEN else ""
    hatch = f'<path fill="none" stroke-opacity=".5" d="{lines}"/>' if lines else ""
    return f'<g stroke="{_SOFT}" stroke-width="2"><path {_paint(look, 2)} d="{path}"/>{hatch}</g>'
