"""The served regency: its name, and the time that people there go by, for every province of Indonesia."""

from __future__ import annotations

import pytest
from lokal import wilayah

from triage.regions import local_time, region_name, villages, villages_like

CENTRAL = {
    "Bali", "Nusa Tenggara Barat", "Nusa Tenggara Timur", "Kalimantan Selatan", "Kalimantan Timur",
    "Kalimantan Utara", "Sulawesi Utara", "Sulawesi Tengah", "Sulawesi Selatan", "Sulawesi Tenggara",
    "Gorontalo", "Sulawesi Barat",
}  # fmt: skip
EAST = {
    "Maluku", "Maluku Utara", "Papua", "Papua Barat", "Papua Selatan", "Papua Tengah", "Papua Pegunungan",
    "Papua Barat Daya",
}  # fmt: skip
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


@pytest.mark.parametrize("province", wilayah.list_wilayah(), ids=lambda province: province.name)
def test_every_regency_goes_by_the_time_of_its_province(province: wilayah.Wilayah) -> None:
    label = "WITA" if province.name in CENTRAL else "WIT" if province.name in EAST else "WIB"
    for regency in wilayah.list_wilayah(province.code):
        found = local_time(regency.code)
        assert (found.label, found.zone.key) == (label, ZONES[label])


def test_the_times_of_all_provinces_are_known() -> None:
    assert {province.name for province in wilayah.list_wilayah()} >= CENTRAL | EAST


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("35.08", "Kabupaten Lumajang"),
        ("51.71", "Kota Denpasar"),
        ("95.01", "Kabupaten Jayawijaya"),
        ("99.99", "99.99"),
    ],
)
def test_a_region_has_its_official_name(code: str, name: str) -> None:
    assert region_name(code) == name


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Candipuro, Candipuro", ["Candipuro, Candipuro"]),
        ("sumber wuluh", ["Sumberwuluh, Candipuro"]),
        ("kec. gucialit dadapan", ["Dadapan, Gucialit"]),
        ("jatis", ["Jatisari, Kedungjajang", "Jatisari, Tempeh"]),
        ("oro oro", ["Oro-oro Ombo, Pronojiwo"]),
        ("Dicoret", []),
        ("  ,. ", []),
        ("35.08.02.2001", ["Sidomulyo, Pronojiwo"]),
        ("35.09.01.2001", []),
    ],
)
def test_villages_are_found_by_how_people_write_them(typed: str, found: list[str]) -> None:
    assert [str(village) for village in villages_like("35.08", typed)] == found


def test_each_village_is_found_by_its_own_name_and_code() -> None:
    for village in villages("35.08"):
        assert villages_like("35.08", str(village)) == (village,)
        assert villages_like("35.08", village.code) == (village,)
