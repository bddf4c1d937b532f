"""Maps: every region is on them, what is hidden stays hidden, and colours can be told apart and read upon."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import shapely
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from tests.boundaries import codes, patchwork
from triage import maps
from triage.db import Store
from triage.maps import Level, Plan, Shade, Words, outlines, steps, tiles
from triage.maps.drawing import _FILLS, _INKS
from triage.maps.importing import import_boundaries
from triage.papers import Paper
from triage.permissions import OPERATOR
from triage.regions import districts

CSS = (Path(maps.__file__).parents[1] / "static" / "penjaga.css").read_text("utf-8")
REGION = "35.08"
LEVELS: list[tuple[Level, str]] = [("districts", REGION), ("villages", REGION), ("villages", "35.08.18")]
WORDS = Words("Peta pesan", "Pesan", number=lambda number: f"{number:,}".replace(",", "."))
POINT = st.tuples(st.integers(-5_000, 5_000), st.integers(-5_000, 5_000))


@pytest.fixture(params=["tiles", "outlines"])
def laid(request: pytest.FixtureRequest, store: Store) -> Store:
    """A store without boundaries, and one with all of them."""
    if request.param == "outlines":
        import_boundaries(store, REGION, patchwork(), OPERATOR)
    return store


def plan(store: Store, level: Level, within: str) -> Plan:
    with store.read() as session:
        return maps.plan(session, level, within)


def shades(areas: Sequence[maps.Area], href: str = "") -> dict[str, Shade]:
    """Every kind of value: none, nothing, few, and more and more."""
    found = {}
    for place, area in enumerate(areas):
        if place % 7 == 5:
            continue
        few = place % 7 == 3
        value = None if few else place**2
        label = f"{area.name}: {'kurang dari 3' if few else value} pesan"
        found[area.code] = Shade(label, value, few, f"{href}{area.code}" if href else "")
    return found


def drawn(store: Store, level: Level, within: str, href: str = "") -> Element:
    found = plan(store, level, within)
    return fromstring(maps.draw(found, shades(found.areas, href), WORDS))


def named(element: Element, name: str) -> list[Element]:
    return [one for one in element.iter() if one.tag.rpartition("}")[2] == name]


@given(st.lists(st.lists(POINT, min_size=3, max_size=9), min_size=1, max_size=4))
def test_what_is_written_is_read_again(rings: list[list[tuple[int, int]]]) -> None:
    assert outlines.read(outlines.written(rings)) == rings


def test_hatching_stays_within_an_outline_and_out_of_its_holes() -> None:
    shell = [(0, 0), (400, 0), (400, 300), (200, 120), (0, 300)]
    hole = [(50, 40), (50, 90), (150, 90), (150, 40)]
    lines = [
        shapely.LineString([(x, y), (x + dx, y + dy)])
        for x, y, dx, dy in (
            map(int, found)
            for found in re.findall(
                r"M(-?\d+) (-?\d+)l(-?\d+)[ ]?(-?\d+)", outlines.hatching(outlines.written([shell, hole]), 20)
            )
        )
    ]
    area = shapely.Polygon(shell, [hole])
    assert len(lines) > 25
    # Ends are whole numbers, half a unit beside the outline at most.
    assert all(area.buffer(1).contains(line) for line in lines)
    assert sum(line.length for line in lines) == pytest.approx(area.area / 20 * 2**0.5, rel=0.1)


def test_the_room_at_a_point_ends_at_the_nearer_border() -> None:
    path = outlines.written([[(0, 0), (100, 0), (100, 50), (0, 50)]])
    assert outlines.room(path, 30, 25) == 60
    assert outlines.room(path, 130, 25) == 0
    assert outlines.room(path, 30, 60) == 0


@given(st.lists(st.integers(0, 5_000_000), max_size=250))
def test_classes_are_few_ascending_and_none_is_empty(values: list[int]) -> None:
    classes = steps.bounds(values)
    assert len(classes) <= steps.MOST
    assert list(classes) == sorted(set(classes))
    positive = [value for value in values if value]
    assert bool(classes) == bool(positive)
    for least, most in steps.ranges(classes, max(values, default=0)):
        assert any(least <= value <= most for value in values)
    colours = [steps.colour(value, classes) for value in sorted(values)]
    assert colours == sorted(colours)
    assert all((colour == 0) == (value == 0) for colour, value in zip(colours, sorted(values), strict=True))


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([], ()), ([0, 0], ()), ([0, 4], (4,)), ([3, 3, 17], (3, 15)), ([1, 2, 3, 4, 5], (1, 2, 3, 4, 5)),
        (range(1, 101), (1, 20, 40, 60, 80)), ([7, 137, 842, 1_999], (7, 120, 800, 1_500)),
    ],
)  # fmt: skip
def test_classes_are_bounded_by_numbers_that_are_easily_read(values: Sequence[int], classes: object) -> None:
    assert steps.bounds(values) == classes


@pytest.mark.parametrize(("level", "within"), LEVELS)
def test_every_region_is_on_the_map_once_and_says_what_it_is(laid: Store, level: Level, within: str) -> None:
    found = plan(laid, level, within)
    expected = list(districts(REGION)) if level == "districts" else [
        code for code in codes() if code.startswith(f"{within}.")
    ]  # fmt: skip
    assert [area.code for area in found.areas] == expected
    said = [title.text for title in named(drawn(laid, level, within), "title")]
    given = shades(found.areas)
    assert said == [given[area.code].label if area.code in given else area.name for area in found.areas]


@pytest.mark.parametrize(("level", "within"), LEVELS)
def test_all_lies_within_the_canvas(laid: Store, level: Level, within: str) -> None:
    found = plan(laid, level, within)
    left, top, right, bottom = outlines.box(area.path for area in found.areas)
    for x, y in ((left, top), (right, bottom)):
        assert -1 <= found.left + found.scale * x <= tiles.WIDTH + 1
        assert -1 <= found.top + found.scale * y <= found.height + 1
    picture = drawn(laid, level, within)
    _, _, wide, high = map(int, picture.attrib["viewBox"].split())
    assert (wide, high) > (tiles.WIDTH - 1, found.height)
    for text in named(picture, "text"):
        assert 0 < float(text.attrib["x"]) < wide
        assert 0 < float(text.attrib["y"]) < high


def test_tiles_do_not_overlap_and_their_names_are_short(store: Store) -> None:
    for level, within in [*LEVELS, ("villages", "11.08"), ("districts", "35.73"), ("villages", "35.73")]:
        found = plan(store, level, within)
        assert not found.outlined
        boxes = shapely.STRtree([shapely.Polygon(outlines.read(area.path)[0]) for area in found.areas])
        assert len(boxes.query(boxes.geometries, predicate="intersects")[0]) == len(found.areas)
        assert all(
            len(area.lines) <= 2 and max(map(len, area.lines), default=0) <= 17 for area in found.areas
        )


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Pasirian", ("Pasirian",)), ("Yosowilangun Kidul", ("Yosowilangun", "Kidul")),
        ("Tanjung Balai Karimun Barat", ("Tanjung", "Balai")), ("Gunungwungkalbanaran", ("Gunungwungk.",)),
        ("Ii", ("Ii",)),
    ],
)  # fmt: skip
def test_names_are_broken_into_two_short_lines(name: str, lines: tuple[str, ...]) -> None:
    assert tiles.shortened(name, 12) == lines


def test_outlines_are_used_as_soon_as_every_region_of_the_map_has_one(store: Store) -> None:
    import_boundaries(store, REGION, patchwork(without=["35.08.18.2001"]), OPERATOR)
    outlined = {place: plan(store, *place).outlined for place in [*LEVELS, ("villages", "35.08.01")]}
    assert list(outlined.values()) == [True, False, False, True]


@pytest.mark.parametrize(
    ("level", "within"),
    [
        ("districts", "35.08.01"), ("villages", "35.08.99"), ("villages", ""), ("districts", ""),
        ("villages", "35.0"), ("districts", "x"), ("villages", "35.08.1"),
    ],
)  # fmt: skip
def test_what_is_no_region_has_no_map(store: Store, level: Level, within: str) -> None:
    with pytest.raises(LookupError):
        plan(store, level, within)


def test_few_are_hatched_and_their_number_is_nowhere(laid: Store) -> None:
    found = plan(laid, "districts", REGION)
    given = {area.code: Shade(f"{area.name}: kurang dari 3", value=2, few=True) for area in found.areas}
    picture = maps.draw(found, given, WORDS)
    texts = [text.text for text in named(fromstring(picture), "text")]
    assert texts.count("<3") == 21
    assert texts[-1] == "kurang dari 3"
    assert not {"2", "0"} & set(texts)
    assert picture.count('class="m-few"') == 22
    assert len(re.findall(r'stroke-opacity=".5"[^>]* d="M', picture)) == 2


def test_the_legend_says_what_each_colour_means(laid: Store) -> None:
    picture = drawn(laid, "districts", REGION)
    texts = [text.text for text in named(picture, "text")]
    assert texts[texts.index("Pesan") :] == [
        "Pesan", "0", "1–14", "15–59", "60–149", "150–249", "250–400", "kurang dari 3", "tidak ada data",
    ]  # fmt: skip


def test_a_map_that_leads_somewhere_can_be_reached_by_keyboard_and_one_that_does_not_is_a_picture(
    laid: Store,
) -> None:
    picture = drawn(laid, "districts", REGION, "/kim/tren?wilayah=")
    links = named(picture, "a")
    assert picture.attrib["role"] == "group"
    assert [link.attrib["href"][-8:] for link in links] == [
        code for place, code in enumerate(districts(REGION)) if place % 7 != 5
    ]
    assert all(link.attrib["aria-label"].endswith("pesan") for link in links)
    assert drawn(laid, "districts", REGION).attrib["role"] == "img"
    assert drawn(laid, "districts", REGION).attrib["aria-label"] == "Peta pesan"


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//jahat.example", "https://jahat.example", " /x"])
def test_no_region_leads_away(store: Store, href: str) -> None:
    with pytest.raises(ValueError, match="of this site"):
        maps.draw(plan(store, "districts", REGION), {"35.08.01": Shade("x", 5, href=href)}, WORDS)


def test_words_of_others_stay_words(store: Store) -> None:
    found = plan(store, "districts", REGION)
    bad = '"><script>alert(1)</script>\u202e\x00&'
    given = {area.code: Shade(bad, 5, href=f"/x?a=1&b={bad}") for area in found.areas}
    picture = maps.draw(found, given, Words(bad, bad, number=lambda _: bad))
    parsed = fromstring(picture)
    assert named(parsed, "script") == []
    assert "\u202e" not in picture
    assert parsed.attrib["aria-label"] == '"><script>alert(1)</script>&'


@pytest.mark.parametrize(("level", "within"), LEVELS)
def test_a_map_is_light_and_asks_for_nothing_that_the_page_forbids(
    laid: Store, level: Level, within: str
) -> None:
    found = plan(laid, level, within)
    picture = maps.draw(found, shades(found.areas), WORDS)
    assert len(picture) < 60_000
    assert not re.search(r"\b(style|id|on\w+)=|url\(|<style|<script|<use", picture)
    # Each class of it has its look on screens.
    for name in set(" ".join(re.findall(r'class="([^"]+)"', picture)).split()):
        assert re.search(rf"\.{name}\b", CSS) or name == "m-on-0", name


@pytest.mark.parametrize(("level", "within"), LEVELS)
def test_a_map_can_be_printed(laid: Store, level: Level, within: str) -> None:
    found = plan(laid, level, within)
    paper = Paper("Peta")
    paper.drawing(maps.draw(found, shades(found.areas, "/x/"), WORDS), "Peta pesan", 150)
    assert 10_000 < len(paper.bytes()) < 100_000


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _screens() -> list[tuple[list[str], list[str]]]:
    """The fills of the five steps and the inks upon them: in light, in dark."""
    found = []
    for variables in re.findall(r":root \{ (--m1[^}]+) \}", CSS):
        values = dict(re.findall(r"--([\w-]+): (#\w+);", variables))
        low, high = values["m-low"], values["m-high"]
        middle = re.search(r"\.m-on-3 \{ fill: (#\w+)", CSS)
        assert middle is not None
        found.append(([values[f"m{step}"] for step in range(1, 6)], [low, low, middle[1], high, high]))
    return found


def test_colours_differ_in_brightness_and_words_can_be_read_upon_them() -> None:
    screens = _screens()
    assert len(screens) == 2
    for fills, inks in [*screens, (list(_FILLS[1:]), list(_INKS[1:]))]:
        brightness = [_luminance(fill) for fill in fills]
        assert brightness in (sorted(brightness), sorted(brightness, reverse=True))
        # Told apart without seeing hues, and on a bad printer.
        assert all(_contrast(one, other) > 1.25 for one, other in combinations(fills, 2))
        assert all(_contrast(fill, ink) >= 4.5 for fill, ink in zip(fills, inks, strict=True))
