"""`penjaga regions import`: what is read, what is refused and why, and that neighbours keep one border."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import select

from tests import boundaries
from tests.boundaries import codes, collection, feature, patchwork, square
from triage.archive.unreadable import SourceUnreadable
from triage.cli import penjaga
from triage.config import Config
from triage.db import Store
from triage.errors import Forbidden
from triage.maps import geojson, importing, outlines
from triage.maps.importing import import_boundaries
from triage.permissions import OPERATOR, Actor
from triage.regions import districts
from triage.tables import Event, RegionShape

REGION = "35.08"
FIRST = "35.08.01.2001"


def stored(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {row.code: row.path for row in session.scalars(select(RegionShape))}


def refused(*features: Any) -> list[str]:
    read = geojson.read(collection(features), REGION)
    assert not read.polygons
    return [one.reason for one in read.refused]


def polygon(path: str) -> shapely.Geometry:
    """The area of a path, in which holes go round the other way."""
    rings = [shapely.Polygon(ring) for ring in outlines.read(path)]
    shells = [ring for ring in rings if ring.exterior.is_ccw == rings[0].exterior.is_ccw]
    holes = [ring for ring in rings if ring.exterior.is_ccw != rings[0].exterior.is_ccw]
    return shapely.difference(shapely.union_all(shells), shapely.union_all(holes))


def test_every_village_and_its_kecamatan_gets_an_outline(any_store: Store) -> None:
    done = import_boundaries(any_store, REGION, patchwork(), OPERATOR)
    found = stored(any_store)
    assert set(found) == set(codes()) | set(districts(REGION))
    assert list(done.villages) == codes()
    assert list(done.districts) == list(districts(REGION))
    assert (done.missing, done.refused, done.elsewhere, done.changed) == ((), (), 0, True)
    assert sum(len(path) for code, path in found.items() if len(code) == 13) < 25_000
    assert sum(len(path) for code, path in found.items() if len(code) == 8) < 15_000


def test_neighbours_share_their_borders_and_none_overlap(store: Store) -> None:
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    found = stored(store)
    small = [polygon(path) for code, path in found.items() if len(code) == 13]
    assert all(one.is_valid for one in small)
    # What all cover together is what each covers: nothing twice, nothing between.
    whole = shapely.union_all(small)
    assert whole.area == pytest.approx(sum(one.area for one in small))
    assert whole.geom_type == "Polygon"
    # A sixth of a pixel wide, where slivers meet.
    assert sum(shapely.Polygon(hole).area for hole in whole.interiors) < 10
    edges = Counter(
        frozenset(edge)
        for code, path in found.items() if len(code) == 13
        for ring in outlines.read(path) for edge in pairwise([*ring, ring[0]])
    )  # fmt: skip
    assert set(edges.values()) == {1, 2}
    assert Counter(edges.values())[2] > 400


def test_where_a_region_lies_and_north_is_up(store: Store) -> None:
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    with store.read() as session:
        middles = {row.code: (row.x, row.y) for row in session.scalars(select(RegionShape))}
    order = codes()
    assert middles[order[0]][0] < middles[order[boundaries.BESIDE - 1]][0]
    assert middles[order[0]][1] < middles[order[-1]][1]
    paths = stored(store)
    for code, (x, y) in middles.items():
        assert polygon(paths[code]).contains(shapely.Point(x, y)), code
    left, top, right, bottom = outlines.box(paths.values())
    # 15 columns to 14 rows of squares in degrees; a degree of longitude is a little shorter here.
    assert (right - left) / (bottom - top) == pytest.approx(15 / 14 * 0.9897, rel=0.03)


def test_the_same_file_again_changes_nothing_and_another_one_takes_its_place(store: Store) -> None:
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    before = stored(store)
    assert not import_boundaries(store, REGION, patchwork(), OPERATOR).changed
    assert stored(store) == before
    with store.read() as session:
        events = session.scalars(select(Event).where(Event.subject == "map")).all()
    assert [(event.name, event.data["shapes"], event.actor) for event in events] == [
        ("import", 226, "operator")
    ]
    done = import_boundaries(store, REGION, patchwork(without=[FIRST], seed=2), OPERATOR)
    assert done.changed
    assert done.missing == (FIRST,)
    assert set(before) - set(stored(store)) == {FIRST}


def test_nothing_changes_where_a_file_holds_no_boundary_or_who_asks_may_not(store: Store) -> None:
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    before = stored(store)
    for content in (collection([]), collection([feature("35.08.99.2001", square(0))]), b"{}"):
        with pytest.raises(SourceUnreadable):
            import_boundaries(store, REGION, content, OPERATOR)
    with pytest.raises(SourceUnreadable, match=r"feature 1: 35\.08\.99\.2001 is no village"):
        import_boundaries(store, REGION, collection([feature("35.08.99.2001", square(0))]), OPERATOR)
    with pytest.raises(Forbidden):
        import_boundaries(store, REGION, patchwork(), Actor(1, "v", "V", "verifikator"))
    assert stored(store) == before


def test_shapes_of_another_regency_stay(store: Store) -> None:
    with store.write() as session:
        session.add(RegionShape(code="35.09.01", path="M0 0l1 0 0 1z", x=0.0, y=0.0))
    import_boundaries(store, REGION, patchwork(), OPERATOR)
    assert "35.09.01" in stored(store)


def test_any_regency(store: Store) -> None:
    done = import_boundaries(store, "35.73", patchwork("35.73"), OPERATOR)
    assert len(done.districts) == 5
    assert done.missing == ()


def test_kecamatan_alone_are_drawn_as_they_are_and_beside_villages_made_of_these(store: Store) -> None:
    only = [feature(code, square(place)) for place, code in enumerate(districts(REGION))]
    done = import_boundaries(store, REGION, collection(only), OPERATOR)
    assert len(done.districts) == 21
    assert done.villages == ()
    assert len(done.missing) == 205
    # The kecamatan's own outline lies elsewhere than its one village.
    both = [*only, feature(FIRST, square(150))]
    import_boundaries(store, REGION, collection(both), OPERATOR)
    left, top, _, _ = outlines.box([stored(store)["35.08.01"]])
    assert outlines.box([stored(store)[FIRST]])[:2] == pytest.approx((left, top), abs=60)


@pytest.mark.parametrize("code", ["35.08.01.2001", "3508012001", 3508012001, 3508012001.0, " 35.08.01.2001 "])
def test_codes_are_read_however_they_are_written(code: str | float) -> None:
    assert list(geojson.read(collection([feature(code, square(0))]), REGION).polygons) == [FIRST]


@pytest.mark.parametrize("name", ["kode", "KODE_DESA", "id", "whatever"])
def test_the_name_of_the_property_does_not_matter(name: str) -> None:
    one = {**feature(None, square(0)), "properties": {"luas": 12.5, name: FIRST, "KDCPUM": "35.08.01"}}
    assert list(geojson.read(collection([one]), REGION).polygons) == [FIRST]
    other = {**feature(None, square(0)), "id": FIRST}
    assert list(geojson.read(collection([other]), REGION).polygons) == [FIRST]


def test_features_of_other_regions_are_counted_and_left_out() -> None:
    read = geojson.read(
        collection(
            [feature("35.09.01.2001", square(0)), feature(FIRST, square(1)), feature("31.71", square(2))]
        ),
        REGION,
    )
    assert (read.elsewhere, list(read.polygons)) == (1, [FIRST])
    assert [one.number for one in read.refused] == [3]


BOW = [[112.9, -8.0], [113.0, -8.1], [113.0, -8.0], [112.9, -8.1], [112.9, -8.0]]


def test_what_is_broken_is_repaired_and_parts_of_one_village_are_put_together() -> None:
    read = geojson.read(collection([feature(FIRST, BOW), feature(FIRST, square(60))]), REGION)
    (found,) = read.polygons.values()
    assert found.is_valid
    assert found.area == pytest.approx(0.1 * 0.1 / 2 + boundaries.STEP**2, rel=0.2)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (feature("35.08.01.0001", square(0)), "0001 is no village of 35.08 (codes of BPS are others)"),
        (feature("3508010001", square(0), KDCPUM="35.08.01"), "35.08.01.0001 is no village"),
        (feature(None, square(0)), "no property holds the Kemendagri code"),
        (feature("123456", square(0)), "no property holds the Kemendagri code"),
        (feature(FIRST, square(0), OTHER="35.08.01.2002"), "several regions: 35.08.01.2001, 35.08.01.2002"),
        (feature(FIRST, [[5e5, 9.1e6], [5e5, 9.2e6], [6e5, 9.2e6]]), "not longitude and latitude"),
        (feature(FIRST, [[-7.9, 112.9], [-7.8, 112.9], [-7.8, 113.0]]), "not longitude and latitude"),
        (feature(FIRST, [[112.9, -8.0], [112.9, -8.0], [112.9, -8.0], [112.9, -8.0]]), "encloses nothing"),
        (feature(FIRST, [[112.9, -8.0]]), "no polygon"),
        (feature(FIRST, []), "not those of a polygon"),
        (feature(FIRST, [["a", "b"], [1, 2], [3, 4]]), "not those of a polygon"),
        (feature(FIRST, [[True, False], [1, 2], [3, 4]]), "not those of a polygon"),
        (feature(FIRST, [[float("nan"), 1.0], [1, 2], [3, 4]]), "not longitude and latitude"),
        (feature(FIRST, [[10**400, 1.0], [1, 2], [3, 4]]), "not longitude and latitude"),
        ({**feature(FIRST, []), "geometry": None}, "no polygon (no geometry)"),
        ({**feature(FIRST, []), "geometry": {"type": "Point", "coordinates": [1, 2]}}, "no polygon (Point)"),
        ({**feature(FIRST, []), "geometry": {"type": "MultiPolygon", "coordinates": {}}}, "not those of a"),
        ({"type": "Feature", "geometry": None}, "not a feature with properties"),
        (7, "not a feature with properties"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_reason(one: Any, reason: str) -> None:
    (said,) = refused(one)
    assert reason in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not GeoJSON"),
        (b"PK\x03\x04", "not GeoJSON"),
        (b"[" * 200_000, "not GeoJSON"),
        (b'{"type":"FeatureCollection","features":' + b"[" * 200_000, "not GeoJSON"),
        (b'{"type": "Topology", "objects": {}}', "not a FeatureCollection"),
        (b'{"type": "FeatureCollection", "features": {}}', "not a FeatureCollection"),
        (b"[]", "not a FeatureCollection"),
        (collection([], crs={"properties": {"name": "urn:ogc:def:crs:EPSG::32749"}}), "not WGS 84"),
        (collection([0] * 20_001), "more than 20000 features"),
        (b" " * 64_000_001, "larger than 64 MB"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_these_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason):
        geojson.read(content, REGION)


def test_too_many_points_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "MOST_POINTS", 30)
    with pytest.raises(SourceUnreadable, match="more than 30 points"):
        geojson.read(collection([feature(FIRST, square(0)), feature("35.08.01.2002", square(1))]), REGION)


def test_the_coordinate_system_that_old_files_name_is_the_right_one() -> None:
    content = collection(
        [feature(FIRST, square(0))], crs={"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    )
    assert geojson.read(b"\xef\xbb\xbf" + content, REGION).polygons


def test_boundaries_that_cannot_be_simplified_are_refused_rather_than_making_pages_heavy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_VILLAGES_BYTES", 1_000)
    monkeypatch.setattr(importing, "_BYTES_EACH", 5)
    with pytest.raises(SourceUnreadable, match="too ragged"):
        import_boundaries(store, REGION, patchwork(), OPERATOR)
    assert stored(store) == {}


def test_villages_that_lie_upon_each_other_do_not_vanish_unsaid(store: Store) -> None:
    hidden = [[113.0, -8.0], [113.1, -8.0], [113.1, -8.1], [113.0, -8.1]]
    content = collection([
        feature(FIRST, [[112.9, -7.9], [113.2, -7.9], [113.2, -8.2], [112.9, -8.2]]),
        feature("35.08.01.2002", hidden), feature("35.08.01.2003", square(100)),
    ])  # fmt: skip
    done = import_boundaries(store, REGION, content, OPERATOR)
    assert done.villages == (FIRST, "35.08.01.2003")
    assert [one.reason for one in done.refused] == [
        "35.08.01.2002 is too small to be drawn, or lies within others"
    ]


def test_the_command_tells_what_came_in_and_what_is_missing(
    config: Config, store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "desa.geojson"
    missing = codes()[:30]
    document = json.loads(patchwork(without=missing))
    document["features"] += [feature("35.09.01.2001", square(0)), feature("x", square(0))]
    file.write_text(json.dumps(document))
    environ = {"PENJAGA_DATA": str(config.data)}

    def run(path: Path) -> str:
        done = CliRunner().invoke(penjaga, ["regions", "import", str(path)], env=environ)
        return done.output or str(done.exception)

    said = run(file)
    assert "Kabupaten Lumajang: outlines of 18 kecamatan and 175 villages\n" in said
    assert "features of other regions, left out: 1\n" in said
    assert "not read: 1\n  feature 177: no property holds the Kemendagri code" in said
    assert "villages without an outline: 30\n  35.08.01.2001 Tegalrejo, Tempursari\n" in said
    assert "  and 10 more\n" in said
    assert "nothing has changed" in run(file)
    file.write_text("kosong")
    assert "not GeoJSON" in run(file)
